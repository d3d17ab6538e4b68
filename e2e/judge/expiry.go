package judge

import (
	"net/http"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// crossings are the expiries that the hold went past: each of another token,
// and each noted when it lay behind.
func crossings(line timeline.Timeline) []timeline.Event {
	hold, _ := line.Hold()
	seen := map[string]bool{}
	var crossed []timeline.Event
	for _, crossing := range hold.Of(timeline.Suite, timeline.ExpiryCrossed) {
		if token := crossing.Token; !seen[token.Hash] && crossing.At.After(token.ExpiresAt) {
			seen[token.Hash] = true
			crossed = append(crossed, crossing)
		}
	}
	return crossed
}

// expiriesCrossed: the hold went past Count expiries of real tokens.
func expiriesCrossed(line timeline.Timeline, rule Rule) []Finding {
	crossed := crossings(line)
	if len(crossed) >= rule.Count {
		return nil
	}
	reason := ""
	if ended, found := line.First(timeline.Suite, timeline.HoldEnded); found {
		reason = because(ended.Text)
	}
	return missing(ExpiryNotCrossed, "the hold went past %d of %d expiries%s", len(crossed), rule.Count, reason)
}

// servedAroundExpiry: before and after every crossed expiry, requests of the
// user reached the API server and succeeded, as the tap and the audit log both
// saw.
func servedAroundExpiry(line timeline.Timeline, rule Rule) []Finding {
	crossed := crossings(line)
	if len(crossed) < rule.Count {
		return missing(ExpiryNotCrossed, "the hold went past %d of %d expiries, so nothing can be said around the others", len(crossed), rule.Count)
	}
	served := ServedAtTap(line)
	audited := servedInAudit(line)
	var findings []Finding
	for _, expiry := range crossed {
		for _, side := range []struct {
			name string
			fits func(timeline.Event) bool
		}{
			{"before", func(e timeline.Event) bool { return before(e, *expiry.Token, line.Header.Lifetime) }},
			{"after", func(e timeline.Event) bool {
				return after(line.Header, e, *expiry.Token) && !e.At.After(expiry.At.Add(AliveWithin))
			}},
		} {
			atTap, inAudit := false, false
			for _, event := range served {
				if side.fits(event) {
					atTap = true
					inAudit = inAudit || audited[event.Request.AuditID]
				}
			}
			if !atTap {
				findings = append(findings, found(NotServed, expiry, "the tap saw no request of the user succeed %s expiry %d", side.name, expiry.Count))
			}
			if !inAudit {
				findings = append(findings, found(NotServed, expiry, "the audit log saw no request of the user succeed %s expiry %d", side.name, expiry.Count))
			}
		}
	}
	return findings
}

// ServedAtTap are the requests of the users that succeeded, as the tap saw.
func ServedAtTap(line timeline.Timeline) []timeline.Event {
	users := usersOf(line)
	var served []timeline.Event
	for _, event := range line.Of(timeline.Tap, timeline.Responded) {
		_, ours := users[wireUser(line.Header, *event.Request)]
		if ours && event.Request.Status > 0 && event.Request.Status < http.StatusBadRequest {
			served = append(served, event)
		}
	}
	return served
}

// servedInAudit are the Audit-IDs of the requests of the users that succeeded,
// as the audit log saw.
func servedInAudit(line timeline.Timeline) map[string]bool {
	users := usersOf(line)
	served := map[string]bool{}
	for _, event := range line.Of(timeline.Audit, timeline.Audited) {
		record := event.Record
		if _, ours := users[actingUser(*record)]; ours && record.Code > 0 && record.Code < http.StatusBadRequest {
			served[record.AuditID] = true
		}
	}
	return served
}

// before says whether a request succeeded while a token was good.
func before(event timeline.Event, token redact.Token, lifetime time.Duration) bool {
	issued := token.IssuedAt
	if issued.IsZero() {
		issued = token.ExpiresAt.Add(-lifetime)
	}
	return !event.At.Before(issued) && !event.At.After(token.ExpiresAt)
}

// after says whether a request shows that the session outlived a token: it was
// sent after the expiry, with a token that was still good. The API server goes
// on accepting an expired one for some seconds, which shows nothing.
func after(header timeline.Header, event timeline.Event, expired redact.Token) bool {
	sent := began(event)
	if !sent.After(expired.ExpiresAt) {
		return false
	}
	own := event.Request.Bearer
	if own == nil || own.Issuer != header.Issuer {
		// The user's token ended at the hop before, whose credential this is.
		return true
	}
	return !sent.After(own.ExpiresAt)
}

// refreshed: Keycloak stored at least Count refreshes of the dashboard's
// client, and refused none.
func refreshed(line timeline.Timeline, rule Rule) []Finding {
	var findings []Finding
	refreshes := 0
	for _, event := range line.Events {
		switch {
		case atKeycloak(line, event, timeline.Refresh):
			refreshes++
		case refusedByKeycloak(line, event, timeline.RefreshError):
			findings = append(findings, found(RefreshRefused, event, "Keycloak refused a refresh: %s%s", event.Identity.Error, because(event.Identity.Details["reason"])))
		}
	}
	if refreshes < rule.Count {
		findings = append(findings, missing(NotRefreshed, "Keycloak stored %d refreshes, at least %d were due", refreshes, rule.Count)...)
	}
	return findings
}
