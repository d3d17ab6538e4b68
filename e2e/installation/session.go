package installation

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pages"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// User is a user of the installation, at Keycloak.
type User struct {
	Name   string
	Groups []string

	account keycloak.User
}

// Session is a page on which a user has logged in.
type Session struct {
	in   *Installation
	page pages.Headlamp
	user User
}

// NewUser makes a user with a name that no other spec uses, in these groups.
func (in *Installation) NewUser(ctx context.Context, groups ...string) (User, error) {
	account, err := in.realm.CreateUser(ctx, keycloak.User{Name: newName("user"), Groups: groups})
	if err != nil {
		return User{}, environment("make a user", err)
	}
	in.recorder.Describe(func(header *timeline.Header) {
		header.Users = append(header.Users, timeline.User{Name: account.Name, ID: account.ID, Groups: groups})
	})
	return User{Name: account.Name, Groups: groups, account: account}, nil
}

// Login opens the dashboard in a new tab and logs a user in through the window
// that Sign In opens. It returns when the cluster's overview has loaded.
func (in *Installation) Login(ctx context.Context, user User) (*Session, error) {
	in.tell(live.Message{State: live.LoggingIn})
	leave, err := in.stand.Admission.Enter(ctx)
	if err != nil {
		return nil, environment("wait for a place to log in", err)
	}
	defer leave()
	tab, err := in.profile.NewTab(ctx)
	if err != nil {
		return nil, environment("open a tab", err)
	}
	in.tabs = append(in.tabs, tab)
	session := &Session{in: in, user: user, page: pages.Headlamp{Tab: tab, URL: in.front.URL(), Cluster: clusterName}}
	if err := session.logIn(ctx); err != nil {
		return nil, in.undone(ctx, judge.NotLoggedIn, err)
	}
	in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.LoggedIn, Tab: tab.Name()})
	return session, nil
}

func (s *Session) logIn(ctx context.Context) error {
	if err := s.page.Open(ctx); err != nil {
		return err
	}
	window, err := s.page.SignIn(ctx)
	if err != nil {
		return err
	}
	defer window.Close()
	if err := pages.LogInAtKeycloak(ctx, window, s.user.Name, s.user.account.Password.Reveal()); err != nil {
		return err
	}
	if err := window.AwaitClosed(ctx, "wait for the login window to close itself"); err != nil {
		return err
	}
	return s.page.AwaitOverview(ctx)
}

// SearchForTokens looks for tokens wherever a script of the page can read, and
// notes the session's cookies as the browser keeps them.
func (s *Session) SearchForTokens(ctx context.Context) error {
	if err := s.page.Tab.RecordCookies(ctx, s.page.URL); err != nil {
		return onThePage(err)
	}
	return onThePage(s.page.Tab.RecordExposure(ctx, s.page.URL))
}

// whoAmI has the page ask the API server, through the dashboard and with the
// page's own credentials, as whom it was authenticated (SelfSubjectReview).
const whoAmI = `(async () => {
  const response = await fetch(%s, {
    method: "POST", credentials: "include", headers: {"Content-Type": "application/json"},
    body: JSON.stringify({apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview"}),
  });
  return {status: response.status, body: await response.text()};
})()`

// AskWhoIAm records as whom the API server knows the page's session.
func (s *Session) AskWhoIAm(ctx context.Context) error {
	address, err := json.Marshal("/clusters/" + clusterName + "/apis/authentication.k8s.io/v1/selfsubjectreviews")
	if err != nil {
		return err
	}
	answer, err := s.page.Fetch(ctx, "ask the API server who the page's user is", fmt.Sprintf(whoAmI, address))
	if err == nil && answer.Status != http.StatusCreated {
		err = fmt.Errorf("ask the API server who the page's user is: answered %d", answer.Status)
	}
	if err != nil {
		return s.in.undone(ctx, judge.NotServed, err)
	}
	var review struct {
		Status struct {
			UserInfo struct {
				Username string   `json:"username"`
				UID      string   `json:"uid"`
				Groups   []string `json:"groups"`
			} `json:"userInfo"`
		} `json:"status"`
	}
	if err := json.Unmarshal([]byte(answer.Body), &review); err != nil {
		return fmt.Errorf("read the API server's answer to who the page's user is: %w", err)
	}
	info := review.Status.UserInfo
	s.in.recorder.Add(timeline.Event{
		Witness: timeline.Suite, Kind: timeline.WhoAmI,
		Identified: &timeline.Identified{User: info.Username, Groups: info.Groups, UID: info.UID},
	})
	return nil
}
