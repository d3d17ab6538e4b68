package installation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const (
	// manyGroups is the group that those are below which TakeGroups takes.
	manyGroups = "many"
	// longName is how long their names are. Keycloak takes a while for each group,
	// and what counts is the size of the token.
	longName = 200
)

// NewUserInMany makes a user who is in these groups, and in so many more that are
// made for the purpose, with long names.
func (in *Installation) NewUserInMany(ctx context.Context, more int, groups ...string) (User, error) {
	names, paths := make([]string, more), make([]string, more)
	for i := range names {
		number := fmt.Sprintf("-%03d", i)
		names[i] = strings.Repeat("department-", longName)[:longName-len(number)] + number
		paths[i] = manyGroups + "/" + names[i]
	}
	if err := in.realm.CreateGroups(ctx, manyGroups, names); err != nil {
		return User{}, environment("make many groups", err)
	}
	account, err := in.realm.CreateUser(ctx, keycloak.User{Name: newName("user"), Groups: append(paths, groups...)})
	if err != nil {
		return User{}, environment("make a user in many groups", err)
	}
	all := append(names, groups...)
	in.recorder.Describe(func(header *timeline.Header) {
		header.Users = append(header.Users, timeline.User{Name: account.Name, ID: account.ID, Groups: all})
	})
	return User{Name: account.Name, Groups: all, account: account}, nil
}

// TakeGroups takes the groups that NewUserInMany made, and waits until the session
// has a token without them which was good for a request. Whether it came is a
// rule's to judge.
func (s *Session) TakeGroups(ctx context.Context) error {
	in := s.in
	if err := in.realm.DeleteGroup(ctx, manyGroups); err != nil {
		return environment("take the groups from the user", err)
	}
	in.did(timeline.GroupsTaken)
	in.tell(live.Message{State: live.Using})
	// One token may have been issued at this moment; the next one has fewer groups.
	bounded, cancel := context.WithTimeout(ctx, in.stand.Descriptor.Lifetime+in.renewalLimit())
	defer cancel()
	err := in.recorder.Await(bounded, judge.ServedWithFewGroups)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return nil
}

// LeaveGroup takes the user out of a group, waits until the session has been
// renewed and requests have to show it, and until one was answered that was sent
// from then on. Whether all this came is a rule's to judge.
func (s *Session) LeaveGroup(ctx context.Context, group string) error {
	in := s.in
	if err := s.OpenNamespaces(ctx); err != nil {
		return err
	}
	if err := in.realm.LeaveGroup(ctx, s.user.account, group); err != nil {
		return environment("take the user out of a group", err)
	}
	left := slices.DeleteFunc(slices.Clone(s.user.Groups), func(name string) bool { return name == group })
	in.recorder.Add(timeline.Event{
		Witness: timeline.Suite, Kind: timeline.Acted, Text: timeline.GroupTaken,
		Identified: &timeline.Identified{User: s.user.Name, Groups: left},
	})
	in.tell(live.Message{State: live.Holding, Of: 1})
	// One token may have been issued at this moment; the next one has fewer groups.
	return in.awaitAtMost(ctx, in.stand.Descriptor.Lifetime+in.renewalLimit(), func(line timeline.Timeline) bool {
		from, renewed := judge.GroupsFollowFrom(line)
		if !renewed {
			return false
		}
		// The front tells with which token a request came a moment after the tap has told
		// of it, and that may put off from when on it counts.
		return askedSince(line, timeline.Tap, from) && askedSince(line, timeline.Front, from)
	})
}

// askedSince says whether a witness saw an answer to a request to the cluster that was
// sent after a moment.
func askedSince(line timeline.Timeline, witness timeline.Witness, moment time.Time) bool {
	for _, event := range line.Since(moment).Of(witness, timeline.Responded) {
		inCluster := witness != timeline.Front || line.Header.InCluster(event.Request.URL)
		if inCluster && event.Request.Began.After(moment) {
			return true
		}
	}
	return false
}

// oddGroups are names that headers, paths and lists have their own ideas about.
var oddGroups = []string{
	"Platform Team", "ops:on-call", "eu/west/ops", "100%25 sure", "Ärzte und Köche", "東京", "a, b", `"quoted"`, "back\\slash",
	"system masters", strings.Repeat("Länge ", 30) + "!",
}

// oddName is what follows in the name of a user who has an odd one. Keycloak takes
// nothing odder there: no space, quote, comma, colon, slash or percent sign.
const oddName = ".jürgen-straße_ops+eu@east"

// NewOddUser makes a user with an odd name, who is in groups with odd names, and in
// these.
func (in *Installation) NewOddUser(ctx context.Context, groups ...string) (User, error) {
	name := newName("user")
	account, err := in.realm.CreateUser(ctx, keycloak.User{Name: name + oddName, Email: name + "@example.org", Groups: groups})
	if err != nil {
		return User{}, environment("make a user with an odd name", err)
	}
	for _, group := range oddGroups {
		if err := in.realm.JoinNewGroup(ctx, account, group); err != nil {
			return User{}, environment("make a group with an odd name", err)
		}
	}
	all := slices.Concat(oddGroups, groups)
	in.recorder.Describe(func(header *timeline.Header) {
		header.Users = append(header.Users, timeline.User{Name: account.Name, ID: account.ID, Groups: all})
	})
	return User{Name: account.Name, Groups: all, account: account}, nil
}
