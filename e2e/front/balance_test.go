package front_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// visit gets a path as a browser does that has a session, and returns which
// replica answered.
func (r *rig) visit(t *testing.T, path, session string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.front.URL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if session != "" {
		request.AddCookie(&http.Cookie{Name: "headlamp-auth-main.0", Value: session})
	}
	response, err := r.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// giving answers with a replica's name, and gives out the session that the query
// asks for.
func giving(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if session := r.URL.Query().Get("give"); session != "" {
			http.SetCookie(w, &http.Cookie{Name: "headlamp-auth-main.0", Value: session})
		}
		_, _ = io.WriteString(w, name)
	}
}

func TestALoginEndsAtAnotherReplicaThanItBeganAt(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.front.SetReplicas(replica(t, giving("one")), replica(t, giving("two")))
	for between := range 4 {
		begun := r.visit(t, "/oidc?cluster=main", "")
		for range between {
			r.visit(t, "/clusters/main/healthz", "")
		}
		if ended := r.visit(t, "/headlamp/oidc-callback?code=x", ""); ended == begun {
			t.Errorf("with %d requests between: both at %s", between, ended)
		}
	}
}

func TestASessionIsServedByAnotherReplicaThanGaveItOut(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.front.SetReplicas(replica(t, giving("one")), replica(t, giving("two")))
	for _, given := range []string{"a", "b", "c", "d", "e"} {
		giver := r.visit(t, "/clusters/main/me?give="+given, "")
		for range 3 {
			if got := r.visit(t, "/clusters/main/healthz", given); got == giver {
				t.Errorf("session %s came back to %s, which gave it out", given, giver)
			}
			r.visit(t, "/style.css", "")
		}
	}
}

func TestASingleReplicaGetsItsOwnSessions(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.front.SetReplicas(replica(t, giving("one")))
	r.visit(t, "/clusters/main/me?give=a", "")
	if got := r.visit(t, "/clusters/main/healthz", "a"); got != "one" {
		t.Errorf("got %q", got)
	}
}

func TestWhatIsLetPastGoesElsewhereAndTheRestDoesNot(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.front.SetReplicas(replica(t, giving("proxy")))
	r.front.LetPast(func(request *http.Request) bool { return request.URL.Path == "/past" }, replica(t, giving("dashboard")))
	for path, want := range map[string]string{"/past": "dashboard", "/other": "proxy"} {
		if got := r.visit(t, path, ""); got != want {
			t.Errorf("%s was answered by %s", path, got)
		}
	}
}

func TestTheFrontTellsWhichReplicaItAsked(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	one := replica(t, giving("one"))
	r.front.SetReplicas(one)
	r.visit(t, "/", "")
	seen := r.recorder.Timeline().Of(timeline.Front, timeline.Responded)
	if len(seen) != 1 || seen[0].Request.Replica != one.Host {
		t.Errorf("got %+v", seen)
	}
}
