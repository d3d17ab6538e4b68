package browser

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// ErrLost means that the browser itself went away: the machine's fault or
// ours, never the dashboard's.
var ErrLost = errors.New("the browser is gone")

// Connection is one process's connection to the run's browser.
type Connection struct {
	ctx    context.Context
	cancel func()
}

// Connect connects to the browser. Close ends the connection and the profiles
// made through it; the browser lives on.
func Connect(endpoint Endpoint) (*Connection, error) {
	allocator, cancelAllocator := remote.NewAllocator(context.Background(), endpoint.Address, remote.NoModifyURL)
	ctx, cancelContext := chromedp.NewContext(allocator)
	connection := &Connection{ctx: ctx, cancel: func() { cancelContext(); cancelAllocator() }}
	if err := chromedp.Do(ctx); err != nil {
		connection.cancel()
		return nil, fmt.Errorf("connect to the browser at %s (its log: %s): %w", endpoint.Address, endpoint.Log, err)
	}
	return connection, nil
}

// Close ends the connection.
func (c *Connection) Close() { c.cancel() }

// Version returns the browser's product name and version.
func (c *Connection) Version(ctx context.Context) (string, error) {
	bounded, cancel := bind(c.ctx, ctx, ActionTimeout)
	defer cancel()
	version, err := chromedp.CallBrowser(bounded, versionCommand, cdp.Empty{})
	if err != nil {
		return "", fmt.Errorf("ask the browser for its version: %w", err)
	}
	return version.Product, nil
}

// Profile is an isolated browser profile: its cookies and storage are seen by
// its own tabs alone.
type Profile struct {
	connection *Connection
	recorder   *timeline.Recorder
	ctx        context.Context // of its first, empty tab
	cancel     context.CancelFunc
	id         cdp.BrowserContextID
	tabs       atomic.Int32
}

// NewProfile makes a fresh profile whose tabs are recorded.
func (c *Connection) NewProfile(ctx context.Context, recorder *timeline.Recorder) (*Profile, error) {
	own, cancel := chromedp.NewContext(c.ctx, chromedp.WithNewBrowserContext())
	profile := &Profile{connection: c, recorder: recorder, ctx: own, cancel: cancel}
	stop := context.AfterFunc(ctx, cancel)
	defer stop()
	if err := chromedp.Do(own); err != nil {
		cancel()
		return nil, c.explain(fmt.Errorf("make a browser profile: %w", err))
	}
	profile.id = chromedp.FromContext(own).BrowserContextID
	return profile, nil
}

// Close removes the profile with its tabs, cookies and storage.
func (p *Profile) Close() { p.cancel() }

// NewTab opens an empty tab. It is recorded from before its first document.
func (p *Profile) NewTab(ctx context.Context) (*Tab, error) {
	return p.attach(ctx, chromedp.WithExistingBrowserContext(p.id))
}

// attach makes a recorded tab of a new target, or of the one that option names.
func (p *Profile) attach(ctx context.Context, option chromedp.ContextOption) (*Tab, error) {
	observer := newObserver(p.recorder, fmt.Sprintf("tab-%d", p.tabs.Add(1)))
	own, cancel := chromedp.NewContext(p.connection.ctx, option, chromedp.WithListener(observer.event))
	tab := &Tab{profile: p, ctx: own, cancel: cancel, observer: observer}
	// The first action makes the target and binds its life to its context: no
	// deadline of that one, or the tab would end with it. A window whose page never
	// answers lets nobody look at it.
	bounded, done := context.WithTimeoutCause(ctx, ActionTimeout, fmt.Errorf("not within %s", ActionTimeout))
	defer done()
	stop := context.AfterFunc(bounded, cancel)
	err := chromedp.Do(own, observer.install()...)
	if !stop() && err == nil {
		// It was ended at the very moment.
		err = own.Err()
	}
	if err != nil {
		cancel()
		return nil, p.connection.explain(fmt.Errorf("open a tab: %w", errors.Join(err, context.Cause(bounded))))
	}
	return tab, nil
}

// popup returns the id of the next page that this very tab opens: the browser
// tells every connection of every page that opens anywhere in it.
func popup(tab *Tab) <-chan target.ID {
	opener := chromedp.FromContext(tab.ctx).Target.TargetID
	return chromedp.WaitNewTarget(tab.ctx, func(info *target.Info) bool {
		return info.Type == "page" && info.OpenerID == opener
	})
}

// explain tells a lost browser from a failed action: both say no more than
// "context canceled".
func (c *Connection) explain(err error) error {
	if err == nil {
		return nil
	}
	own := chromedp.FromContext(c.ctx)
	if own == nil || own.Browser == nil {
		return err
	}
	select {
	case <-own.Browser.LostConnection:
		return fmt.Errorf("%w: %w", ErrLost, err)
	default:
		return err
	}
}

// bind derives a context for one action from a tab's context, ended by the
// caller's context too, and by a deadline in any case.
func bind(tab, caller context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	bounded, cancel := context.WithTimeoutCause(tab, limit, fmt.Errorf("not within %s", limit))
	stop := context.AfterFunc(caller, cancel)
	return bounded, func() { stop(); cancel() }
}
