package browser

import (
	"context"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

const (
	// filmScale makes a picture of a film small: what it shows can be told apart,
	// and hardly be read.
	filmScale = 0.4
	// filmQuality is JPEG's, of 100.
	filmQuality = int64(50)
	// filmTimeout is the longest that one picture may take: a page that does not
	// draw within it is not waited for.
	filmTimeout = 5 * time.Second
)

// Film returns a small picture of what the tab shows, JPEG: cheap enough to be
// taken while the page is watched.
func (t *Tab) Film(ctx context.Context) ([]byte, error) {
	bounded, cancel := bind(t.ctx, ctx, filmTimeout)
	defer cancel()
	picture, err := chromedp.Run(bounded, takeSmall)
	if err != nil {
		return nil, fmt.Errorf("take a picture of %s: %w", t.Name(), err)
	}
	return picture, nil
}

func takeSmall(ctx context.Context, target *chromedp.Target) ([]byte, error) {
	layout, err := cdp.Call(ctx, target, page.GetLayoutMetrics, cdp.Empty{})
	if err != nil {
		return nil, err
	}
	seen := layout.CSSVisualViewport
	fromSurface, fast, quality := true, true, filmQuality
	taken, err := cdp.Call(ctx, target, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatJpeg, Quality: &quality, FromSurface: &fromSurface, OptimizeForSpeed: &fast,
		Clip: &page.Viewport{X: seen.PageX, Y: seen.PageY, Width: seen.ClientWidth, Height: seen.ClientHeight, Scale: filmScale},
	})
	if err != nil {
		return nil, err
	}
	return taken.Data, nil
}
