package identity

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:        "identity/multiplexer",
	Level:     judge.Extended,
	Promise:   "What is opened at the multiplexer of WebSockets is the session's that asked for it: who says what another's is called neither closes it nor is given it.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"threat: mix-up"},
	Features:  []string{"websocket", "attack"},
	Setup:     installation.Setup{AboutCookie: true},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.MultiplexerNotBoundToSession, judge.UsersMixed), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	other := in.LoginBeside(ctx, in.NewUser(ctx, "developers"))
	session.NameAnothersStream(ctx, other)
	Expect(in.Observe(ctx)).To(KeepStreamsToTheirSessions())
})
