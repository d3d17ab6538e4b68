package installation

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
)

// trial has the page send requests at once, with its own credentials and past the
// browser's cache, which would send one after the other. It returns the statuses,
// 0 for none.
const trial = `Promise.all(Array.from({length: %d}, () =>
  %s.fetch(%s, {cache: "no-store"}).then((response) => response.text().then(() => response.status), () => 0)))`

func (p *onPage) try(ctx context.Context, path string, n int) error {
	address, err := json.Marshal(clusterPath + path)
	if err != nil {
		return err
	}
	_, err = browser.Evaluate[[]int](ctx, p.page.Tab, "send requests from the page", fmt.Sprintf(trial, n, own(), address))
	return err
}

func (p *onPage) cookies(ctx context.Context) ([]*http.Cookie, error) {
	cookies, err := p.page.Tab.Cookies(ctx, p.page.URL)
	return cookies, onThePage(err)
}

func (p *onPage) getWith(ctx context.Context, path string, cookies []*http.Cookie) error {
	client, err := p.newClient()
	if err != nil {
		return err
	}
	_, err = client.GetWith(ctx, path, cookies)
	return err
}

func (p *onPage) freeze(ctx context.Context) error { return p.page.Tab.Freeze(ctx) }

func (p *onPage) thaw(ctx context.Context) error { return p.page.Tab.Thaw(ctx) }

func (p *onPage) goOffline(ctx context.Context) error { return p.page.Tab.GoOffline(ctx) }

func (p *onPage) comeOnline(ctx context.Context) error { return p.page.Tab.ComeOnline(ctx) }
