package keycloak

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/oauth2"
)

// DefaultVersion is the version that a run takes when it is asked for none.
const DefaultVersion = "26.7.0"

// Versions are the versions that the stand knows how to start, the newest first.
var Versions = slices.SortedFunc(maps.Keys(releases), func(a, b string) int { return strings.Compare(b, a) })

// release is what one version is told otherwise than another, to do the same.
type release struct {
	// buildOptions are fixed when the distribution is built. They leave out what
	// no dashboard can see; sessions, tokens and events keep Keycloak's defaults.
	buildOptions []string
	// startOptions have it known by one address, which no request changes.
	startOptions func(url string) []string
	// bootstrap has the first start make the administrator.
	bootstrap func(secret Secret) (environment []string)
	// administrator gets tokens as the one whom bootstrap made.
	administrator func(ctx context.Context, tokenURL string, secret Secret) oauth2.TokenSource
}

// releases are the versions that there is a way for. 24.0.5 is what the dashboard
// stood behind whose logins this suite was begun for.
var releases = map[string]release{
	DefaultVersion: {
		buildOptions: []string{
			"build", "--db=dev-file", "--health-enabled=false", "--metrics-enabled=false",
			"--features-disabled=authorization,ciba,device-flow,par,kerberos,impersonation,admin-fine-grained-authz,organization,workflows",
		},
		startOptions: func(url string) []string { return []string{"--cache=local", "--hostname=" + url} },
		bootstrap: func(secret Secret) []string {
			return []string{"KC_BOOTSTRAP_ADMIN_CLIENT_ID=" + administrator, "KC_BOOTSTRAP_ADMIN_CLIENT_SECRET=" + secret.Reveal()}
		},
		administrator: asClient,
	},
	"24.0.5": {
		// The cache is fixed at build time, and there are no organizations and no workflows.
		buildOptions: []string{
			"build", "--db=dev-file", "--cache=local", "--health-enabled=false", "--metrics-enabled=false",
			"--features-disabled=authorization,ciba,device-flow,par,kerberos,impersonation,admin-fine-grained-authz",
		},
		// Left to itself it names the token endpoint by whatever address it was asked at.
		startOptions: func(url string) []string {
			return []string{"--hostname-url=" + url, "--hostname-admin-url=" + url, "--hostname-strict-backchannel=true"}
		},
		bootstrap: func(secret Secret) []string {
			return []string{"KEYCLOAK_ADMIN=" + administrator, "KEYCLOAK_ADMIN_PASSWORD=" + secret.Reveal()}
		},
		administrator: asUser,
	},
}

// Check refuses a version that the stand does not know how to start.
func Check(version string) error {
	if _, known := releases[version]; !known {
		return fmt.Errorf("Keycloak %q is not known; known: %s", version, strings.Join(Versions, ", "))
	}
	return nil
}

func (r release) startArguments(url string) []string {
	return append([]string{"start", "--optimized", "--log-level=warn"}, r.startOptions(url)...)
}
