// Package suites gathers all scenarios: importing it links every one in. A new
// subject's package is added here, and nowhere else.
package suites

import (
	// Each import registers the scenarios of one subject.
	_ "github.com/headlamp-conformance/headlamp-conformance/suites/identity"
	_ "github.com/headlamp-conformance/headlamp-conformance/suites/login"
	_ "github.com/headlamp-conformance/headlamp-conformance/suites/logout"
	_ "github.com/headlamp-conformance/headlamp-conformance/suites/session"
)
