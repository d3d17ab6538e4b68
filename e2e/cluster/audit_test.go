package cluster

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

const canary = "canary-0123456789"

// wholeLine is an event with everything that is kept, as kube-apiserver writes
// it.
const wholeLine = `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"7f3a","stage":"ResponseComplete",` +
	`"requestURI":"/api/v1/namespaces/n/pods/p/exec?command=sh&access_token=` + canary + `","verb":"create",` +
	`"user":{"username":"proxy","groups":["system:masters"]},"impersonatedUser":{"username":"alice","groups":["developers","system:authenticated"]},` +
	`"objectRef":{"resource":"pods","namespace":"n","name":"p","apiGroup":"example.org","apiVersion":"v1","subresource":"exec"},` +
	`"responseStatus":{"metadata":{},"code":101},` +
	`"requestReceivedTimestamp":"2026-01-02T03:04:05.000006Z","stageTimestamp":"2026-01-02T03:04:06.000007Z",` +
	`"annotations":{"authorization.k8s.io/decision":"allow"}}` + "\n"

// bareLine is an event of a request for no resource, before it was answered.
const bareLine = `{"auditID":"8b","stage":"RequestReceived","requestURI":"/readyz","verb":"get","user":{"username":"system:anonymous"}}` + "\n"

func TestAnEventKeepsWhoAskedForWhatAsWhom(t *testing.T) {
	t.Parallel()
	whole := AuditEvent{
		AuditID: "7f3a", Stage: "ResponseComplete", Verb: "create", User: "proxy", Groups: []string{"system:masters"},
		ImpersonatedUser: "alice", ImpersonatedGroups: []string{"developers", "system:authenticated"}, Code: 101,
		ReceivedAt: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), StageAt: time.Date(2026, 1, 2, 3, 4, 6, 7000, time.UTC),
		Resource: "pods", Subresource: "exec", APIGroup: "example.org", Namespace: "n", Name: "p",
		Annotations: map[string]string{"authorization.k8s.io/decision": "allow"},
	}
	// Of a request for no resource, without an answer, nobody impersonated.
	bare := AuditEvent{
		AuditID: "8b", Stage: "RequestReceived", Verb: "get", RequestURI: "/readyz", User: "system:anonymous",
	}
	for line, want := range map[string]AuditEvent{wholeLine: whole, bareLine: bare} {
		event, err := parseAudit([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(event.RequestURI, canary) || !strings.HasPrefix(event.RequestURI, "/") {
			t.Errorf("the request's address is kept as %q", event.RequestURI)
		}
		if want.RequestURI == "" {
			want.RequestURI = event.RequestURI
		}
		if !reflect.DeepEqual(event, want) {
			t.Errorf("got  %+v\nwant %+v", event, want)
		}
	}
}

func TestALineThatIsNoEventIsAnErrorThatDoesNotQuoteIt(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"\n", "access_token=" + canary + "\n", `{"responseStatus":{"code":"` + canary + `"}}` + "\n"} {
		_, err := readAudit(bufio.NewReader(strings.NewReader(bareLine+line)), everything)
		if err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("for %q got %v", line, err)
		}
	}
}

func TestALineThatIsStillBeingWrittenIsReadTheNextTime(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.log")
	log, err := OpenAudit(path) // before there is one
	if err != nil {
		t.Fatal(err)
	}
	half := len(wholeLine) / 2
	write(t, path, bareLine+wholeLine[:half])
	expectIDs(t, log, "8b")
	write(t, path, wholeLine[half:len(wholeLine)-1])
	expectIDs(t, log, "8b")
	write(t, path, "\n")
	expectIDs(t, log, "8b", "7f3a")
}

func TestALogShowsTheEventsThatBeganAfterItWasOpened(t *testing.T) {
	t.Parallel()
	for name, writing := range map[string]int{
		"while nothing was written":              0,
		"when one byte was written":              1,
		"while a line was written":               len(wholeLine) / 2,
		"when a line lacked nothing but its end": len(wholeLine) - 1,
		"when a line had just been written":      len(wholeLine),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "audit.log")
			write(t, path, wholeLine+wholeLine[:writing])
			log, err := OpenAudit(path)
			if err != nil {
				t.Fatal(err)
			}
			expectIDs(t, log)
			write(t, path, wholeLine[writing:])
			write(t, path, bareLine)
			want := []string{"7f3a", "8b"}
			if writing > 0 {
				want = want[1:]
			}
			expectIDs(t, log, want...)
		})
	}
}

func TestALogThatIsNotThereCannotBeRead(t *testing.T) {
	t.Parallel()
	log, err := OpenAudit(filepath.Join(t.TempDir(), "audit.log"))
	if err != nil {
		t.Fatal(err)
	}
	if events, err := log.Read(everything); err == nil {
		t.Errorf("no log shows %v: silence must not pass for nothing having happened", events)
	}
}

// FuzzReadAudit cuts a log anywhere: what has been read by then is never taken
// back, and nothing is made up.
func FuzzReadAudit(f *testing.F) {
	f.Add([]byte(wholeLine+bareLine), uint(100))
	f.Add([]byte(bareLine+"{}\n\n"), uint(1))
	f.Add([]byte("{\"auditID\":\"\xff\"}\n[]\nnull\n"), uint(20))
	f.Fuzz(func(t *testing.T, log []byte, cut uint) {
		whole, err := readAudit(bufio.NewReader(bytes.NewReader(log)), everything)
		part, partErr := readAudit(bufio.NewReader(bytes.NewReader(log[:cut%uint(len(log)+1)])), everything)
		if partErr != nil && err == nil {
			t.Fatalf("the beginning of a sound log is refused: %v", partErr)
		}
		if err != nil {
			return
		}
		if len(whole) != bytes.Count(log, []byte("\n")) {
			t.Fatalf("%d events in %d lines", len(whole), bytes.Count(log, []byte("\n")))
		}
		if len(part) > len(whole) || (len(part) > 0 && !reflect.DeepEqual(part, whole[:len(part)])) {
			t.Fatalf("%v is not the beginning of %v", part, whole)
		}
	})
}

// FuzzParseAudit reads any line, and then an event with a token behind any
// address, which must not be kept.
func FuzzParseAudit(f *testing.F) {
	f.Add(wholeLine, "/api/v1/namespaces/n/pods/p/exec?command=sh")
	f.Add(bareLine, "/apis?watch=true#fragment")
	f.Add(`{"user":{"groups":null},"objectRef":{},"responseStatus":{"code":-1}}`, "%zz?;")
	f.Fuzz(func(t *testing.T, line, address string) {
		if event, err := parseAudit([]byte(line)); err == nil && (event.ReceivedAt.Location() != time.UTC || event.StageAt.Location() != time.UTC) {
			t.Fatalf("times of %q are not in UTC", line)
		}
		encoded, err := json.Marshal(map[string]string{"requestURI": address + "?access_token=" + canary})
		if err != nil {
			t.Fatal(err)
		}
		event, err := parseAudit(encoded)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(event.RequestURI, canary) {
			t.Fatalf("%q is kept", event.RequestURI)
		}
	})
}

func everything(AuditEvent) bool { return true }

func write(t *testing.T, path, text string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

func expectIDs(t *testing.T, log *AuditLog, want ...string) {
	t.Helper()
	events, err := log.Read(everything)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, event := range events {
		got = append(got, event.AuditID)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read the events %v, want %v", got, want)
	}
}
