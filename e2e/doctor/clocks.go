package doctor

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/diagnosis"
)

// apart is how far two clocks may be from each other: a response's Date has whole
// seconds, and Headlamp refreshes a token in its last ten.
const apart = 5 * time.Second

// Clocks notes how far the clocks of those who answer are ahead of this machine's: by
// the Date of their responses (RFC 9110, 6.6.1), and Keycloak's, which sends none, by
// when it says that it issued a token.
type Clocks struct {
	mu    sync.Mutex
	ahead map[string]time.Duration // by whose it is
}

// watch returns a transport that notes the clock of whom it reaches.
func (c *Clocks) watch(whose string, inner http.RoundTripper) http.RoundTripper {
	return watched{c, whose, inner}
}

type watched struct {
	clocks *Clocks
	whose  string
	inner  http.RoundTripper
}

func (w watched) RoundTrip(request *http.Request) (*http.Response, error) {
	sent := time.Now()
	response, err := w.inner.RoundTrip(request)
	if err == nil {
		if said, err := http.ParseTime(response.Header.Get("Date")); err == nil {
			w.clocks.note(w.whose, said, sent, time.Now())
		}
	}
	return response, err
}

// note compares what somebody said the time was, in whole seconds, with the middle
// between question and answer.
func (c *Clocks) note(whose string, said, sent, received time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ahead == nil {
		c.ahead = map[string]time.Duration{}
	}
	c.ahead[whose] = said.Add(time.Second / 2).Sub(sent.Add(received.Sub(sent) / 2)).Round(time.Second)
}

// compare says how far the clocks are apart, and whether that is too far: those of
// the others from each other or, where there is one alone, from this machine's.
func (c *Clocks) compare() (says string, result Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.ahead) == 0 {
		return "nobody said what time it is", Unchecked
	}
	var told []string
	for _, whose := range slices.Sorted(maps.Keys(c.ahead)) {
		way, off := "ahead of", c.ahead[whose]
		if off < 0 {
			way, off = "behind", -off
		}
		told = append(told, fmt.Sprintf("%s is %s %s this machine's clock", whose, off, way))
	}
	says = strings.Join(told, ", ")
	all := slices.Collect(maps.Values(c.ahead))
	switch farthest := slices.Max(all) - slices.Min(all); {
	case farthest > apart:
		return says + ": they are " + farthest.String() + " apart", Wrong
	case len(all) == 1 && all[0].Abs() > apart:
		return says + ": one of both is wrong", Doubtful
	}
	return says, Right
}

// compareClocks is the last check: it takes what the others brought.
func (e *examination) compareClocks() {
	const name = "clocks"
	switch says, result := e.clocks.compare(); result {
	case Right:
		e.right(name, "%s", says)
	case Unchecked:
		e.unchecked(name, says)
	default:
		e.note(name, result, diagnosis.ClockOff, "%s", says)
	}
}
