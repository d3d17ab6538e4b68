package installation

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"path/filepath"
	"sync"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/front"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/identityproxy"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/relay"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/stand"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/tap"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
)

// Options say which installation a scenario asks for.
type Options struct {
	Scenario string // id
	// Key is the name of this run of the scenario, and of its directory of
	// evidence.
	Key   string
	Mode  string       // identity mode
	Fault faults.Fault // that is planted in it; the zero value is none
	Setup Setup        // what is otherwise than in the default installation
	// Bare is without a browser: what is promised is judged from what tap,
	// impersonator, audit log and Keycloak saw alone.
	Bare bool
	Live *live.Sender
}

// Installation is one deployment of the dashboard.
type Installation struct {
	stand    *stand.Attachment
	options  Options
	recorder *timeline.Recorder
	dir      string // of its own, removed with it
	evidence string // directory for what is kept

	realm *keycloak.Realm
	// second is the realm of the second cluster's users, or nil.
	second *keycloak.Realm
	relay  *relay.Relay // before Keycloak, when the setup asks for it
	audit  *cluster.AuditLog
	tap    *tap.Tap
	front  *front.Front
	// account is the name of the installation's own account, when it has one.
	account string
	// impersonator stands between dashboard and tap in the identity mode proxy.
	impersonator hop
	replicas     []*dashboard.Replica
	// identityProxy stands between front and dashboard, when the setup asks for it.
	identityProxy *identityproxy.Proxy
	crashed       map[int]bool     // process ids of those whose end was noted
	roots         *x509.CertPool   // the run's authority alone
	profile       *browser.Profile // nil when bare
	tabs          []*browser.Tab
	pictures      int // that were taken of them in the course of holds

	stopLag  func()
	gathered gathered
	mu       sync.Mutex
	cleanups []func(context.Context) error
}

// New deploys the dashboard of the stand for a scenario. Close removes it.
// Every error is the environment's, unless the dashboard itself did not start.
func New(ctx context.Context, on *stand.Attachment, options Options) (*Installation, error) {
	descriptor := on.Descriptor
	in := &Installation{
		stand:    on,
		options:  options,
		evidence: filepath.Join(descriptor.ReportDir, "evidence", options.Key),
		recorder: timeline.NewRecorder(timeline.Header{
			Scenario:  options.Scenario,
			Dashboard: descriptor.Dashboard.Label(),
			Mode:      options.Mode,
			Cluster:   clusterName,
			BaseURL:   options.Setup.BaseURL,
			Lifetime:  descriptor.Lifetime,
			Expiries:  descriptor.Expiries,
		}),
	}
	in.recorder.NoteSecrets(on.Secrets)
	in.tell(live.Message{State: live.Preparing})
	in.stopLag = watchLag(in.recorder)
	if err := in.deploy(ctx); err != nil {
		return nil, errors.Join(err, in.SaveTimeline(), in.Close(context.WithoutCancel(ctx)))
	}
	return in, nil
}

// tell says on the command's board what this run is doing.
func (in *Installation) tell(message live.Message) {
	message.Scenario = in.options.Key
	in.options.Live.Send(message)
}

// Expiries is how many expiries a hold goes past.
func (in *Installation) Expiries() int { return in.stand.Descriptor.Expiries }

// Close removes the installation, in the reverse order of its making. What
// fails is reported, and the rest is removed all the same.
func (in *Installation) Close(ctx context.Context) error {
	in.stopLag()
	in.mu.Lock()
	cleanups := in.cleanups
	in.cleanups = nil
	in.mu.Unlock()
	var failed []error
	for i := len(cleanups) - 1; i >= 0; i-- {
		failed = append(failed, cleanups[i](ctx))
	}
	return errors.Join(failed...)
}

func (in *Installation) onClose(cleanup func(context.Context) error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.cleanups = append(in.cleanups, cleanup)
}

// newName makes a name that no other user or object of this run has.
func newName(prefix string) string {
	random := make([]byte, 5)
	// Never fails (crypto/rand, Read).
	_, _ = rand.Read(random)
	return prefix + "-" + hex.EncodeToString(random)
}
