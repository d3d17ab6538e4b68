package timeline

// What an administrator, a network or a person does to one installation in
// mid-session. Each is the text of an event of the kind Acted, noted when it is
// done: rules tell by it what was to be expected from then on.
const (
	SessionsEnded      = "sessions-ended"      // an administrator ended the user's sessions at Keycloak
	DashboardRestarted = "dashboard-restarted" // every replica was killed, and serves again
	WatchesCut         = "watches-cut"         // what was open before the API server was cut; Count: how many
	ProviderLost       = "provider-lost"       // Keycloak cannot be reached any more
	ProviderMissed     = "provider-missed"     // the dashboard tried to reach it, in vain
	ProviderBack       = "provider-back"       // Keycloak can be reached again
	ProviderDiscovered = "provider-discovered" // the dashboard learned at a relay who Keycloak is
	ProviderSlowed     = "provider-slowed"     // its token endpoint is slow from now on
	ProviderLate       = "provider-late"       // an answer of its token endpoint came late
)
