package installation

import (
	"context"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/relay"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// SlowBy is how late a slow token endpoint answers: less than Headlamp has left
// when it begins to refresh, ten seconds.
const SlowBy = 5 * time.Second

// startRelay puts a relay before Keycloak. It begins before anybody is told of it.
func (in *Installation) startRelay(authority *pki.Authority) error {
	endpoint := in.stand.Descriptor.Keycloak
	address := endpoint.RelayAddress(in.realm.Name)
	if in.sideways() {
		address = endpoint.SideAddress(in.realm.Name)
	}
	var err error
	in.relay, err = relay.Start(relay.Options{
		Authority: authority, Address: address, Port: endpoint.Port(),
		Upstream: endpoint.URL, Roots: authority.Pool(),
		Discovered: func() { in.did(timeline.ProviderDiscovered) },
		Missed:     func() { in.did(timeline.ProviderMissed) },
		Late:       func() { in.did(timeline.ProviderLate) },
	})
	if err != nil {
		return environment("put a relay before Keycloak", err)
	}
	in.onClose(func(context.Context) error { return in.relay.Close() })
	if in.options.Fault.Environment.IssuerBlocked {
		in.relay.Lose()
	}
	return nil
}

// issuer is the realm as those are told to trust it who check its tokens: as the
// scenario asks for it, also where a fault tells the API server otherwise.
func (in *Installation) issuer() cluster.Issuer {
	if in.options.Setup.Relayed {
		return in.stand.Descriptor.RelayedIssuer(in.realm.Name)
	}
	return in.stand.Descriptor.Issuer(in.realm.Name, in.options.Setup.RealmKind)
}

// HoldThroughOutage is a hold in which the dashboard cannot reach Keycloak across
// one refresh: from when the session has a fresh token until the dashboard has
// tried in vain. Then the user does something on the page.
func (s *Session) HoldThroughOutage(ctx context.Context, expiries int) error {
	return s.HoldThrough(ctx, expiries, func(ctx context.Context) error {
		if err := s.in.loseKeycloak(ctx); err != nil {
			return err
		}
		// What it is answered the witnesses tell.
		_, _, err := s.way.askWhoIAm(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return blockedBy(err)
	})
}

// loseKeycloak keeps Keycloak away until the dashboard has missed it, or until
// the token that it has expires.
func (in *Installation) loseKeycloak(ctx context.Context) error {
	tokens := in.recorder.Timeline().Tokens()
	bounded, cancel := context.WithDeadline(ctx, tokens[len(tokens)-1].ExpiresAt)
	defer cancel()
	// Noted first: what is missed comes after it.
	in.did(timeline.ProviderLost)
	in.relay.Lose()
	err := in.recorder.Await(bounded, func(line timeline.Timeline) bool {
		return len(line.Select(func(e timeline.Event) bool { return e.Kind == timeline.Acted && e.Text == timeline.ProviderMissed })) > 0
	})
	in.relay.Restore()
	in.did(timeline.ProviderBack)
	if err != nil {
		return ctx.Err()
	}
	return nil
}

// HoldWhileSlow is a hold in which every answer of Keycloak's token endpoint comes
// SlowBy later, from when the session has been refreshed once.
func (s *Session) HoldWhileSlow(ctx context.Context, expiries int) error {
	return s.HoldThrough(ctx, expiries, func(context.Context) error {
		s.in.relay.Slow(SlowBy)
		s.in.did(timeline.ProviderSlowed)
		return nil
	})
}
