package installation

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

func (b *bare) try(ctx context.Context, path string, n int) error {
	failures := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { _, failures[i] = b.client.Get(ctx, path) })
	}
	all.Wait()
	return errors.Join(failures...)
}

func (b *bare) cookies(context.Context) ([]*http.Cookie, error) { return b.client.Cookies(), nil }

func (b *bare) getWith(ctx context.Context, path string, cookies []*http.Cookie) error {
	_, err := b.client.GetWith(ctx, path, cookies)
	return err
}

func (b *bare) freeze(context.Context) error {
	b.presence.end()
	return nil
}

func (b *bare) thaw(context.Context) error {
	b.presence = begin(b.client)
	return nil
}

func (b *bare) goOffline(context.Context) error { return needsPage("take the network away") }

func (b *bare) comeOnline(context.Context) error { return needsPage("give the network back") }

func (b *bare) lookWithin(context.Context, string, time.Duration) error {
	return needsPage("wait for what the page shows")
}
