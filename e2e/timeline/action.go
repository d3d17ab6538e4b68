package timeline

// What an administrator, a network or a person does to one installation in
// mid-session. Each is the text of an event of the kind Acted, noted when it is
// done: rules tell by it what was to be expected from then on.
const (
	TabOpened       = "tab-opened"        // another tab shows the cluster, in the same session; the event's Tab says which
	LoggedOut       = "logged-out"        // a person began to log out
	BurstAnswered   = "burst-answered"    // the page has its answers to the logout, and to what it had sent beside it
	WentBack        = "went-back"         // a person pressed the browser's Back, and the page has settled
	PasswordAsked   = "password-asked"    // at another Sign In, Keycloak asked for the password
	LetInUnasked    = "let-in-unasked"    // at another Sign In, the window closed itself without a form
	SessionsEnded   = "sessions-ended"    // an administrator ended the user's sessions at Keycloak
	UserDisabled    = "user-disabled"     // an administrator disabled the user at Keycloak
	SSOSessionEnded = "sso-session-ended" // from then on the user had no single sign-on session, but perhaps an offline one
	LoginAwaited    = "login-awaited"     // the page was given the time to ask for a login
	KeysRotated     = "keys-rotated"      // Keycloak signs with a new key, and its former ones are still good
	AskedAtOnce     = "asked-at-once"     // many requests were sent at once; Count: how many
	TabFrozen       = "tab-frozen"        // the browser stopped everything that the page does by itself
	TabThawed       = "tab-thawed"        // and let it go on
	WentOffline     = "went-offline"      // the browser lost its network
	CameOnline      = "came-online"       // and has it again

	RestartedInLogin   = "restarted-in-login"  // the dashboard was restarted while a user was at Keycloak's form
	GroupsTaken        = "groups-taken"        // an administrator took most groups from the user
	GroupTaken         = "group-taken"         // an administrator took a user out of one group; Identified: the user, and the groups that are left
	ImpersonationTaken = "impersonation-taken" // an administrator took the permission to impersonate from the account
	ObjectStayed       = "object-stayed"       // what a user tried to delete is still there
	ObjectGone         = "object-gone"         // what a user tried to delete is gone
	BareNameAllowed    = "bare-name-allowed"   // an administrator gave all rights to the name that the token says
	KnownNameAllowed   = "known-name-allowed"  // an administrator gave all rights to the name that the API server has to know
	RightsTaken        = "rights-taken"        // an administrator took a user's own binding to a role away
	ScopeTaken         = "scope-taken"         // an administrator took a scope from the dashboard's client
	RoleTaken          = "role-taken"          // an administrator took a role from the user
	DashboardRestarted = "dashboard-restarted" // every replica was killed, and serves again
	RealmReimported    = "realm-reimported"    // Keycloak's realm was imported anew: sessions and keys are gone
	WatchesCut         = "watches-cut"         // what was open before the API server was cut; Count: how many
	ProviderLost       = "provider-lost"       // Keycloak cannot be reached any more
	ProviderMissed     = "provider-missed"     // the dashboard tried to reach it, in vain
	ProviderBack       = "provider-back"       // Keycloak can be reached again
	ProviderDiscovered = "provider-discovered" // the dashboard learned at a relay who Keycloak is
	ProviderSlowed     = "provider-slowed"     // its token endpoint is slow from now on
	// StreamClosedByStranger: a client without a session said at the multiplexer that
	// a stream is to be closed, by the name that another's has.
	StreamClosedByStranger = "stream-closed-by-stranger"
	ProviderLate           = "provider-late" // an answer of its token endpoint came late
)
