package timeline

// What an administrator, a network or a person does to one installation in
// mid-session. Each is the text of an event of the kind Acted, noted when it is
// done: rules tell by it what was to be expected from then on.
const (
	SessionsEnded = "sessions-ended" // an administrator ended the user's sessions at Keycloak
	LoggedOut     = "logged-out"     // a person began to log out
	WentBack      = "went-back"      // a person pressed the browser's Back, and the page has settled
	PasswordAsked = "password-asked" // at another Sign In, Keycloak asked for the password
	LetInUnasked  = "let-in-unasked" // at another Sign In, the window closed itself without a form
)
