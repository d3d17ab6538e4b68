package pki_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
)

func TestServerCertificateIsTrustedByItsAuthorityAlone(t *testing.T) {
	t.Parallel()
	authority, err := pki.NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := pki.NewAuthority("stranger")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := authority.Server("localhost", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.StartTLS()
	t.Cleanup(server.Close)

	get := func(roots *x509.CertPool) error {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
		defer client.CloseIdleConnections()
		response, err := client.Get(server.URL)
		if err == nil {
			response.Body.Close()
		}
		return err
	}
	if err := get(authority.Pool()); err != nil {
		t.Errorf("its own authority: %v", err)
	}
	if err := get(stranger.Pool()); err == nil {
		t.Error("a strange authority was trusted")
	}
}

func TestLoadReadsWhatSaveWrote(t *testing.T) {
	t.Parallel()
	authority, err := pki.NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := authority.Save(dir); err != nil {
		t.Fatal(err)
	}
	loaded, err := pki.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := loaded.Client("someone", "a-group")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	leaf := certificate.Leaf
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: authority.Pool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		t.Errorf("verify: %v", err)
	}
	if leaf.Subject.CommonName != "someone" || leaf.Subject.Organization[0] != "a-group" {
		t.Errorf("subject: %v", leaf.Subject)
	}
	if _, err := authority.Server(); err == nil {
		t.Error("a server certificate without a host was issued")
	}
	if _, err := pki.Load(t.TempDir()); err == nil {
		t.Error("an authority was loaded from an empty directory")
	}
}
