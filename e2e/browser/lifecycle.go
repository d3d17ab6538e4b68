package browser

import (
	"context"
	"net/http"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Freeze stops everything that the page does by itself, as a browser does with a
// tab that nobody looks at.
func (t *Tab) Freeze(ctx context.Context) error {
	return t.Do(ctx, "freeze the tab", command(page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: page.SetWebLifecycleStateStateFrozen}))
}

// Thaw lets a frozen page go on, in the foreground.
func (t *Tab) Thaw(ctx context.Context) error {
	return t.Do(ctx, "thaw the tab",
		command(page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: page.SetWebLifecycleStateStateActive}),
		// A page that was frozen stays hidden otherwise.
		command(emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}))
}

// GoOffline takes the tab's network away. WebSockets that are open stall, and go
// on later: whoever wants them to end has to end them at the other side.
func (t *Tab) GoOffline(ctx context.Context) error {
	const unthrottled = -1
	return t.Do(ctx, "take the tab's network away",
		command(network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: true, DownloadThroughput: unthrottled, UploadThroughput: unthrottled}},
		}),
		// What the page is told of it.
		command(network.OverrideNetworkState, network.OverrideNetworkStateParams{
			Offline: true, DownloadThroughput: unthrottled, UploadThroughput: unthrottled,
		}))
}

// ComeOnline gives the tab its network back.
func (t *Tab) ComeOnline(ctx context.Context) error {
	const unthrottled = -1
	return t.Do(ctx, "give the tab its network back",
		command(network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{}}),
		command(network.OverrideNetworkState, network.OverrideNetworkStateParams{DownloadThroughput: unthrottled, UploadThroughput: unthrottled}))
}

// Cookies returns the cookies that the profile keeps for a site, with their
// values: secrets, which reach no record.
func (t *Tab) Cookies(ctx context.Context, site string) ([]*http.Cookie, error) {
	kept, err := t.cookies(ctx, site)
	if err != nil {
		return nil, err
	}
	cookies := make([]*http.Cookie, len(kept))
	for i, cookie := range kept {
		cookies[i] = &http.Cookie{Name: cookie.Name, Value: cookie.Value}
	}
	return cookies, nil
}

// command is an action that sends one command to the tab, and has no result.
func command[P, R any](sent cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, sent, params)
		return err
	})
}
