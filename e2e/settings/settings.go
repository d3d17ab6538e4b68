package settings

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/ports"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/provision"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/stand"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/reference"
)

// MinLifetime is the shortest lifetime of a token. Headlamp refreshes in the
// last ten seconds of a token's life; a token needs a life before that.
const MinLifetime = 20 * time.Second

// IdentityModes are the identity modes that can be set up.
var IdentityModes = []string{"token", "proxy", "native"}

// Settings are what a person asks for, as given.
type Settings struct {
	Headlamp        string        // directory, or empty: the bundled reference dashboard
	HeadlampArgs    []string      // that the dashboard is given after the suite's own
	Identity        string        // identity mode
	Impersonator    string        // URL of another product in the impersonator's place, or empty
	ImpersonatorCA  string        // file with the authority of its certificate, or empty: the run's
	TapPort         int           // where that product finds the tap
	KeycloakVersion string        //
	KeycloakPort    int           // 0: a free one
	Lifetime        time.Duration // of a token
	Expiries        int           // that a hold goes past
	ReportDir       string        //
	Procs           int           // how many scenarios run at once
	Realms          int           // size of the pool
}

// Defaults are the settings of a run that was asked for nothing.
func Defaults() Settings {
	return Settings{
		Identity:        "token",
		KeycloakVersion: keycloak.DefaultVersion,
		Lifetime:        30 * time.Second,
		Expiries:        3,
		ReportDir:       "report",
		Procs:           8,
		Realms:          16,
	}
}

// InvalidError lists everything that is wrong with settings.
type InvalidError struct{ Mistakes []error }

func (e *InvalidError) Error() string {
	lines := make([]string, len(e.Mistakes))
	for i, mistake := range e.Mistakes {
		lines[i] = mistake.Error()
	}
	return strings.Join(lines, "\n")
}

func (e *InvalidError) Unwrap() []error { return e.Mistakes }

// Resolve checks the settings, all of them and the machine, and looks at the
// dashboard. It leaves nothing behind when anything is wrong, also when that was
// found elsewhere: others are further mistakes, or nil. The result lacks the
// run's directory.
func (s Settings) Resolve(ctx context.Context, others ...error) (stand.Settings, error) {
	resolved, sources, mistakes := s.check(ctx, []string{s.Headlamp}, others)
	if len(mistakes) > 0 {
		return stand.Settings{}, &InvalidError{Mistakes: mistakes}
	}
	var err error
	resolved.Dashboard = sources[0]
	if resolved.ReportDir, err = makeReportDir(s.ReportDir); err != nil {
		return stand.Settings{}, &InvalidError{Mistakes: []error{err}}
	}
	return resolved, nil
}

// check looks for everything that can be wrong with the settings, the machine
// and the dashboards that are given as headlamps. It makes nothing.
func (s Settings) check(ctx context.Context, headlamps []string, others []error) (stand.Settings, []dashboard.Source, []error) {
	mistakes := s.mistakes()
	add := func(err error) {
		if err != nil {
			mistakes = append(mistakes, split(err)...)
		}
	}
	var sources []dashboard.Source
	for _, headlamp := range headlamps {
		source, err := s.source(ctx, headlamp)
		add(err)
		sources = append(sources, source)
	}
	add(checkReportDir(s.ReportDir))
	cacheDir, err := cacheWithRoom(ctx)
	add(err)
	add(dashboard.CanIsolate(ctx))
	if slices.ContainsFunc(sources, func(source dashboard.Source) bool { return source.ListensEverywhere() }) {
		add(dashboard.CanIsolateNetwork(ctx))
	}
	add(dashboard.CheckVisible(os.TempDir()))
	add(provision.Check())
	add(errors.Join(others...))
	return stand.Settings{
		CacheDir: cacheDir, Identity: s.Identity, Lifetime: s.Lifetime, Expiries: s.Expiries,
		KeycloakVersion: s.KeycloakVersion, KeycloakPort: s.KeycloakPort, Realms: s.Realms,
		Product: s.product(),
	}, sources, mistakes
}

// cacheWithRoom is the cache, if it has room for what is not in it yet.
func cacheWithRoom(ctx context.Context) (string, error) {
	dir, err := provision.CacheDir()
	if err != nil {
		return "", err
	}
	controlPlane, err := provision.ControlPlaneSpace(ctx, dir)
	return dir, errors.Join(err, provision.CheckSpace(dir, keycloak.SpaceNeeded+controlPlane))
}

func (s Settings) mistakes() []error {
	var mistakes []error
	add := func(format string, args ...any) { mistakes = append(mistakes, fmt.Errorf(format, args...)) }
	if !slices.Contains(IdentityModes, s.Identity) {
		add("there is no identity mode %q; there are: %s", s.Identity, strings.Join(IdentityModes, ", "))
	}
	mistakes = append(mistakes, s.productMistakes()...)
	if s.Lifetime < MinLifetime {
		add("a lifetime of %s is too short: a dashboard refreshes in the last ten seconds; give %s or more", s.Lifetime, MinLifetime)
	}
	if s.Lifetime%time.Second != 0 {
		add("a lifetime of %s cannot be set at Keycloak; give whole seconds", s.Lifetime)
	}
	if s.Expiries < 1 {
		add("%d expiries show nothing; give 1 or more", s.Expiries)
	}
	if s.Procs < 1 || s.Procs > s.Realms {
		add("%d scenarios at once cannot be; give 1 to %d, for each has a realm of its own", s.Procs, s.Realms)
	}
	if err := keycloak.Check(s.KeycloakVersion); err != nil {
		mistakes = append(mistakes, err)
	}
	if s.KeycloakPort != 0 {
		if err := checkPort(s.KeycloakPort); err != nil {
			mistakes = append(mistakes, err)
		}
	}
	return mistakes
}

func checkPort(port int) error {
	if port < 1 || port > 65535 {
		return fmt.Errorf("%d is no port; give one between 1 and 65535, or 0 for a free one", port)
	}
	lease, err := ports.TakePort(port)
	if err != nil {
		return fmt.Errorf("%w; give another, or 0 for a free one", err)
	}
	return lease.Release()
}

// image matches what will be a release or an image in a later version.
var image = regexp.MustCompile(`^(v\d+\.\d+\.\d+|https?://.*|[\w.-]+[/:][\w./:@-]+)$`)

func (s Settings) source(ctx context.Context, headlamp string) (dashboard.Source, error) {
	if headlamp == "" {
		source, err := dashboard.FromSelf(ctx, reference.Name)
		return source.With(s.HeadlampArgs...), err
	}
	if _, err := os.Stat(headlamp); err != nil && image.MatchString(headlamp) && !strings.HasPrefix(headlamp, ".") {
		return dashboard.Source{}, fmt.Errorf("%s: there is no such directory, and this version takes no release, image or address yet; "+
			"give a directory with headlamp-server and frontend/ in it, as /headlamp in a release image", headlamp)
	}
	source, err := dashboard.FromDirectory(ctx, headlamp)
	return source.With(s.HeadlampArgs...), err
}

func split(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}
