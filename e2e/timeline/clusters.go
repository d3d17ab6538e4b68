package timeline

import "github.com/headlamp-conformance/headlamp-conformance/e2e/redact"

// Cluster is another cluster of the dashboard, whose users Keycloak has in another
// realm. Its API server may be the same one: a dashboard cannot tell.
type Cluster struct {
	Name   string `json:"name"` // in the dashboard's routes
	Realm  string `json:"realm"`
	Issuer string `json:"issuer"`
	Users  []User `json:"users,omitempty"`
}

// EachCluster returns what was seen of each of the dashboard's clusters, the
// header's own first, each with a header of its own.
func (t Timeline) EachCluster() []Timeline {
	own := Cluster{Name: t.Header.Cluster, Issuer: t.Header.Issuer, Users: t.Header.Users}
	var parts []Timeline
	for _, cluster := range append([]Cluster{own}, t.Header.Others...) {
		part := Timeline{Header: t.Header, Events: t.Select(func(e Event) bool { return t.concerns(e, cluster) })}
		part.Header.Cluster, part.Header.Issuer, part.Header.Users = cluster.Name, cluster.Issuer, cluster.Users
		part.Header.Others = nil
		parts = append(parts, part)
	}
	return parts
}

// concerns says whether an event is one of a cluster's, or of no cluster alone. On
// the wire a request belongs to the cluster whose issuer its token names.
func (t Timeline) concerns(event Event, cluster Cluster) bool {
	switch {
	case event.Identity != nil:
		return event.Identity.Realm == cluster.Realm
	case event.Token != nil:
		return !t.foreign(*event.Token, cluster)
	case event.Request != nil && event.Request.Bearer != nil:
		return !t.foreign(*event.Request.Bearer, cluster)
	}
	return true
}

// foreign says whether a token belongs to another cluster.
func (t Timeline) foreign(token redact.Token, cluster Cluster) bool {
	if token.Issuer == cluster.Issuer {
		return false
	}
	if token.Issuer == t.Header.Issuer {
		return true
	}
	for _, other := range t.Header.Others {
		if token.Issuer == other.Issuer {
			return true
		}
	}
	return false
}
