package html_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/provision"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report/html"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// shown is a page that is open in a real browser.
type shown struct {
	t        *testing.T
	tab      *browser.Tab
	recorder *timeline.Recorder
}

// open writes a report with a screenshot and opens its page from the file, as a
// person does.
func open(t *testing.T) shown {
	t.Helper()
	tools, err := provision.Machine(t.Context(), progress.To(&bytes.Buffer{}))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	authority, err := pki.NewAuthority("of a test")
	if err != nil {
		t.Fatal(err)
	}
	if err := authority.Save(dir); err != nil {
		t.Fatal(err)
	}
	chromium, err := browser.Start(t.Context(), browser.Options{
		Executable: tools.Chromium, Certutil: tools.Certutil, Dir: dir, LogDir: dir, Authority: pki.CertificatePath(dir),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := chromium.Stop(); err != nil {
			t.Error(err)
		}
	})
	connection, err := browser.Connect(chromium.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(connection.Close)
	recorder := timeline.NewRecorder(timeline.Header{})
	profile, err := connection.NewProfile(t.Context(), recorder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(profile.Close)
	tab, err := profile.NewTab(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	page := shown{t, tab, recorder}
	page.do("open the page", chromedp.Navigate("file://"+saved(t)))
	return page
}

// saved is the path of a report's page, with its evidence beside it.
func saved(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	input := written(t)
	evidence := filepath.Join(dir, "evidence", "session", "failed")
	if err := os.MkdirAll(evidence, 0o755); err != nil {
		t.Fatal(err)
	}
	picture := image.NewRGBA(image.Rect(0, 0, 60, 40))
	picture.Set(1, 1, color.White)
	var content bytes.Buffer
	if err := png.Encode(&content, picture); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(evidence, "tab-1.png"), content.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := html.Save(dir, input); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, html.FileName)
}

func (s shown) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	if err := s.tab.Do(s.t.Context(), what, actions...); err != nil {
		s.t.Fatal(err)
	}
}

// patience is how long a machine that has much to do may take for what a page does
// at once.
const patience = time.Minute

// holds fails the test when an expression is not true, now or within seconds.
func (s shown) holds(what, expression string) {
	s.t.Helper()
	if err := s.tab.Await(s.t.Context(), what, expression, patience); err != nil {
		s.t.Errorf("%s: %v", what, err)
	}
}

func evaluate[T any](s shown, expression string) T {
	s.t.Helper()
	value, err := browser.Evaluate[T](s.t.Context(), s.tab, expression, expression)
	if err != nil {
		s.t.Fatal(err)
	}
	return value
}

// looks has the browser say that a person likes it so.
func (s shown) looks(media string, features ...*emulation.MediaFeature) {
	s.t.Helper()
	s.do("ask for another look", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media, Features: features})
		return err
	}))
}

func TestThePageInARealBrowser(t *testing.T) {
	t.Parallel()
	page := open(t)

	page.holds("the verdict is there", `document.querySelector('#verdict').checkVisibility() && document.querySelector('#verdict').textContent === 'NOT CONFORMANT'`)
	page.holds("each scenario has a row", `document.querySelectorAll('.spec > summary').length === 6 &&
		[...document.querySelectorAll('.spec > summary')].every((row) => row.checkVisibility() && row.textContent.includes('Promise of'))`)
	page.holds("what failed is open, and nothing else", `[...document.querySelectorAll('.spec')].every((spec) => spec.open === spec.classList.contains('failed'))`)
	page.holds("the screenshot is shown", `document.querySelector('image').getBoundingClientRect().width > 100`)
	page.holds("marks have a size", `[...document.querySelectorAll('.marks rect')].filter((mark) => mark.checkVisibility()).every((mark) => mark.getBoundingClientRect().width > 0 && mark.getBoundingClientRect().height > 0)`)
	page.holds("nothing of what was said runs", `document.querySelectorAll('script').length === 1 && document.querySelectorAll('img').length === 0`)

	t.Run("zooms and steps by keyboard", func(t *testing.T) {
		page.do("focus the time line", chromedp.Focus(".scroll"))
		width := evaluate[float64](page, `document.querySelector('.marks').getBoundingClientRect().width`)
		page.do("zoom in", chromedp.KeyEvent("+"), chromedp.KeyEvent("+"))
		page.holds("it is four times as wide", fmt.Sprintf(`Math.abs(document.querySelector('.marks').getBoundingClientRect().width - 4 * %f) < 2`, width))
		page.holds("the screenshots keep to the same axis", `document.querySelector('.pictures').getBoundingClientRect().width === document.querySelector('.marks').getBoundingClientRect().width`)
		page.holds("the page itself does not scroll sideways", `document.documentElement.scrollWidth <= innerWidth`)
		page.do("go to the first mark", chromedp.KeyEvent("n"))
		page.holds("it is said", `document.querySelector('.readout').textContent.startsWith('12:00:01.000')`)
		page.do("fit", chromedp.KeyEvent("0"))
		page.holds("it is as wide as before", fmt.Sprintf(`Math.abs(document.querySelector('.marks').getBoundingClientRect().width - %f) < 2`, width))
	})
	t.Run("fits a phone", func(t *testing.T) {
		page.do("make it small", chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile))
		page.do("open everything", chromedp.Focus("[data-all=open]"), chromedp.KeyEvent("\r"))
		page.holds("everything is open", `[...document.querySelectorAll('.spec')].every((spec) => spec.open)`)
		page.holds("nothing is wider than the screen", `innerWidth === 390 && document.documentElement.scrollWidth <= 390`)
		page.holds("buttons are large enough for a finger", `[...document.querySelectorAll('.tools button')].every((button) => button.getBoundingClientRect().height >= 32)`)
		page.do("make it large again", chromedp.EmulateReset())
	})
	t.Run("is dark in the dark", func(t *testing.T) {
		const look = `getComputedStyle(document.body).backgroundColor + getComputedStyle(document.body).color + getComputedStyle(document.querySelector('rect.ok')).fill`
		page.looks("", &emulation.MediaFeature{Name: "prefers-color-scheme", Value: "light"})
		light := evaluate[string](page, look)
		page.looks("", &emulation.MediaFeature{Name: "prefers-color-scheme", Value: "dark"})
		if dark := evaluate[string](page, look); dark == light {
			t.Errorf("light and dark are both %s", light)
		}
		page.looks("", &emulation.MediaFeature{Name: "prefers-color-scheme", Value: "light"})
	})
	t.Run("prints what is closed too", func(t *testing.T) {
		page.do("close everything", chromedp.Click("[data-all='']"))
		page.holds("it is closed", `!document.querySelector('.spec .body').checkVisibility({contentVisibilityAuto: true})`)
		page.looks("print")
		page.holds("it is printed", `[...document.querySelectorAll('.spec .body')].every((body) => body.getBoundingClientRect().height > 0)`)
		page.holds("buttons are not", `![...document.querySelectorAll('button')].some((button) => button.checkVisibility())`)
		page.looks("")
	})
	t.Run("shows the scenario that is asked for", func(t *testing.T) {
		page.do("follow a link", chromedp.Click(`a[href="#spec-session-known"]`))
		page.holds("it is open", `document.querySelector('#spec-session-known').open`)
	})
	for _, event := range page.recorder.Timeline().Of(timeline.Page, timeline.Console) {
		t.Errorf("the browser's console: %s", event.Text)
	}
}

func TestAScreenReaderIsTold(t *testing.T) {
	t.Parallel()
	page := open(t)
	page.holds("drawings have a name and a description", `document.querySelectorAll('svg.marks').length === 1 && [...document.querySelectorAll('svg[role=img]')].every((svg) =>
		svg.getAttribute('aria-labelledby').split(' ').every((id) => document.getElementById(id).textContent.trim() !== ''))`)
	page.holds("ids are there once", `new Set([...document.querySelectorAll('[id]')].map((e) => e.id)).size === document.querySelectorAll('[id]').length`)
	page.holds("links and buttons have names", `[...document.querySelectorAll('a, button')].every((e) => (e.getAttribute('aria-label') ?? e.textContent).trim() !== '')`)
	page.holds("tables have heads", `[...document.querySelectorAll('table')].every((table) => table.querySelector('th[scope]'))`)
	page.holds("there is one first heading, and a main part", `document.querySelectorAll('h1').length === 1 && document.querySelectorAll('main').length === 1 && document.documentElement.lang === 'en'`)
	page.holds("the drawing is told in words too", `document.querySelector('.list tbody').rows.length > 10`)
}
