package installation

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// auditTimeout is the longest that the audit log may lag behind the tap. The
// API server writes it before it answers, so this is for a busy machine alone.
const auditTimeout = 5 * time.Second

// Observation is what all witnesses saw until a moment.
type Observation struct {
	timeline.Timeline
	until    time.Time
	recorder *timeline.Recorder
}

// Assert notes that a rule is asserted of what was seen, and returns how it was
// broken.
func (o Observation) Assert(rule judge.Rule) []judge.Finding {
	assertion := judge.Assertion(rule)
	assertion.At = o.until
	o.recorder.Add(assertion)
	return judge.Check(o.Timeline, rule)
}

// gathered says what has been taken over into the timeline from the witnesses
// that have to be asked.
type gathered struct {
	audited map[auditKey]bool
	events  map[string]int // of Keycloak's, by realm, taken in the order in which it stored them
	rights  map[string]bool
}

type auditKey struct{ id, stage string }

// Observe asks the witnesses that do not tell by themselves, Keycloak's event
// store and the audit log, and returns everything that was seen until it was
// called. What the page does in the meantime one witness would have seen alone.
func (in *Installation) Observe(ctx context.Context) (Observation, error) {
	in.noteCrash()
	until := time.Now().UTC()
	if err := in.gatherEvents(ctx); err != nil {
		return Observation{}, environment("read Keycloak's events", err)
	}
	if err := in.gatherAudit(ctx); err != nil {
		return Observation{}, environment("read the audit log", err)
	}
	if err := in.checkRights(ctx); err != nil {
		return Observation{}, environment("check the user's rights", err)
	}
	return Observation{Timeline: in.recorder.Timeline().Until(until), until: until, recorder: in.recorder}, nil
}

var identityKinds = map[string]timeline.Kind{
	"LOGIN":               timeline.Login,
	"LOGIN_ERROR":         timeline.LoginError,
	"REFRESH_TOKEN":       timeline.Refresh,
	"REFRESH_TOKEN_ERROR": timeline.RefreshError,
}

func (in *Installation) gatherEvents(ctx context.Context) error {
	if in.second != nil {
		if err := in.gatherEventsOf(ctx, in.second, in.second.Name); err != nil {
			return err
		}
	}
	return in.gatherEventsOf(ctx, in.realm, "")
}

// gatherEventsOf takes over a realm's events. Name is what they name it, which is
// empty for the installation's own.
func (in *Installation) gatherEventsOf(ctx context.Context, realm *keycloak.Realm, name string) error {
	if in.gathered.events == nil {
		in.gathered.events = map[string]int{}
	}
	events, err := realm.Events(ctx, time.Time{})
	if err != nil {
		return err
	}
	slices.SortStableFunc(events, func(a, b keycloak.Event) int { return a.Time.Compare(b.Time) })
	for _, event := range events[min(in.gathered.events[name], len(events)):] {
		kind, known := identityKinds[event.Type]
		if !known {
			kind = timeline.OtherEvent
		}
		in.recorder.Add(timeline.Event{
			At: event.Time, Witness: timeline.Keycloak, Kind: kind,
			Identity: &timeline.Identity{
				Type: event.Type, Realm: name, Client: event.ClientID, User: event.UserID, Session: event.Session,
				Error: event.Error, Details: event.Details,
			},
		})
	}
	in.gathered.events[name] = max(in.gathered.events[name], len(events))
	return nil
}

// gatherAudit takes over the audit log's records of the requests that the tap
// passed on, and of the users of this installation. It waits until every
// request that has been answered at the tap is in the log.
func (in *Installation) gatherAudit(ctx context.Context) error {
	if in.gathered.audited == nil {
		in.gathered.audited = map[auditKey]bool{}
	}
	bounded, cancel := context.WithTimeout(ctx, auditTimeout)
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		line := in.recorder.Timeline()
		passedOn := map[string]bool{}
		for _, event := range line.Of(timeline.Tap, timeline.Responded) {
			// One without an id was answered by the tap itself.
			if event.Request.AuditID != "" {
				passedOn[event.Request.AuditID] = true
			}
		}
		users := line.Header.KnownUsers()
		ours := func(name string) bool {
			return slices.ContainsFunc(users, func(user timeline.User) bool { return user.Name == name })
		}
		records, err := in.audit.Read(func(event cluster.AuditEvent) bool {
			return passedOn[event.AuditID] || ours(event.User) || ours(event.ImpersonatedUser)
		})
		if err != nil {
			return err
		}
		for _, record := range records {
			delete(passedOn, record.AuditID)
			key := auditKey{record.AuditID, record.Stage}
			if in.gathered.audited[key] {
				continue
			}
			in.gathered.audited[key] = true
			in.recorder.Add(recordOf(record))
		}
		if len(passedOn) == 0 {
			return nil
		}
		select {
		case <-ticker.C:
		case <-bounded.Done():
			// What is missing still is the judge's to see.
			return ctx.Err()
		}
	}
}

func recordOf(event cluster.AuditEvent) timeline.Event {
	record := timeline.Record{
		AuditID: event.AuditID, Stage: event.Stage, Verb: event.Verb, URI: event.RequestURI,
		User: event.User, Groups: event.Groups,
		ImpersonatedUser: event.ImpersonatedUser, ImpersonatedGroups: event.ImpersonatedGroups, Constraint: event.Constraint,
		Code: event.Code, Received: event.ReceivedAt,
		Decision: event.Annotations["authorization.k8s.io/decision"],
		Reason:   event.Annotations["authorization.k8s.io/reason"],
		Resource: event.Resource, Subresource: event.Subresource, APIGroup: event.APIGroup,
		Namespace: event.Namespace, Name: event.Name,
	}
	return timeline.Event{At: event.StageAt, Witness: timeline.Audit, Kind: timeline.Audited, Record: &record}
}

// checkRights asks the API server's authorizer about every request of a user
// that was forbidden: a 403 is a fault only where the user has the right.
func (in *Installation) checkRights(ctx context.Context) error {
	if in.gathered.rights == nil {
		in.gathered.rights = map[string]bool{}
	}
	line := in.recorder.Timeline()
	for _, event := range line.Of(timeline.Audit, timeline.Audited) {
		record := event.Record
		if record.Code != http.StatusForbidden || in.gathered.rights[record.AuditID] {
			continue
		}
		users := line.Header.KnownUsers()
		user := slices.IndexFunc(users, func(u timeline.User) bool {
			return u.Name == record.User || u.Name == record.ImpersonatedUser
		})
		if user < 0 {
			continue
		}
		in.gathered.rights[record.AuditID] = true
		known := users[user]
		allowed, err := in.stand.Cluster.Allowed(ctx, known.Name, known.Groups, cluster.Attributes{
			Verb: record.Verb, Group: record.APIGroup, Resource: record.Resource, Subresource: record.Subresource,
			Namespace: record.Namespace, Name: record.Name, Path: record.URI,
		})
		if err != nil {
			return fmt.Errorf("%s %s: %w", record.Verb, record.URI, err)
		}
		answer := "denied"
		if allowed {
			answer = "allowed"
		}
		in.recorder.Add(timeline.Event{
			At: event.At, Witness: timeline.Suite, Kind: timeline.RightsChecked, Text: answer,
			Request: &timeline.Request{Method: record.Verb, URL: record.URI, AuditID: record.AuditID},
		})
	}
	return nil
}
