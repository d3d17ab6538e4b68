package pages

import (
	"context"
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

// press clicks what an XPath finds, as soon as it is there, and wherever it is: a
// menu that is still unfolding is elsewhere when the pointer arrives.
func (h Headlamp) press(ctx context.Context, what, path string) error {
	// Later, for a click that leads elsewhere would break the evaluation off.
	return h.Tab.Await(ctx, what, fmt.Sprintf(`(() => {
		const found = document.evaluate(%q, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue;
		if (found) setTimeout(() => found.click());
		return found;
	})()`, path), browser.ActionTimeout)
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
