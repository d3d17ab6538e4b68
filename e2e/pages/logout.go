package pages

import (
	"context"
	"errors"
	"fmt"

	"github.com/chromedp/chromedp"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
)

const (
	// userMenu is the button that opens the menu of the logged-in user.
	userMenu = `//button[@aria-label="Account of current user"]`
	// logOut is the menu's entry: "Log out", and who, from 0.41 on.
	logOut = `//*[@id="primary-user-menu"]//*[@role="menuitem" or self::a][contains(., 'Log out')]`
)

// LogOut logs out by the user menu, and waits until a login is offered.
func (h Headlamp) LogOut(ctx context.Context) error {
	if err := h.press(ctx, "open the user menu", userMenu); err != nil {
		return err
	}
	if err := h.press(ctx, "click Log out", logOut); err != nil {
		return err
	}
	return h.AwaitLogin(ctx)
}

// OpenUserMenu opens the user menu, and waits until it offers to log out.
func (h Headlamp) OpenUserMenu(ctx context.Context) error {
	if err := h.press(ctx, "open the user menu", userMenu); err != nil {
		return err
	}
	return h.Tab.Await(ctx, "wait for Log out in the user menu", find(logOut), browser.ActionTimeout)
}

// clickAmid sends requests, clicks what an XPath finds, and sends as many again, all
// in one breath, so that a person's click comes between the page's own requests. It
// waits for all answers, and says what it found to click.
const clickAmid = `(async () => {
  const found = %s, own = %s;
  const send = () => Array.from({length: %d}, () =>
    own.fetch(%s, {cache: "no-store"}).then((response) => response.text()).catch(() => ""));
  if (!found) return false;
  const sent = send();
  found.click();
  await Promise.all([...sent, ...send()]);
  return true;
})()`

// LogOutAmid clicks Log out in the open user menu between two times n requests to
// an address of the dashboard, which own, an expression, sends as the page does. It
// returns when those are answered.
func (h Headlamp) LogOutAmid(ctx context.Context, own, address string, n int) error {
	clicked, err := browser.Evaluate[bool](ctx, h.Tab, "click Log out between other requests",
		fmt.Sprintf(clickAmid, find(logOut), own, n, quote(address)))
	if err == nil && !clicked {
		err = errors.New("click Log out: the user menu is not open any more")
	}
	return err
}

// find is a JavaScript expression for the first that an XPath finds, or null.
func find(path string) string {
	return fmt.Sprintf("document.evaluate(%q, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue", path)
}

// press clicks what an XPath finds, as soon as it is there, and wherever it is: a
// menu that is still unfolding is elsewhere when the pointer arrives.
func (h Headlamp) press(ctx context.Context, what, path string) error {
	// Later, for a click that leads elsewhere would break the evaluation off.
	return h.Tab.Await(ctx, what, fmt.Sprintf(`(() => {
		const found = %s;
		if (found) setTimeout(() => found.click());
		return found;
	})()`, find(path)), browser.ActionTimeout)
}

// AwaitLogin waits until the page offers a login.
func (h Headlamp) AwaitLogin(ctx context.Context) error {
	return h.Tab.Do(ctx, "wait for the Sign In button", chromedp.WaitVisible(signIn))
}

// AsksForPassword waits until a window that Sign In opened shows Keycloak's
// form, or closes itself because nothing was asked.
func AsksForPassword(ctx context.Context, window *browser.Tab) (bool, error) {
	closed, err := window.AwaitOrClosed(ctx, "wait for Keycloak's login form, or for the window to close itself",
		`document.querySelector("#kc-login")`)
	return !closed, err
}
