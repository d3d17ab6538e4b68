package progress_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
)

func TestAStepSaysItsBeginItsLifeAndItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var written bytes.Buffer
		said := 0
		done := progress.To(&written).Step("build it", func() string {
			if said++; said == 1 {
				return ""
			}
			return "5 of 7 packages"
		})
		time.Sleep(21 * time.Second)
		done(nil)
		const want = "  build it ...\n  build it ... 10.0 s\n  build it ... 20.0 s: 5 of 7 packages\n  build it: done in 21.0 s\n"
		if got := written.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestAStepThatFailsDoesNotSayDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var written bytes.Buffer
		done := progress.To(&written).Step("build it", nil)
		time.Sleep(12 * time.Second)
		done(errors.New("the error is the caller's to print"))
		const want = "  build it ...\n  build it ... 10.0 s\n  build it: failed after 12.0 s\n"
		if got := written.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		time.Sleep(time.Minute)
		if got := written.String(); got != want {
			t.Errorf("after its end it says %q", got)
		}
	})
}

func TestLinesOfManyNeverMix(t *testing.T) {
	t.Parallel()
	var written bytes.Buffer
	printer := progress.To(&written)
	line := strings.Repeat("x", 100)
	var writers sync.WaitGroup
	for range 20 {
		writers.Go(func() { printer.Linef("%s", line) })
	}
	writers.Wait()
	if got := written.String(); got != strings.Repeat(line+"\n", 20) {
		t.Errorf("%q", got)
	}
}

func TestAPrinterWithoutAWriterPrintsNothing(t *testing.T) {
	t.Parallel()
	var zero progress.Printer
	for _, printer := range []*progress.Printer{nil, &zero} {
		printer.Linef("line")
		printer.Step("step", nil)(nil)
	}
}
