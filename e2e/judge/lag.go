package judge

import (
	"slices"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// MaxLag is the longest delay of the machine that timing assertions bear.
const MaxLag = 2 * time.Second

// timing are the symptoms that a machine which stood still can cause by itself,
// in a dashboard that does everything right.
var timing = []Symptom{
	PageNotAlive, Unauthorized, ExpiredToken, ExpiryNotCrossed, NotServed, NotRefreshed, LostConnection, StreamFailed,
	// A page that is answered 401 asks for a login. That it does not, for half a
	// minute, is no matter of seconds.
	LeftThePage,
}

// lagBehind returns the lag of the machine that can account for a failure, or
// 0: all findings are of a kind that a lag can cause, and one longer than
// MaxLag was near the first. What broke later may follow from that.
//
// A failure without findings came at the end of the timeline.
func lagBehind(line timeline.Timeline, findings []Finding) time.Duration {
	for _, finding := range findings {
		// What a person does has a deadline, whatever becomes of it.
		if finding.Rule != undoneRule && !slices.Contains(timing, finding.Symptom) {
			return 0
		}
	}
	from, to := reach(line, findings)
	var worst time.Duration
	for _, lag := range line.Of(timeline.Machine, timeline.Lagged) {
		if began := lag.At.Add(-lag.Delay); !lag.At.Before(from) && !began.After(to) {
			worst = max(worst, lag.Delay)
		}
	}
	if worst <= MaxLag {
		return 0
	}
	return worst
}

// reach returns between which times a lag can have caused the first of these
// findings. A refresh that a lag spoils shows when the token ends, a lifetime
// later; an object that was made has AliveWithin to appear.
func reach(line timeline.Timeline, findings []Finding) (from, to time.Time) {
	if len(line.Events) == 0 {
		return time.Time{}, time.Time{}
	}
	end := line.Events[len(line.Events)-1].At
	var first time.Time
	for _, finding := range findings {
		if !finding.At.IsZero() && (first.IsZero() || finding.At.Before(first)) {
			first = finding.At
		}
	}
	if first.IsZero() && len(findings) > 0 {
		// Something that was never seen was missing all the time.
		session, loggedIn := line.Session()
		if !loggedIn {
			return line.Events[0].At, end
		}
		return session.Events[0].At, end
	}
	if first.IsZero() {
		first = end
	}
	return first.Add(-line.Header.Lifetime - AliveWithin), first.Add(AliveWithin)
}
