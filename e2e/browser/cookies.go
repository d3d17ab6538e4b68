package browser

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// kept is how long a browser keeps a cookie that was put into it.
const kept = 24 * time.Hour

// PutCookies puts cookies of a site into the profile, as an earlier visit left
// them: HttpOnly, Secure, SameSite=Strict, below a path. values has them by name.
func (p *Profile) PutCookies(ctx context.Context, host, path string, values map[string]string) error {
	const what = "put cookies into the browser"
	bounded, cancel := bind(p.ctx, ctx, ActionTimeout)
	defer cancel()
	expires := cdp.TimeSinceEpoch(float64(time.Now().Add(kept).Unix()))
	params := storage.SetCookiesParams{BrowserContextID: p.id}
	for name, value := range values {
		params.Cookies = append(params.Cookies, &network.CookieParam{
			Name: name, Value: value, Domain: host, Path: path, Expires: expires,
			HTTPOnly: true, Secure: true, SameSite: network.CookieSameSiteStrict,
		})
	}
	if len(params.Cookies) == 0 {
		return errors.New(what + ": none was given")
	}
	if _, err := chromedp.CallBrowser(bounded, storage.SetCookies, params); err != nil {
		return p.connection.explain(fmt.Errorf("%s: %w", what, err))
	}
	return nil
}
