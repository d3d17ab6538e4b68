package keycloak

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

// eventLimit is how many events of a realm are read at the most: many times
// what one scenario makes.
const eventLimit = 10000

// Event is an event that Keycloak stored, without what could be used again.
type Event struct {
	Time     time.Time // to the millisecond
	Type     string    // LOGIN, REFRESH_TOKEN, REFRESH_TOKEN_ERROR, …
	ClientID string
	UserID   string
	Session  string // hash of the session's id
	Error    string
	Details  map[string]string
}

// keptDetails are the details of an event that hold no code, token or id of a
// session.
var keptDetails = map[string]bool{
	"grant_type": true, "reason": true, "redirect_uri": true, "refresh_token_type": true, "response_type": true,
	"scope": true, "username": true, "client_auth_method": true, "auth_method": true, "auth_type": true,
	"age_of_refresh_token": true,
}

// storedEvent is Keycloak's EventRepresentation.
type storedEvent struct {
	Time      int64             `json:"time"` // milliseconds
	Type      string            `json:"type"`
	ClientID  string            `json:"clientId"`
	UserID    string            `json:"userId"`
	SessionID string            `json:"sessionId"`
	Error     string            `json:"error"`
	Details   map[string]string `json:"details"`
}

// Events returns the events that the realm has stored since a time, in no
// particular order.
func (r *Realm) Events(ctx context.Context, since time.Time) ([]Event, error) {
	var stored []storedEvent
	if err := r.get(ctx, "events", url.Values{"max": {fmt.Sprint(eventLimit)}}, &stored); err != nil {
		return nil, err
	}
	if len(stored) >= eventLimit {
		return nil, fmt.Errorf("the realm %s has stored %d events or more, which are too many to judge", r.Name, eventLimit)
	}
	var events []Event
	for _, event := range stored {
		kept := event.keep()
		if !kept.Time.Before(since) {
			events = append(events, kept)
		}
	}
	return events, nil
}

// ClearEvents removes all events of the realm.
func (r *Realm) ClearEvents(ctx context.Context) error {
	return r.change(ctx, http.MethodDelete, "events", nil)
}

func (e storedEvent) keep() Event {
	event := Event{
		Time: time.UnixMilli(e.Time).UTC(), Type: e.Type, ClientID: e.ClientID, UserID: e.UserID,
		Session: redact.Hash(e.SessionID), Error: e.Error,
	}
	for name, value := range e.Details {
		if !keptDetails[name] {
			continue
		}
		if event.Details == nil {
			event.Details = map[string]string{}
		}
		if strings.Contains(value, "://") {
			value = redact.URL(value)
		}
		event.Details[name] = redact.Text(value)
	}
	return event
}
