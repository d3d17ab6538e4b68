package timeline

// What an administrator, a network or a person does to one installation in
// mid-session. Each is the text of an event of the kind Acted, noted when it is
// done: rules tell by it what was to be expected from then on.
const (
	SessionsEnded = "sessions-ended" // an administrator ended the user's sessions at Keycloak

	RestartedInLogin = "restarted-in-login" // the dashboard was restarted while a user was at Keycloak's form
	GroupsTaken      = "groups-taken"       // an administrator took most groups from the user
	ScopeTaken       = "scope-taken"        // an administrator took a scope from the dashboard's client
	RoleTaken        = "role-taken"         // an administrator took a role from the user
)
