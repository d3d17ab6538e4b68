package browser

import "github.com/chromedp/chromedp"

// IsClosed says whether the tab has been closed from inside the browser.
func (t *Tab) IsClosed() bool {
	detached, err := chromedp.Detached(t.ctx)
	if err != nil {
		return true
	}
	select {
	case <-detached:
		return true
	default:
		return false
	}
}
