package installation

import (
	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
)

// Setup is what a scenario's installation has otherwise than the default one. The
// zero value is the default: one replica at the root of its host.
type Setup struct {
	// BaseURL is the path under which the dashboard lives, such as /headlamp.
	BaseURL string
	// Realm and Client alter Keycloak's realm and the dashboard's client in it
	// before the dashboard starts (RealmRepresentation, ClientRepresentation).
	// The next lease puts both back.
	Realm, Client func(settings map[string]any)
	// Dashboard alters with what every replica is started.
	Dashboard func(settings *dashboard.Settings)
	// Relayed puts a relay before Keycloak, for this installation alone, so that it
	// can be lost or be slow.
	Relayed bool
	// SplitIssuer has the dashboard learn at another address than Keycloak's own who
	// Keycloak is, and tells it what the tokens say of their issuer.
	SplitIssuer bool
	// Replicas is how many there are, 0 for one. The front sends requests to
	// them in turn, and a session to another one than gave it out.
	Replicas int
	// SecondCluster has the dashboard know another cluster beside the one that it runs
	// in, whose users are in another realm.
	SecondCluster bool
	// KnownOnly is an API server that refuses anonymous requests: by default it
	// answers those for its health.
	KnownOnly bool
	// AboutCookie is a scenario about the session's cookie: nothing can be shown of a
	// dashboard whose session has none.
	AboutCookie bool
	// Account is the role of an account that this installation alone has, to
	// impersonate with in the modes proxy and native (fixtures/rbac); none: the account
	// that all installations share.
	Account string
	// RealmKind is how the API server is told of the realm; none is realm.Plain.
	RealmKind realm.Kind
	// IdentityProxy puts an identity-aware proxy before the dashboard: it logs users
	// in, and tells the dashboard by headers who they are.
	IdentityProxy bool
}

// did notes that something was done to the installation, one of timeline's
// actions.
func (in *Installation) did(action string) {
	in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.Acted, Text: action})
}
