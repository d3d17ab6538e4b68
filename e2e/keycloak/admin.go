package keycloak

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact/leak"
)

const (
	requestTimeout = 30 * time.Second
	// answerLimit is the longest answer that is read, in bytes.
	answerLimit = 16 << 20
)

// Admin administers the realms. It may be used from many goroutines.
type Admin struct {
	endpoint Endpoint
	secrets  secrets
	ledger   *leak.Ledger // of the secrets that it handles, or nil
	http     *http.Client // as the administrator
	plain    *http.Client // as nobody
}

// Connect returns an administrator's client. It asks nothing of Keycloak yet.
func Connect(endpoint Endpoint) (*Admin, error) {
	authority, err := os.ReadFile(endpoint.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read Keycloak's authority: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("there is no certificate in %s", endpoint.CAFile)
	}
	if err := Check(endpoint.Version); err != nil {
		return nil, err
	}
	content, err := os.ReadFile(endpoint.SecretsFile)
	if err != nil {
		return nil, fmt.Errorf("read the administrator's secret: %w", err)
	}
	admin := &Admin{endpoint: endpoint, plain: newHTTPClient(roots)}
	if err := json.Unmarshal(content, &admin.secrets); err != nil {
		return nil, fmt.Errorf("read the administrator's secret: %w", err)
	}
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, admin.plain)
	tokens := releases[endpoint.Version].administrator(ctx, endpoint.Issuer("master")+"/protocol/openid-connect/token", Secret(admin.secrets.Admin))
	admin.http = oauth2.NewClient(ctx, tokens)
	admin.http.Timeout = requestTimeout
	return admin, nil
}

// NoteSecrets notes every secret that the administrator handles, from now on.
func (a *Admin) NoteSecrets(ledger *leak.Ledger) {
	a.ledger = ledger
	ledger.Note(leak.AdminPassword, a.secrets.Admin)
	for _, secret := range a.secrets.Clients {
		ledger.Note(leak.ClientSecret, secret)
	}
}

// Now is Keycloak's clock, read from an answer of its own, to the second.
func (a *Admin) Now(ctx context.Context) (time.Time, error) {
	begun := time.Now()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, a.endpoint.Issuer("master"), nil)
	if err != nil {
		return time.Time{}, err
	}
	response, err := a.plain.Do(request)
	if err != nil {
		return time.Time{}, fmt.Errorf("ask Keycloak for its time: %w", err)
	}
	defer response.Body.Close()
	now := time.Now()
	told, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		// Keycloak runs on this machine; without a Date it has our clock.
		return now, nil //nolint:nilerr // a missing header is no failure
	}
	// The header has whole seconds: a clock that agrees with ours to the second
	// is ours.
	if difference := told.Sub(begun.Truncate(time.Second)); difference.Abs() <= now.Sub(begun)+time.Second {
		return now, nil
	}
	return told, nil
}

// StatusError is an answer of Keycloak's that was not asked for.
type StatusError struct {
	Status  int
	Method  string
	Path    string
	Message string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("Keycloak: %s %s: %d %s", e.Method, e.Path, e.Status, e.Message)
}

// call sends a request below /admin/realms and decodes the answer into result,
// if there is one. It returns the id of what a POST has made.
func (a *Admin) call(ctx context.Context, method, below string, query url.Values, body, result any) (id string, err error) {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return "", fmt.Errorf("encode what %s %s sends: %w", method, below, err)
		}
		content = bytes.NewReader(encoded)
	}
	address := strings.TrimSuffix(a.endpoint.URL+"/admin/realms/"+below, "/")
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, address, content)
	if err != nil {
		return "", err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := a.http.Do(request)
	if err != nil {
		return "", fmt.Errorf("Keycloak: %s %s: %w", method, below, hideSecret(err))
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return "", fmt.Errorf("Keycloak: read the answer to %s %s: %w", method, below, err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		return "", &StatusError{Status: response.StatusCode, Method: method, Path: below, Message: messageOf(answer)}
	}
	if result != nil {
		if err := json.Unmarshal(answer, result); err != nil {
			return "", fmt.Errorf("Keycloak: read the answer to %s %s: %w", method, below, err)
		}
	}
	return path.Base(response.Header.Get("Location")), nil
}

// hideSecret drops an OAuth error's body, which may repeat what was sent.
func hideSecret(err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		return fmt.Errorf("the administrator was refused a token: %s %s", refused.Response.Status, refused.ErrorCode)
	}
	return err
}

// messageOf is what Keycloak says about an error.
func messageOf(answer []byte) string {
	var said struct {
		Error            string `json:"error"`
		ErrorMessage     string `json:"errorMessage"`
		ErrorDescription string `json:"error_description"`
	}
	if json.Unmarshal(answer, &said) != nil {
		return ""
	}
	for _, message := range []string{said.ErrorMessage, said.ErrorDescription, said.Error} {
		if message != "" {
			return message
		}
	}
	return ""
}

func newHTTPClient(roots *x509.CertPool) *http.Client {
	return &http.Client{
		Timeout: requestTimeout,
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
		},
	}
}
