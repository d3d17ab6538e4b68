package browser

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

// ActionTimeout is the longest that one action on a page may take: many times
// what a conformant dashboard needs on a busy machine.
const ActionTimeout = 45 * time.Second

// excerptLength is how much of a page's text an error quotes, in bytes.
const excerptLength = 300

// ErrClosed means that a window closed itself before it could be looked at.
var ErrClosed = errors.New("the window closed itself at once")

var versionCommand = browser.GetVersion

// Tab is a recorded tab.
type Tab struct {
	profile  *Profile
	ctx      context.Context
	cancel   context.CancelFunc
	observer *observer
}

// Name tells the tab's events in the timeline apart.
func (t *Tab) Name() string { return t.observer.tab }

// Do runs actions, one deadline for each. What says what they are for, as in
// "wait for the Sign In button".
func (t *Tab) Do(ctx context.Context, what string, actions ...chromedp.Action[chromedp.Void]) error {
	for _, action := range actions {
		if _, err := run(ctx, t, what, ActionTimeout, action); err != nil {
			return err
		}
	}
	return nil
}

// Evaluate evaluates a JavaScript expression in the page.
func Evaluate[T any](ctx context.Context, tab *Tab, what, expression string) (T, error) {
	return run(ctx, tab, what, ActionTimeout, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Await waits until a JavaScript expression is true in the page, across
// navigations, for at most limit.
func (t *Tab) Await(ctx context.Context, what, expression string, limit time.Duration) error {
	bounded, cancel := bind(t.ctx, ctx, limit)
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		// An evaluation during a navigation fails, and is asked again.
		holds, err := chromedp.Run(bounded, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && holds {
			return nil
		}
		select {
		case <-bounded.Done():
			return t.explain(ctx, what, errors.Join(context.Cause(bounded), err))
		case <-ticker.C:
		}
	}
}

// Popup runs an action that opens a window, and returns that window's tab.
func (t *Tab) Popup(ctx context.Context, what string, opens chromedp.Action[chromedp.Void]) (*Tab, error) {
	opened := popup(t)
	if err := t.Do(ctx, what, opens); err != nil {
		return nil, err
	}
	bounded, cancel := bind(t.ctx, ctx, ActionTimeout)
	defer cancel()
	select {
	case id, found := <-opened:
		if !found {
			return nil, t.explain(ctx, what, errors.New("no window opened"))
		}
		window, err := t.profile.attach(ctx, chromedp.WithTargetID(id))
		if errors.Is(err, chromedp.ErrTargetDetached) && !errors.Is(err, ErrLost) {
			err = ErrClosed
		}
		if err != nil {
			return nil, t.explain(ctx, what, err)
		}
		return window, nil
	case <-bounded.Done():
		return nil, t.explain(ctx, what, fmt.Errorf("no window opened: %w", context.Cause(bounded)))
	}
}

// AwaitClosed waits until the tab has been closed from inside the browser.
func (t *Tab) AwaitClosed(ctx context.Context, what string) error {
	bounded, cancel := bind(t.ctx, ctx, ActionTimeout)
	defer cancel()
	detached, err := chromedp.Detached(t.ctx)
	if err != nil {
		return t.explain(ctx, what, err)
	}
	select {
	case <-detached:
		return nil
	case <-bounded.Done():
		return t.explain(ctx, what, fmt.Errorf("the window is still open: %w", context.Cause(bounded)))
	}
}

// AwaitOrClosed waits until a JavaScript expression is true in the page, or the
// tab has been closed from inside the browser, which it says.
func (t *Tab) AwaitOrClosed(ctx context.Context, what, expression string) (closed bool, err error) {
	detached, err := chromedp.Detached(t.ctx)
	if err != nil {
		return false, t.explain(ctx, what, err)
	}
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	shown := make(chan error, 1)
	go func() { shown <- t.Await(waiting, what, expression, ActionTimeout) }()
	select {
	case <-detached:
		return true, nil
	case err := <-shown:
		select {
		case <-detached:
			// The wait broke off because the tab is gone.
			return err != nil, nil
		default:
			return false, err
		}
	}
}

// Location returns the page's address, redacted.
func (t *Tab) Location(ctx context.Context) (string, error) {
	location, err := run(ctx, t, "read the page's address", ActionTimeout, chromedp.Location())
	return redact.URL(location), err
}

// Screenshot returns the tab's picture, PNG.
func (t *Tab) Screenshot(ctx context.Context) ([]byte, error) {
	return run(ctx, t, "take a screenshot", ActionTimeout, chromedp.CaptureScreenshot())
}

// HTML returns the page's document, redacted.
func (t *Tab) HTML(ctx context.Context) (string, error) {
	html, err := Evaluate[string](ctx, t, "read the page's HTML", "document.documentElement.outerHTML")
	return redact.Text(html), err
}

// Close closes the tab.
func (t *Tab) Close() { t.cancel() }

func run[T any](ctx context.Context, tab *Tab, what string, limit time.Duration, action chromedp.Action[T]) (T, error) {
	bounded, cancel := bind(tab.ctx, ctx, limit)
	defer cancel()
	result, err := chromedp.Run(bounded, action)
	if err != nil {
		if cause := context.Cause(bounded); cause != nil && !errors.Is(err, cause) {
			err = fmt.Errorf("%w (%w)", cause, err)
		}
		return result, tab.explain(ctx, what, err)
	}
	return result, nil
}

// explain says what the page showed when an action on it failed.
func (t *Tab) explain(ctx context.Context, what string, err error) error {
	err = t.profile.connection.explain(err)
	if errors.Is(err, ErrLost) {
		return fmt.Errorf("%s: %w", what, err)
	}
	bounded, cancel := bind(t.ctx, context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	const expression = `location.href + "\n" + (document.body ? document.body.innerText : "")`
	shown, excerptErr := chromedp.Run(bounded, chromedp.Evaluate[string](expression))
	if excerptErr != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	location, text, _ := strings.Cut(shown, "\n")
	text = strings.Join(strings.Fields(redact.Text(text)), " ")
	if len(text) > excerptLength {
		text = strings.ToValidUTF8(text[:excerptLength], "") + "…"
	}
	return fmt.Errorf("%s: %w; the page at %s shows: %q", what, err, redact.URL(location), text)
}
