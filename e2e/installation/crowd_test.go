package installation

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

func TestWhoseAnAnswerIs(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"message":"clusterroles is forbidden: User \"dev\" cannot list resource"}`: "dev",
		`{"message":"nothing of that kind"}`:                                         "",
		"":                                                                           "",
	} {
		if got := forbiddenTo([]byte(body)); got != want {
			t.Errorf("%s is an answer to %q", body, got)
		}
	}
	for body, want := range map[string]string{`{"status":{"userInfo":{"username":"dev"}}}`: "dev", "no JSON": ""} {
		if got, _ := readReview([]byte(body)); got.User != want {
			t.Errorf("%s is an answer to %q", body, got.User)
		}
	}
}

func TestAnAnswerThatIsAnothersIsTold(t *testing.T) {
	t.Parallel()
	// The fake dashboard answers everything with 200, and what a user asks about
	// oneself as "dev".
	dashboard := &fakeDashboard{}
	client := dashboard.serve(t)
	for name, c := range map[string]struct {
		user   User
		number int
		own    bool
		says   string
	}{
		"a marked request":                    {User{Name: "dev"}, 3, true, ""},
		"an administrator's own":              {User{Name: "dev", Groups: []string{administrators}}, 1, true, ""},
		"what an administrator alone may see": {User{Name: "dev"}, 1, false, "an administrator alone"},
		"a question who one is":               {User{Name: "dev"}, 2, true, ""},
		"a question who one is, as another's": {User{Name: "other"}, 2, false, `answered as one of "dev"`},
	} {
		own, mixedUp := c.user.askOnce(t.Context(), client, c.number)
		if own != c.own || (mixedUp == "") != (c.says == "") || !strings.Contains(mixedUp, c.says) {
			t.Errorf("%s: %t, %q", name, own, mixedUp)
		}
	}
	refusing := &fakeDashboard{refuse: func(string) int { return http.StatusUnauthorized }}
	for number := range 3 {
		if own, mixedUp := (User{Name: "dev"}).askOnce(t.Context(), refusing.serve(t), number); own || mixedUp != "" {
			t.Errorf("a refused request %d: %t, %q", number, own, mixedUp)
		}
	}
	if !strings.Contains(fmt.Sprint(dashboard.requests()), judge.MarkedPath("dev")) {
		t.Errorf("asked was %q", dashboard.requests())
	}
}
