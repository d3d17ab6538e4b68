package installation

import (
	"context"
	"fmt"
	"net/http"
)

// logOut sends what a page sends at a click on Log out.
func (b *bare) logOut(ctx context.Context) error {
	answer, err := b.client.Do(ctx, http.MethodPost, "/set-token", map[string]any{"token": nil})
	if err == nil && answer.Status >= http.StatusMultipleChoices {
		err = fmt.Errorf("answered %s", answer)
	}
	if err != nil {
		return fmt.Errorf("log out: %w", err)
	}
	return nil
}

func (b *bare) openUserMenu(context.Context) error { return needsPage("open the user menu") }

func (b *bare) logOutAmid(context.Context, string, int) error {
	return needsPage("log out amid its requests")
}

func (b *bare) backToLogin(context.Context) error { return needsPage("go back") }

func (b *bare) reloadLogin(context.Context) error { return needsPage("reload the page") }

func (b *bare) openAgain(context.Context) error { return needsPage("open the dashboard again") }

func (b *bare) signInAgain(context.Context) (bool, error) { return false, needsPage("click Sign In") }

func (b *bare) recordCookies(context.Context) error { return needsPage("look at its cookies") }
