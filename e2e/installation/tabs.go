package installation

import (
	"context"
	"errors"
	"sync"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// HoldTabs is Hold with several tabs of one browser: each opens the dashboard with
// the session that is there, without a login, while those before it are held.
func (s *Session) HoldTabs(ctx context.Context, tabs, expiries int) error {
	if err := s.beginHold(ctx); err != nil {
		return err
	}
	for len(s.others)+1 < tabs {
		way, err := s.in.openTab(ctx, s.user)
		if err != nil {
			return s.in.undone(ctx, judge.PageNotAlive, err)
		}
		another := &Session{in: s.in, way: way, user: s.user}
		if err := another.beginHold(ctx); err != nil {
			return err
		}
		s.others = append(s.others, another)
	}
	return s.goPast(ctx, expiries)
}

// lookInEveryTab looks for a namespace in all tabs at once.
func (s *Session) lookInEveryTab(ctx context.Context, namespace string) error {
	tabs := append([]*Session{s}, s.others...)
	failures := make([]error, len(tabs))
	var looking sync.WaitGroup
	for i, tab := range tabs {
		looking.Go(func() { failures[i] = tab.way.lookFor(ctx, namespace) })
	}
	looking.Wait()
	return errors.Join(failures...)
}

// openTab opens the dashboard in a new tab, in which somebody is logged in.
func (in *Installation) openTab(ctx context.Context, user User) (way, error) {
	if in.profile == nil {
		return nil, errors.New("open another tab: there is no browser in a bare installation; plan the scenario in a browser")
	}
	// A page costs as much to load as at a login.
	leave, err := in.stand.Admission.Enter(ctx)
	if err != nil {
		return nil, environment("wait for a place to load a page", err)
	}
	defer leave()
	page, err := in.newPage(ctx)
	if err != nil {
		return nil, err
	}
	return in.onPage(page, user), page.OpenLoggedIn(ctx)
}
