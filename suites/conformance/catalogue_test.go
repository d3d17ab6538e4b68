package conformance

import (
	"slices"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

var (
	hold = Entry{
		ID: "session/hold", Level: judge.Core, Modes: []Mode{Token, Proxy},
		Sources: []string{"mission", "kubernetes-sigs/headlamp#3143"}, Features: []string{"refresh"},
	}
	popup   = Entry{ID: "login/popup", Level: judge.Core, Modes: []Mode{Token, Proxy, Native}, Sources: []string{"mission"}}
	headers = Entry{
		ID: "identity/headers", Level: judge.Extended, SetupIn: []Mode{Proxy}, Modes: []Mode{Proxy, Native},
		Sources: []string{"kubernetes-sigs/headlamp#4198"},
	}
)

// stocked puts scenarios into the catalogue for one test, which is not parallel
// for that.
func stocked(t testing.TB) {
	before := catalogue
	t.Cleanup(func() { catalogue = before })
	catalogue = []Entry{hold, popup, headers}
}

func TestLabelsAreWhatAScenarioCanBeChosenBy(t *testing.T) {
	t.Parallel()
	want := []string{"core", "hold", "kubernetes-sigs-headlamp-3143", "mission", "proxy", "refresh", "session", "token"}
	if got := hold.Labels(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	twice := Entry{ID: "login/login", Level: judge.Core, Modes: []Mode{Token}, Features: []string{"login", "token"}}
	if got, want := twice.Labels(), []string{"core", "login", "token"}; !slices.Equal(got, want) {
		t.Errorf("a label that comes twice: got %q, want %q", got, want)
	}
}

func TestLabelsOfAnySourceAreGinkgos(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"kubernetes-sigs/headlamp#3143", "RFC 7519, 4.1.3", "a/b/c", "mission"} {
		entry := Entry{ID: "login/popup", Level: judge.Core, Sources: []string{source}}
		for _, label := range entry.Labels() {
			if clean, err := types.ValidateAndCleanupLabel(label, types.CodeLocation{}); err != nil || clean != label {
				t.Errorf("%q is no label of Ginkgo's: %q, %v", label, clean, err)
			}
		}
	}
}

func TestAnIdIsASubjectAndAName(t *testing.T) {
	t.Parallel()
	if hold.Subject() != "session" || hold.Name() != "hold" {
		t.Errorf("got %q and %q", hold.Subject(), hold.Name())
	}
}

func TestAScenarioCountsAsSetUpWhereItGivesTheDashboardNoCredit(t *testing.T) {
	t.Parallel()
	for mode, want := range map[Mode]judge.Level{Proxy: judge.Setup, Native: judge.Extended} {
		if got := headers.LevelIn(mode); got != want {
			t.Errorf("%s: got %s, want %s", mode, got, want)
		}
	}
}

func TestTheCatalogueIsInOrderAndNobodysToChange(t *testing.T) {
	stocked(t)
	entries := Catalogue()
	entries[0] = Entry{ID: "changed/it"}
	var ids []string
	for _, entry := range Catalogue() {
		ids = append(ids, entry.ID)
	}
	if want := []string{"identity/headers", "login/popup", "session/hold"}; !slices.Equal(ids, want) {
		t.Errorf("got %q, want %q", ids, want)
	}
}

func TestChooseTakesWhatFitsModeAndFilter(t *testing.T) {
	stocked(t)
	for _, row := range []struct {
		mode   Mode
		filter string
		want   string
	}{
		{Token, "", "login/popup session/hold"},
		{Proxy, "", "identity/headers login/popup session/hold"},
		{Native, "", "identity/headers login/popup"},
		{Token, "session", "session/hold"},
		{Token, "hold", "session/hold"},
		{Token, "refresh || popup", "login/popup session/hold"},
		{Proxy, "core && !login", "session/hold"},
		{Proxy, "!core", "identity/headers"},
		{Token, "kubernetes-sigs-headlamp-3143", "session/hold"},
		{Token, "/^kubernetes-sigs/", "session/hold"},
	} {
		chosen, err := Choose(row.mode, row.filter)
		if err != nil {
			t.Errorf("%s, %q: %v", row.mode, row.filter, err)
			continue
		}
		ids := make([]string, len(chosen))
		for i, entry := range chosen {
			ids[i] = entry.ID
		}
		if got := strings.Join(ids, " "); got != row.want {
			t.Errorf("%s, %q: got %q, want %q", row.mode, row.filter, got, row.want)
		}
	}
}

func TestABadFilterIsSaidInOneLine(t *testing.T) {
	stocked(t)
	for filter, reason := range map[string]string{
		"session &&": "Unexpected EOF", "session & core": "Did you mean '&&'?", "(session": "Mismatched '('",
		"session (core)": "Invalid token '('", "/(/": "RegExp compilation error", "&&": "missing left hand operand",
	} {
		chosen, err := Choose(Token, filter)
		if err == nil {
			t.Errorf("%q chose %d", filter, len(chosen))
			continue
		}
		for _, part := range []string{"the label filter \"" + filter + "\"", reason, "'session && !extended'"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q does not say %q", err, part)
			}
		}
		if strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%q: more than one plain line", err)
		}
	}
}

func TestAFilterThatFitsNothingIsAnErrorAndNoEmptyRun(t *testing.T) {
	stocked(t)
	for _, row := range []struct {
		mode   Mode
		filter string
	}{{Token, "sesion"}, {Token, "headers"}, {Native, "hold"}, {"tokens", ""}} {
		chosen, err := Choose(row.mode, row.filter)
		if err == nil {
			t.Errorf("%s, %q chose %d", row.mode, row.filter, len(chosen))
			continue
		}
		for _, part := range []string{"no scenario fits", "\"" + row.filter + "\"", "identity mode " + string(row.mode), "'list' shows"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q does not say %q", err, part)
			}
		}
	}
}

func FuzzChoose(f *testing.F) {
	stocked(f)
	f.Add("session && !(core || /x/)")
	f.Add("key: containsAny {a, b}")
	f.Fuzz(func(t *testing.T, filter string) {
		chosen, err := Choose(Token, filter)
		if (err == nil) != (len(chosen) > 0) {
			t.Errorf("%q chose %d, %v", filter, len(chosen), err)
		}
		if err != nil && strings.ContainsRune(err.Error(), '\x1b') {
			t.Errorf("%q: colours in %q", filter, err)
		}
	})
}
