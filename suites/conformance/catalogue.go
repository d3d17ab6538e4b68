package conformance

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// Mode is how the user's identity reaches the API server.
type Mode string

// The identity modes.
const (
	Token  Mode = "token"
	Proxy  Mode = "proxy"
	Native Mode = "native"
)

// Modes are all identity modes.
var Modes = []Mode{Token, Proxy, Native}

// Entry is a scenario in the catalogue.
type Entry struct {
	ID    string      `json:"id"` // subject/name
	Level judge.Level `json:"level"`
	// SetupIn are the modes in which it checks the stand or the impersonator
	// rather than the dashboard, which gets no credit for it.
	SetupIn  []Mode   `json:"setupIn,omitempty"`
	Promise  string   `json:"promise"`
	Modes    []Mode   `json:"modes"`
	Sources  []string `json:"sources"`
	Features []string `json:"features"`
	// Faults are the planted faults that it has been seen to fail on, Proofs
	// also say for which reason. Scenario sets them.
	Faults []string `json:"faults"`
	Proofs []Proof  `json:"proofs"`
	// Holds is how many pages' worth of time it takes: 0 for a login alone, 1
	// for a hold. Long ones start first.
	Holds int `json:"-"`
	// Setup is what its installation has otherwise than the default one.
	Setup installation.Setup `json:"-"`
	// OnTheWire says that its promise is judged from what tap, impersonator, audit
	// log and Keycloak saw: it can be shown without a browser.
	OnTheWire bool `json:"onTheWire,omitempty"`
}

var catalogue []Entry

// Catalogue returns all scenarios, ordered by id.
func Catalogue() []Entry {
	entries := slices.Clone(catalogue)
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.ID, b.ID) })
	return entries
}

// Subject is the part of the id before the slash.
func (e Entry) Subject() string {
	subject, _, _ := strings.Cut(e.ID, "/")
	return subject
}

// Name is the part of the id after the slash.
func (e Entry) Name() string {
	_, name, _ := strings.Cut(e.ID, "/")
	return name
}

// LevelIn is how much the scenario counts in an identity mode.
func (e Entry) LevelIn(mode Mode) judge.Level {
	if slices.Contains(e.SetupIn, mode) {
		return judge.Setup
	}
	return e.Level
}

// Labels are the spec's Ginkgo labels: its level, subject, name, features,
// modes and issues.
func (e Entry) Labels() []string {
	labels := []string{string(e.Level), e.Subject(), e.Name()}
	labels = append(labels, e.Features...)
	for _, mode := range e.Modes {
		labels = append(labels, string(mode))
	}
	for _, source := range e.Sources {
		// A Ginkgo label must not have these characters.
		labels = append(labels, strings.NewReplacer("/", "-", "#", "-", ",", "-", " ", "-").Replace(source))
	}
	slices.Sort(labels)
	return slices.Compact(labels)
}

// likeAnID tells an id from a label filter, which has no use for a slash but
// around a regular expression.
var likeAnID = regexp.MustCompile(`^[a-z0-9-]+/[a-z0-9-]+$`)

// Choose returns the scenarios that apply in a mode and that a label filter
// lets through. An empty filter lets all through, an id its scenario alone.
func Choose(mode Mode, filter string) ([]Entry, error) {
	fits := func([]string) bool { return true }
	isID := slices.ContainsFunc(catalogue, func(entry Entry) bool { return entry.ID == filter })
	if !isID && likeAnID.MatchString(filter) {
		_, err := Find(filter)
		return nil, err
	}
	if filter != "" && !isID {
		parsed, err := types.ParseLabelFilter(filter)
		if err != nil {
			return nil, fmt.Errorf("the label filter %q: %s; see Ginkgo's label filters, as in 'session && !extended'", filter, reasonOf(err))
		}
		fits = parsed
	}
	var chosen []Entry
	for _, entry := range Catalogue() {
		if isID && entry.ID != filter {
			continue
		}
		if slices.Contains(entry.Modes, mode) && fits(entry.Labels()) {
			chosen = append(chosen, entry)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("no scenario fits the label filter %q in identity mode %s; 'list' shows the scenarios and their modes, 'list -o json' their labels", filter, mode)
	}
	return chosen, nil
}

// reasonOf is what is wrong with a label filter, in one line: Ginkgo says it
// last, below a coloured picture of where.
func reasonOf(err error) string {
	var drawn types.GinkgoError
	if !errors.As(err, &drawn) {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(drawn.Message), "\n")
	return strings.TrimRight(lines[len(lines)-1], ".")
}
