package installation

import (
	"context"
	"errors"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pages"
)

func (p *onPage) logOut(ctx context.Context) error { return p.page.LogOut(ctx) }

func (p *onPage) openUserMenu(ctx context.Context) error { return p.page.OpenUserMenu(ctx) }

func (p *onPage) logOutAmid(ctx context.Context, path string, n int) error {
	return p.page.LogOutAmid(ctx, own(), p.page.Base+clusterPath+path, n/2)
}

func (p *onPage) backToLogin(ctx context.Context) error {
	if err := p.page.Back(ctx); err != nil {
		return err
	}
	return p.page.AwaitLogin(ctx)
}

func (p *onPage) reloadLogin(ctx context.Context) error {
	if err := p.page.Reload(ctx); err != nil {
		return err
	}
	return p.page.AwaitLogin(ctx)
}

func (p *onPage) openAgain(ctx context.Context) error { return p.page.OpenAgain(ctx) }

func (p *onPage) signInAgain(ctx context.Context) (asked bool, err error) {
	window, err := p.page.SignIn(ctx)
	if errors.Is(err, browser.ErrClosed) {
		// Nothing was asked: the window was gone before anybody could look at it.
		return false, p.page.AwaitOverview(ctx)
	}
	if err != nil {
		return false, err
	}
	defer window.Close()
	return pages.AsksForPassword(ctx, window)
}

func (p *onPage) recordCookies(ctx context.Context) error {
	if err := p.page.Tab.RecordCookies(ctx, p.page.URL); err != nil {
		return onThePage(err)
	}
	token, err := p.ownToken(ctx)
	p.keepsToken = p.keepsToken || token != ""
	if err != nil || !p.keepsToken {
		return err
	}
	return onThePage(p.page.Tab.RecordExposure(ctx, p.page.URL))
}
