package conformance

import (
	"slices"
	"strings"
	"testing"
)

func TestTheNearestNamesAreThoseThatSomebodyMayHaveMeant(t *testing.T) {
	t.Parallel()
	names := []string{"identity/headers", "login/pkce", "login/popup", "session/hold", "session/many-tabs"}
	for given, want := range map[string]string{
		"login/popup":      "login/popup",
		"login/poup":       "login/popup",
		"popup":            "login/popup",
		"session/popup":    "login/popup",
		"sesion/hold":      "session/hold",
		"many-tab":         "session/many-tabs",
		"session/manytabs": "session/many-tabs",
		"LOGIN/PKCE":       "login/pkce",
	} {
		got := Nearest(strings.ToLower(given), names)
		if len(got) != mostNearest || got[0] != want {
			t.Errorf("nearest to %q are %q, want %q first", given, got, want)
		}
	}
	if got := Nearest("", names[:1]); !slices.Equal(got, names[:1]) {
		t.Errorf("of one name, nearest are %q", got)
	}
	if got := Nearest("x", nil); len(got) > 0 {
		t.Errorf("of no name, nearest are %q", got)
	}
}

func TestAScenarioThatThereIsNotIsRefusedWithTheNearest(t *testing.T) {
	stocked(t)
	if found, err := Find("login/popup"); err != nil || found.ID != "login/popup" {
		t.Errorf("got %+v, %v", found, err)
	}
	_, err := Find("login/pop-up")
	_, chosen := Choose(Token, "login/pop-up")
	for _, err := range []error{err, chosen} {
		if err == nil || !strings.Contains(err.Error(), `"login/pop-up"; nearest are: login/popup, `) || !strings.Contains(err.Error(), "'list' shows all") {
			t.Errorf("said is %v", err)
		}
	}
}

func FuzzNearest(f *testing.F) {
	f.Add("login/popup", "session/hold")
	f.Add("\xff/", "//")
	f.Fuzz(func(t *testing.T, given, other string) {
		if got := Nearest(given, []string{other, given}); len(got) != 2 || (got[0] != given && distance(given, other) > 0) {
			t.Errorf("nearest to %q are %q", given, got)
		}
		if distance(given, other) != distance(other, given) {
			t.Errorf("%q and %q are not equally far from each other", given, other)
		}
	})
}
