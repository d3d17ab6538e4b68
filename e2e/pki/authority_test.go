package pki_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
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

func TestACertificateIsGoodForItsHostsAndItsUseAlone(t *testing.T) {
	t.Parallel()
	authority, err := pki.NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	leafOf := func(pair pki.Pair, err error) *x509.Certificate {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		certificate, err := pair.TLS()
		if err != nil {
			t.Fatal(err)
		}
		return certificate.Leaf
	}
	server := leafOf(authority.Server("localhost", "127.0.0.1"))
	for host, good := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.0.0.2": false, "elsewhere": false, "sub.localhost": false,
	} {
		_, err := server.Verify(x509.VerifyOptions{Roots: authority.Pool(), DNSName: host})
		if (err == nil) != good {
			t.Errorf("%s: %v", host, err)
		}
	}
	client := leafOf(authority.Client("someone"))
	for name, certificate := range map[string]*x509.Certificate{"server": server, "client": client} {
		if certificate.IsCA {
			t.Errorf("the %s's certificate can sign others", name)
		}
	}
	if _, err := client.Verify(x509.VerifyOptions{Roots: authority.Pool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}); err == nil {
		t.Error("a client's certificate serves")
	}
	if _, err := server.Verify(x509.VerifyOptions{Roots: authority.Pool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err == nil {
		t.Error("a server's certificate logs in")
	}
}

func TestTheAuthoritysKeyIsForItsOwnersEyesOnly(t *testing.T) {
	t.Parallel()
	authority, err := pki.NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := authority.Save(dir); err != nil {
		t.Fatal(err)
	}
	certificate, err := os.ReadFile(pki.CertificatePath(dir))
	if err != nil || strings.Contains(string(certificate), "PRIVATE") {
		t.Errorf("the certificate that all read: %v: %s", err, certificate)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), "PRIVATE") && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %s", entry.Name(), info.Mode())
		}
	}
}

func TestAKeyOfAnotherAuthorityIsNotLoaded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"one", "another"} {
		authority, err := pki.NewAuthority(name)
		if err != nil {
			t.Fatal(err)
		}
		certificate, err := os.ReadFile(pki.CertificatePath(dir))
		if err := authority.Save(dir); err != nil {
			t.Fatal(err)
		}
		if err == nil {
			if err := os.WriteFile(pki.CertificatePath(dir), certificate, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := pki.Load(dir); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v", err)
	}
}
