package identityproxy_test

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/identityproxy"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/provision"
)

const secret = "the-secret-of-the-client"

// start starts a proxy before nothing, and at an issuer that tells no more than where
// its login is.
func start(t *testing.T) (proxy *identityproxy.Proxy, issuer, dir string, client *http.Client) {
	t.Helper()
	cacheDir, err := provision.CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	executable, err := provision.IdentityProxy(t.Context(), cacheDir, progress.To(os.Stderr))
	if err != nil {
		t.Fatal(err)
	}
	authority, err := pki.NewAuthority(t.Name())
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	if err := authority.Save(dir); err != nil {
		t.Fatal(err)
	}
	issuer = serveIssuer(t, authority)
	proxy, err = identityproxy.Start(t.Context(), identityproxy.Options{
		Executable: executable, Authority: authority, IssuerCA: pki.CertificatePath(dir),
		Dir: filepath.Join(dir, "proxy"), LogDir: filepath.Join(dir, "logs"),
		Front: "https://localhost:1", Dashboard: &url.URL{Scheme: "http", Host: "127.0.0.1:1"},
		Issuer: issuer, ClientID: "headlamp", ClientSecret: secret, Scopes: []string{"profile"}, RenewAfter: 10 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := proxy.Stop(); err != nil {
			t.Error(err)
		}
	})
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authority.Pool()}}
	t.Cleanup(transport.CloseIdleConnections)
	return proxy, issuer, dir, &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func serveIssuer(t *testing.T, authority *pki.Authority) string {
	t.Helper()
	pair, err := authority.Server("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{
			"issuer": server.URL, "authorization_endpoint": server.URL + "/auth", "token_endpoint": server.URL + "/token", "jwks_uri": server.URL + "/keys",
			"code_challenge_methods_supported": []string{"S256"},
		})
	})
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

func TestAStrangerIsSentToTheLoginOrRefusedWhateverTheyClaim(t *testing.T) {
	t.Parallel()
	proxy, issuer, _, client := start(t)
	for path, want := range map[string]int{"/": http.StatusFound, "/clusters/main/version": http.StatusUnauthorized, "/config": http.StatusUnauthorized} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, proxy.URL.String()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header = http.Header{
			identityproxy.TokenHeader: {"forged"}, identityproxy.UserHeader: {"admin"}, "Authorization": {"Bearer forged"},
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: answered %s", path, response.Status)
		}
		if to := response.Header.Get("Location"); want == http.StatusFound &&
			(!strings.HasPrefix(to, issuer+"/auth?") || !strings.Contains(to, url.QueryEscape("https://localhost:1"+identityproxy.Callback))) {
			t.Errorf("sent to %s", to)
		}
	}
}

func TestNobodyElseMayReadItsSecrets(t *testing.T) {
	t.Parallel()
	proxy, _, dir, _ := start(t)
	if log, err := os.ReadFile(proxy.LogFile()); err != nil || strings.Contains(string(log), secret) {
		t.Errorf("its log has the client's secret, or %v", err)
	}
	found := 0
	err := fs.WalkDir(os.DirFS(dir), "proxy", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if strings.Contains(string(content), secret) || strings.Contains(string(content), "PRIVATE KEY") {
			found++
			if info.Mode().Perm() != 0o600 {
				return fmt.Errorf("%s is %s", path, info.Mode())
			}
		}
		return nil
	})
	if err != nil || found != 2 {
		t.Errorf("%d files with secrets, %v", found, err)
	}
}
