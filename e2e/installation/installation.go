package installation

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/front"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/stand"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/tap"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
)

// clusterName is the cluster's name in the dashboard's routes: what Headlamp
// calls the cluster that it runs in.
const clusterName = "main"

// callback is where Headlamp has Keycloak send the browser back to.
const callback = "/oidc-callback"

// firstReplica is the last number of the first replica's address, 127.0.0.2:
// the front has 127.0.0.1.
const firstReplica = 2

// scopes are those of Headlamp's own default.
var scopes = []string{"profile", "email"}

// acceptTimeout is the longest that the API server may take to accept tokens
// of a realm that it was told about.
const acceptTimeout = 30 * time.Second

// Options say which installation a scenario asks for.
type Options struct {
	Scenario string // id
	// Key is the name of this run of the scenario, and of its directory of
	// evidence.
	Key   string
	Mode  string       // identity mode
	Fault faults.Fault // that is planted in it; the zero value is none
	Live  *live.Sender
}

// Installation is one deployment of the dashboard.
type Installation struct {
	stand    *stand.Attachment
	options  Options
	recorder *timeline.Recorder
	dir      string // of its own, removed with it
	evidence string // directory for what is kept

	realm    *keycloak.Realm
	audit    *cluster.AuditLog
	tap      *tap.Tap
	front    *front.Front
	replicas []*dashboard.Replica
	profile  *browser.Profile
	tabs     []*browser.Tab

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
			Lifetime:  descriptor.Lifetime,
			Expiries:  descriptor.Expiries,
		}),
	}
	in.tell(live.Message{State: live.Preparing})
	in.stopLag = watchLag(in.recorder)
	if err := in.deploy(ctx); err != nil {
		return nil, errors.Join(err, in.Close(context.WithoutCancel(ctx)))
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

func (in *Installation) deploy(ctx context.Context) error {
	on := in.stand
	if err := in.makeDirectories(); err != nil {
		return environment("make the installation's directories", err)
	}
	authority, err := pki.Load(on.Descriptor.AuthorityDir)
	if err != nil {
		return environment("load the run's authority", err)
	}
	in.audit, err = cluster.OpenAudit(on.Descriptor.Cluster.AuditLog)
	if err != nil {
		return environment("open the audit log", err)
	}
	in.tap, err = tap.Start(authority, in.recorder, on.Descriptor.Cluster.URL, authority.Pool())
	if err != nil {
		return environment("start the tap", err)
	}
	in.onClose(func(context.Context) error { return in.tap.Close() })
	in.front, err = front.Start(authority, in.recorder)
	if err != nil {
		return environment("start the front", err)
	}
	in.onClose(func(context.Context) error { return in.front.Close() })

	in.realm, err = on.Keycloak.Lease(ctx, keycloak.LeaseOptions{
		Lifetime:     on.Descriptor.Lifetime,
		RedirectURIs: []string{in.front.URL() + callback},
	})
	if err != nil {
		return environment("lease a realm", err)
	}
	in.onClose(in.realm.Release)
	in.recorder.Describe(func(header *timeline.Header) {
		header.Issuer, header.Client = in.realm.Issuer, in.realm.ClientID
	})
	if err := in.awaitAcceptance(ctx); err != nil {
		return environment("wait until the API server accepts the realm's tokens", err)
	}
	if err := in.startReplica(ctx, "dashboard-1"); err != nil {
		return err
	}
	in.profile, err = on.Browser.NewProfile(ctx, in.recorder)
	if err != nil {
		return environment("make a browser profile", err)
	}
	in.onClose(func(context.Context) error { in.profile.Close(); return nil })
	return nil
}

func (in *Installation) makeDirectories() error {
	dir, err := os.MkdirTemp(in.stand.Descriptor.RunDir, "installation-")
	if err != nil {
		return err
	}
	in.dir = dir
	in.onClose(func(context.Context) error { return os.RemoveAll(dir) })
	// Evidence of an earlier run of this scenario says nothing about this one.
	if err := os.RemoveAll(in.evidence); err != nil {
		return err
	}
	return os.MkdirAll(in.evidence, 0o755)
}

// awaitAcceptance proves with a real token that the API server trusts the
// realm: ready means accepted, not configured.
func (in *Installation) awaitAcceptance(ctx context.Context) error {
	bounded, cancel := context.WithTimeoutCause(ctx, acceptTimeout, fmt.Errorf("not within %s", acceptTimeout))
	defer cancel()
	user, err := in.realm.CreateUser(bounded, keycloak.User{Name: newName("probe")})
	if err != nil {
		return err
	}
	token, err := in.realm.Token(bounded, user)
	if err != nil {
		return err
	}
	return errors.Join(in.stand.Cluster.AwaitToken(bounded, token), in.realm.DeleteUser(bounded, user))
}

// startReplica starts one more replica: on the front's port, and a loopback
// address of its own. The front sends requests to the last one started.
func (in *Installation) startReplica(ctx context.Context, name string) error {
	descriptor := in.stand.Descriptor
	token, err := in.stand.Cluster.ServiceAccountToken(ctx, descriptor.Namespace, descriptor.ServiceAccount)
	if err != nil {
		return environment("make the dashboard's service-account token", err)
	}
	authorityPEM, err := os.ReadFile(pki.CertificatePath(descriptor.AuthorityDir))
	if err != nil {
		return environment("read the run's authority", err)
	}
	replica, err := descriptor.Dashboard.Start(ctx, dashboard.Settings{
		Name:          name,
		Address:       fmt.Sprintf("127.0.0.%d", firstReplica+len(in.replicas)),
		Port:          in.front.Port(),
		Cluster:       clusterName,
		Dir:           filepath.Join(in.dir, name),
		LogDir:        filepath.Join(in.dir, "logs"),
		APIServerHost: tap.Host,
		APIServerPort: in.tap.Port(),
		Account:       dashboard.Account{Token: token, CA: authorityPEM, Namespace: descriptor.Namespace},
		Issuer:        in.realm.Issuer,
		ClientID:      in.realm.ClientID,
		ClientSecret:  in.realm.ClientSecret.Reveal(),
		Scopes:        scopes,
		IssuerCA:      pki.CertificatePath(descriptor.AuthorityDir),
	})
	if err != nil {
		return fmt.Errorf("start the dashboard: %w", err)
	}
	in.onClose(func(context.Context) error { return replica.Stop() })
	in.replicas = append(in.replicas, replica)
	in.front.SetReplicas(replica.URL)
	return nil
}

// newName makes a name that no other user or object of this run has.
func newName(prefix string) string {
	random := make([]byte, 5)
	// Never fails (crypto/rand, Read).
	_, _ = rand.Read(random)
	return prefix + "-" + hex.EncodeToString(random)
}
