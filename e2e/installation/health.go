package installation

import (
	"context"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// AwaitHealthy waits until the page has asked for the cluster's health, some time
// after its first healthy answer of the session, and was answered well once more;
// or until it asks for a login. Whether it was is the rule's to judge.
func (s *Session) AwaitHealthy(ctx context.Context, later time.Duration) error {
	s.in.tell(live.Message{State: live.Using})
	// A page that asked in vain before the login asks less often for a while.
	bounded, cancel := context.WithTimeout(ctx, later+loadTimeout)
	defer cancel()
	err := s.in.recorder.Await(bounded, func(line timeline.Timeline) bool {
		return judge.HealthyFor(line, later) || sentBack(line)
	})
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return nil
}
