package wire_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/wire"
)

func TestARequestPassesWholeAndIsRecordedWithoutItsSecrets(t *testing.T) {
	t.Parallel()
	bearer := token(`{"iss":"https://idp","preferred_username":"dev","exp":1700000000}`)
	kept := token(`{"preferred_username":"kept"}`)
	set := token(`{"preferred_username":"set"}`)
	r := newRig(t, func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		switch {
		case request.Header.Get("Authorization") != "Bearer "+bearer, !strings.Contains(request.Header.Get("Cookie"), kept[:40]),
			request.URL.RawQuery != "code=the-code&limit=1", string(body) != "body", request.Method != http.MethodPost:
			w.WriteHeader(http.StatusTeapot)
			return
		}
		w.Header().Add("Set-Cookie", "headlamp-auth-main.0="+set+"; Path=/clusters/main; HttpOnly; Secure; SameSite=Strict; Max-Age=60")
		w.Header().Add("Set-Cookie", "opaque=value-of-the-cookie; SameSite=Lax")
		w.Header().Add("Set-Cookie", "gone=; Max-Age=0")
		w.WriteHeader(http.StatusCreated)
	})
	request := r.request(t, t.Context(), http.MethodPost, "/api/v1/x?code=the-code&limit=1", strings.NewReader("body"))
	request.Header.Set("Authorization", "Bearer "+bearer)
	request.Header.Set("Cookie", "headlamp-auth-main.1="+kept[50:]+"; headlamp-auth-main.0="+kept[:50])
	request.Header.Set("User-Agent", "agent")
	request.Header["Impersonate-User"] = []string{"boss"}
	request.Header["Impersonate-Group"] = []string{"a", "b"}
	begun := time.Now()
	response, err := r.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusCreated || len(response.Header.Values("Set-Cookie")) != 3 {
		t.Errorf("answered %d, %v", response.StatusCode, response.Header)
	}
	record := r.recorded(t, timeline.Responded)
	if record.Method != http.MethodPost || record.Status != http.StatusCreated || record.ID != "tap-1" || record.UserAgent != "agent" || record.WebSocket {
		t.Errorf("recorded %+v", record)
	}
	if record.URL != "/api/v1/x?code=redacted-"+redact.Hash("the-code")+"&limit=1" {
		t.Errorf("URL %s", record.URL)
	}
	if record.Began.Before(begun.Add(-time.Second)) || record.Began.After(time.Now()) {
		t.Errorf("began %s", record.Began)
	}
	if record.Bearer == nil || record.Bearer.Hash != redact.Hash(bearer) || record.Bearer.Username != "dev" || record.Bearer.Issuer != "https://idp" {
		t.Errorf("bearer %+v", record.Bearer)
	}
	if record.CookieToken == nil || record.CookieToken.Hash != redact.Hash(kept) {
		t.Errorf("token in the cookie %+v", record.CookieToken)
	}
	if asked := record.Impersonation; asked == nil || asked.User != "boss" || !slices.Equal(asked.Groups, []string{"a", "b"}) {
		t.Errorf("impersonation %+v", asked)
	}
	checkCookies(t, record.SetCookies, set)
	saved, err := json.Marshal(r.recorder.Timeline().Events)
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{"the-code", "value-of-the-cookie"}
	for _, token := range []string{bearer, kept, set} {
		secrets = append(secrets, strings.Split(token, ".")...)
	}
	for _, secret := range secrets {
		if strings.Contains(string(saved), secret) {
			t.Errorf("%q is in what was recorded: %s", secret, saved)
		}
	}
}

func checkCookies(t *testing.T, cookies []timeline.Cookie, token string) {
	t.Helper()
	if len(cookies) != 3 {
		t.Fatalf("cookies %+v", cookies)
	}
	if c := cookies[0]; c.Name != "headlamp-auth-main.0" || c.Path != "/clusters/main" || !c.HTTPOnly || !c.Secure || c.SameSite != "Strict" ||
		c.MaxAge != 60 || c.Deleted || c.Token == nil || c.Token.Hash != redact.Hash(token) || c.Hash != redact.Hash(token) {
		t.Errorf("cookie %+v", c)
	}
	if c := cookies[1]; c.HTTPOnly || c.Secure || c.SameSite != "Lax" || c.Token != nil || c.Hash != redact.Hash("value-of-the-cookie") {
		t.Errorf("cookie %+v", c)
	}
	if c := cookies[2]; !c.Deleted || c.Hash != "" {
		t.Errorf("cookie %+v", c)
	}
}

func TestEveryStatusIsPassedOnAndRecorded(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(w http.ResponseWriter, request *http.Request) {
		var status int
		_, _ = fmt.Sscanf(request.URL.Path, "/%d", &status)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	})
	statuses := []int{200, 204, 302, 304, 401, 403, 404, 429, 500, 503}
	for i, status := range statuses {
		if got, _ := r.get(t, fmt.Sprintf("/%d", status)); got != status {
			t.Errorf("%d was answered as %d", status, got)
		}
		records := r.recorder.Timeline().Of(timeline.Tap, timeline.Responded)
		if len(records) != i+1 || records[i].Request.Status != status || records[i].Request.ID != fmt.Sprintf("tap-%d", i+1) {
			t.Fatalf("%d: recorded %+v", status, records)
		}
	}
	if len(r.kinds()) != len(statuses) {
		t.Errorf("recorded %v", r.kinds())
	}
}

func TestAWatchPassesEventByEventAndItsEndIsRecorded(t *testing.T) {
	t.Parallel()
	for _, protocol := range []int{1, 2} {
		goOn := make(chan struct{})
		r := newRig(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "one\n")
			w.(http.Flusher).Flush()
			<-goOn
			_, _ = io.WriteString(w, "two\n")
		})
		client := r.client
		if protocol == 2 {
			client = r.http2
		}
		response, err := client.Do(r.request(t, t.Context(), http.MethodGet, "/api/v1/pods?watch=1", nil))
		if err != nil {
			t.Fatal(err)
		}
		if response.ProtoMajor != protocol {
			t.Errorf("HTTP/%d, want %d", response.ProtoMajor, protocol)
		}
		lines := bufio.NewReader(response.Body)
		// The upstream goes on only when the first event has come through.
		if line, err := lines.ReadString('\n'); err != nil || line != "one\n" {
			t.Fatalf("got %q, %v", line, err)
		}
		if kinds := r.kinds(); !slices.Equal(kinds, []timeline.Kind{timeline.Responded}) {
			t.Errorf("while it is open: %v", kinds)
		}
		close(goOn)
		if rest, err := io.ReadAll(lines); err != nil || string(rest) != "two\n" {
			t.Errorf("got %q, %v", rest, err)
		}
		response.Body.Close()
		if ended := r.recorded(t, timeline.Ended); ended.Status != http.StatusOK || ended.ID != "tap-1" {
			t.Errorf("ended %+v", ended)
		}
	}
}

func TestAWatchThatTheClientLeavesHasEnded(t *testing.T) {
	t.Parallel()
	left := make(chan struct{})
	r := newRig(t, func(w http.ResponseWriter, request *http.Request) {
		_, _ = io.WriteString(w, "one\n")
		w.(http.Flusher).Flush()
		<-request.Context().Done()
		close(left)
	})
	ctx, leave := context.WithCancel(t.Context())
	response, err := r.client.Do(r.request(t, ctx, http.MethodGet, "/api/v1/pods?watch=true", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	leave()
	r.recorded(t, timeline.Ended)
	select {
	case <-left:
	case <-time.After(patience):
		t.Error("the upstream was never told")
	}
	if kinds := r.kinds(); !slices.Equal(kinds, []timeline.Kind{timeline.Responded, timeline.Ended}) {
		t.Errorf("recorded %v", kinds)
	}
}

func TestAnUpstreamThatIsDownIsAFailureAnd502(t *testing.T) {
	t.Parallel()
	r := newRig(t, http.NotFound, func(options *wire.Options) {
		options.Upstream = func(*http.Request) (*url.URL, error) { return url.Parse("https://127.0.0.1:1") }
	})
	if status, _ := r.get(t, "/api"); status != http.StatusBadGateway {
		t.Errorf("answered %d", status)
	}
	if failed := r.recorded(t, timeline.Failed); failed.Status != http.StatusBadGateway || !strings.Contains(failed.Error, "refused") || failed.URL != "/api" {
		t.Errorf("recorded %+v", failed)
	}
	if kinds := r.kinds(); len(kinds) != 1 {
		t.Errorf("recorded %v", kinds)
	}
}

func TestAnUpstreamOfAnotherAuthorityIsNotTrusted(t *testing.T) {
	t.Parallel()
	stranger, err := pki.NewAuthority("stranger")
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, http.NotFound, func(options *wire.Options) {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: stranger.Pool()}}
		t.Cleanup(transport.CloseIdleConnections)
		options.Transport = transport
	})
	if status, _ := r.get(t, "/"); status != http.StatusBadGateway {
		t.Errorf("answered %d", status)
	}
	if failed := r.recorded(t, timeline.Failed); !strings.Contains(failed.Error, "certificate") {
		t.Errorf("recorded %+v", failed)
	}
}

func TestAFailureIsRecordedWithoutTheSecretInItsError(t *testing.T) {
	t.Parallel()
	secret := token(`{"preferred_username":"dev"}`)
	r := newRig(t, http.NotFound, func(options *wire.Options) {
		options.Upstream = func(*http.Request) (*url.URL, error) { return nil, errors.New("malformed response: " + secret) }
	})
	if status, body := r.get(t, "/"); status != http.StatusBadGateway || body != "" {
		t.Errorf("answered %d, %q", status, body)
	}
	if failed := r.recorded(t, timeline.Failed); !strings.HasPrefix(failed.Error, "malformed response: redacted-") {
		t.Errorf("recorded %+v", failed)
	}
}

func TestARequestThatTheClientGivesUpIsNoFailureOfTheUpstream(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(r *rig, request *http.Request) (*http.Response, error){
		"HTTP/1.1": func(r *rig, request *http.Request) (*http.Response, error) { return r.client.Do(request) },
		"HTTP/2":   func(r *rig, request *http.Request) (*http.Response, error) { return r.http2.Do(request) },
	} {
		for _, body := range []io.Reader{nil, endless{}} {
			arrived := make(chan struct{})
			r := newRig(t, func(_ http.ResponseWriter, request *http.Request) {
				close(arrived)
				_, _ = io.Copy(io.Discard, request.Body)
				<-request.Context().Done()
				panic(http.ErrAbortHandler) // or it would answer
			})
			ctx, giveUp := context.WithCancel(t.Context())
			go func() {
				<-arrived
				giveUp()
			}()
			response, err := send(r, r.request(t, ctx, http.MethodPost, "/", body))
			if err == nil {
				// What the proxy answers may come before the client knows that it gave up.
				response.Body.Close()
			}
			if failed := r.recorded(t, timeline.Failed); failed.Error != "canceled by the client" || failed.Status != 0 {
				t.Errorf("%s, a body %v: recorded %+v", name, body != nil, failed)
			}
		}
	}
}

// endless is a request's body that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, "x"), nil }

func TestARefusalOfTheProxysOwnIsAnsweredAndRecorded(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(http.ResponseWriter, *http.Request) { t.Error("the upstream was asked") }, func(options *wire.Options) {
		options.Incoming = func(_ *http.Request, record *timeline.Request) (*http.Request, *wire.Refusal) {
			record.Stripped = []string{"Impersonate-User"}
			return nil, &wire.Refusal{Status: http.StatusUnauthorized, ContentType: "application/json", Body: []byte(`{"code":401}`), Reason: "expired"}
		}
	})
	if status, body := r.get(t, "/"); status != http.StatusUnauthorized || body != `{"code":401}` {
		t.Errorf("answered %d, %q", status, body)
	}
	record := r.recorded(t, timeline.Responded)
	if record.Status != http.StatusUnauthorized || record.Error != "expired" || !slices.Equal(record.Stripped, []string{"Impersonate-User"}) {
		t.Errorf("recorded %+v", record)
	}
}

func TestWhatItsMakerChangesIsSentAndRecorded(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(w http.ResponseWriter, request *http.Request) {
		_, _ = io.WriteString(w, request.Header.Get("X-In")+request.Header.Get("X-Out")+request.Host)
	}, func(options *wire.Options) {
		options.Incoming = func(request *http.Request, _ *timeline.Request) (*http.Request, *wire.Refusal) {
			changed := request.Clone(request.Context())
			changed.Header.Set("X-In", "in,")
			return changed, nil
		}
		options.Outgoing = func(request *httputil.ProxyRequest, record *timeline.Request) {
			request.Out.Header.Set("X-Out", "out,")
			request.Out.Host = "host"
			record.AuditID = "audit"
		}
		options.Wrap = func(proxy http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
				if request.URL.Path == "/kept-from-the-proxy" {
					w.WriteHeader(http.StatusTeapot)
					return
				}
				proxy.ServeHTTP(w, request)
			})
		}
	})
	if status, _ := r.get(t, "/kept-from-the-proxy"); status != http.StatusTeapot || len(r.kinds()) != 0 {
		t.Errorf("answered %d, recorded %v", status, r.kinds())
	}
	if _, body := r.get(t, "/"); body != "in,out,host" {
		t.Errorf("the upstream saw %q", body)
	}
	if record := r.recorded(t, timeline.Responded); record.AuditID != "audit" {
		t.Errorf("recorded %+v", record)
	}
}

func TestAnAnswerThatBreaksOffIsRecorded(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	response, err := r.client.Do(r.request(t, t.Context(), http.MethodGet, "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if content, err := io.ReadAll(response.Body); err == nil {
		t.Errorf("the answer came to its end, with %q", content)
	}
	if record := r.recorded(t, timeline.BrokenOff); record.Status != http.StatusOK || !strings.Contains(record.Error, "unexpected EOF") {
		t.Errorf("recorded are the status %d and the error %q", record.Status, record.Error)
	}
}

// The upstream's answer begins before the client's body has ended. Whoever closes
// that body then makes the transport cut the answer off.
func TestAnAnswerThatComesBeforeTheBodysEndIsWhole(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(w http.ResponseWriter, request *http.Request) {
		control := http.NewResponseController(w)
		if err := control.EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, "begun, ")
		_ = control.Flush()
		_, _ = io.Copy(w, request.Body)
	})
	for name, client := range map[string]*http.Client{"HTTP/1.1": r.client, "HTTP/2": r.http2} {
		body, rest := io.Pipe()
		request := r.request(t, t.Context(), http.MethodPost, "/", body)
		request.ContentLength = int64(len("half and half"))
		go func() { _, _ = io.WriteString(rest, "half ") }()
		response, err := client.Do(request)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		defer response.Body.Close()
		go func() { _, _ = io.WriteString(rest, "and half"); rest.Close() }()
		if content, err := io.ReadAll(response.Body); err != nil || string(content) != "begun, half and half" {
			t.Errorf("%s: answered %q, %v", name, content, err)
		}
	}
}
