package browser

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// readableExpression collects everything of a page that any script in it could
// read, by place.
const readableExpression = `(() => {
  const all = (store) => Object.keys(store).map((key) => key + "=" + store.getItem(key)).join("\n");
  return {
    "the page's URL": location.href,
    "localStorage": all(localStorage),
    "sessionStorage": all(sessionStorage),
    "document.cookie": document.cookie,
    "the page's HTML": document.documentElement.outerHTML,
  };
})()`

// CookieJar is the place of a search that RecordCookies notes: a rule must be
// able to tell a browser without cookies from one that nobody looked at.
const CookieJar = "the browser's cookies"

// RecordCookies records the cookies that the profile keeps for a site, as the
// browser keeps them, without their values, and that it looked.
func (t *Tab) RecordCookies(ctx context.Context, site string) error {
	raw, err := t.cookies(ctx, site)
	if err != nil {
		return err
	}
	for _, cookie := range raw {
		entry := timeline.Cookie{
			Name: cookie.Name, Hash: redact.Hash(cookie.Value), Path: cookie.Path,
			HTTPOnly: cookie.HTTPOnly, Secure: cookie.Secure, SameSite: string(cookie.SameSite),
		}
		if found := redact.Tokens(cookie.Value); len(found) > 0 {
			entry.Token = &found[0]
		}
		t.observer.add(timeline.Event{Kind: timeline.CookieKept, Cookie: &entry})
	}
	t.observer.add(timeline.Event{Kind: timeline.Searched, Text: CookieJar})
	return nil
}

// RecordExposure looks for the profile's session credentials in every place
// that a script of the page can read. It records each place and each find.
func (t *Tab) RecordExposure(ctx context.Context, site string) error {
	cookies, err := t.cookies(ctx, site)
	if err != nil {
		return err
	}
	places, err := Evaluate[map[string]string](ctx, t, "read what a script can read", readableExpression)
	if err != nil {
		return err
	}
	for place, text := range places {
		t.observer.add(timeline.Event{Kind: timeline.Searched, Text: place})
		for _, token := range exposed(text, cookies) {
			t.observer.add(timeline.Event{Kind: timeline.TokenExposed, Text: place, Token: &token})
		}
	}
	return nil
}

func (t *Tab) cookies(ctx context.Context, site string) ([]*network.Cookie, error) {
	bounded, cancel := bind(t.ctx, ctx, ActionTimeout)
	defer cancel()
	host, err := url.Parse(site)
	if err != nil {
		return nil, fmt.Errorf("read the cookies of %s: %w", site, err)
	}
	result, err := chromedp.CallBrowser(bounded, storage.GetCookies, storage.GetCookiesParams{BrowserContextID: t.profile.id})
	if err != nil {
		return nil, t.explain(ctx, "read the cookies", err)
	}
	return slices.DeleteFunc(result.Cookies, func(cookie *network.Cookie) bool {
		return strings.TrimPrefix(cookie.Domain, ".") != host.Hostname()
	}), nil
}

// secretLength is the length from which a cookie's value, or a part of it, is
// taken for a secret: nothing shorter could be told from a harmless setting.
const secretLength = 40

// exposed returns the tokens that stand in text, and the cookies' credentials
// that do, whole or in parts: the payload or the signature alone would do.
func exposed(text string, cookies []*network.Cookie) []redact.Token {
	found := redact.Tokens(text)
	known := map[string]bool{}
	for _, token := range found {
		known[token.Hash] = true
	}
	for _, cookie := range joinChunks(cookies) {
		if known[redact.Hash(cookie)] {
			continue
		}
		for part := range strings.SplitSeq(cookie, ".") {
			if len(part) >= secretLength && strings.Contains(text, part) {
				found = append(found, redact.ParseToken(cookie))
				break
			}
		}
	}
	return found
}

// joinChunks returns the values of the HttpOnly cookies, those that are cut
// into name.0, name.1, … put together. Other cookies are readable by scripts
// anyway, which a rule of its own finds.
func joinChunks(cookies []*network.Cookie) []string {
	type chunk struct {
		index int
		value string
	}
	byName := map[string][]chunk{}
	for _, cookie := range cookies {
		if !cookie.HTTPOnly {
			continue
		}
		name, index := cookie.Name, 0
		if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
			if number, err := strconv.Atoi(name[dot+1:]); err == nil {
				name, index = name[:dot], number
			}
		}
		byName[name] = append(byName[name], chunk{index, cookie.Value})
	}
	var values []string
	for _, chunks := range byName {
		slices.SortFunc(chunks, func(a, b chunk) int { return a.index - b.index })
		var joined strings.Builder
		for _, part := range chunks {
			joined.WriteString(part.value)
		}
		values = append(values, joined.String())
	}
	slices.Sort(values)
	return values
}
