package installation

import (
	"context"
	"net/http"
)

func (b *bare) logOut(context.Context) error { return needsPage("log out") }

func (b *bare) backToLogin(context.Context) error { return needsPage("go back") }

func (b *bare) reloadLogin(context.Context) error { return needsPage("reload the page") }

func (b *bare) signInAgain(context.Context) (bool, error) { return false, needsPage("click Sign In") }

func (b *bare) recordCookies(context.Context) error { return needsPage("look at its cookies") }

func (b *bare) cookies(context.Context) ([]*http.Cookie, error) { return b.client.Cookies(), nil }
