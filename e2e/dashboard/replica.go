package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/process"
)

const (
	stopGrace    = 3 * time.Second
	readyTimeout = 60 * time.Second
	// logLimit is the longest that a replica's log may get, in bytes: many times
	// what Headlamp says in the longest scenario.
	logLimit = 8 << 20
	// configLimit is the longest answer about the configuration that is read, in bytes.
	configLimit = 1 << 20
	// ProxyAuthFlag is the flag of a dashboard that may stand behind an
	// identity-aware proxy: of Headlamp from 0.43 on.
	ProxyAuthFlag = "proxy-auth"
	// Flags without which a version is started otherwise.
	addressFlag = "listen-addr"  // from 0.29 on
	caFlag      = "oidc-ca-file" // from 0.35 on
	// No release has these yet: the first is the name in the open proposal
	// (kubernetes-sigs/headlamp#7646), the others are those of the API server's own.
	impersonateFlag    = "oidc-use-impersonation"
	usernamePrefixFlag = "oidc-username-prefix"
	groupsPrefixFlag   = "oidc-groups-prefix"
)

// Settings are what one replica is started with.
type Settings struct {
	Name    string // of the replica, for its log
	Cluster string // the cluster's name in the dashboard's routes
	BaseURL string // path under which the browser sees it, such as /headlamp, or empty
	Dir     string // the replica's own directory; made if missing
	LogDir  string

	// Address is the loopback address and Port the port that the replica
	// listens on. From 0.42 on Headlamp refuses, on a loopback address, every
	// host but localhost with this very port: it has to be the front's.
	Address string
	Port    int

	APIServerHost string // as KUBERNETES_SERVICE_HOST: the tap's
	APIServerPort int
	Account       Account // its service account
	// Impersonate asks the dashboard to act with its own account in its users'
	// names. One that does not know how is left as it is.
	Impersonate bool
	// UsernamePrefix and GroupsPrefix are what it has to put before the names that it
	// impersonates: see CanPrefix.
	UsernamePrefix, GroupsPrefix string

	// UseAccessToken asks the dashboard to send the API server access tokens.
	UseAccessToken bool

	Issuer string
	// ValidatorIssuer is what tokens say of their issuer, where that is not the
	// address at which the dashboard learns who it is.
	ValidatorIssuer string
	ClientID        string
	ClientSecret    string
	Scopes          []string
	IssuerCA        string // file with the issuer's authority, or empty
	PKCE            bool   // asks for PKCE, of a dashboard that does it only then

	// Others are clusters beside the one that the dashboard runs in.
	Others []Cluster
	// BehindIdentityProxy has the dashboard take its users from the headers of an
	// identity-aware proxy before it. One without ProxyAuthFlag is left as it is.
	BehindIdentityProxy bool
}

// Account is what a Pod finds under its service account's directory.
type Account struct {
	Token     string
	CA        []byte // PEM
	Namespace string
}

// Replica is a running dashboard process.
type Replica struct {
	URL *url.URL

	source   Source
	settings Settings
	process  *process.Process
	// through are the ways into a network of its own, and near their ends on this
	// side: of one that listens on every address, else nil.
	through *ways
	near    *nearEnds
}

// Start starts a replica and waits until it serves the cluster.
func (s Source) Start(ctx context.Context, settings Settings) (*Replica, error) {
	replica := &Replica{
		URL:      &url.URL{Scheme: "http", Host: net.JoinHostPort(settings.Address, strconv.Itoa(settings.Port))},
		source:   s,
		settings: settings,
	}
	if s.ListensEverywhere() {
		if err := replica.enclose(); err != nil {
			return nil, err
		}
	}
	if err := replica.start(ctx); err != nil {
		return nil, errors.Join(err, replica.near.Close())
	}
	return replica, nil
}

// enclose opens the ways into a network of the replica's own.
func (r *Replica) enclose() error {
	through, err := waysFor(r.settings)
	if err != nil {
		return err
	}
	r.through = &through
	r.near, err = openNear(through, r.settings.Address)
	return err
}

// Restart kills the process, as a node failure or an eviction does, and starts
// it again under the same address. What it kept in memory is lost.
func (r *Replica) Restart(ctx context.Context) error {
	if err := r.process.Kill(); err != nil {
		return err
	}
	return r.start(ctx)
}

// Stop ends the process.
func (r *Replica) Stop() error { return errors.Join(r.process.Stop(stopGrace), r.near.Close()) }

// PID is the process id, new after a restart.
func (r *Replica) PID() int { return r.process.PID() }

// LogFile is where the replica's output goes.
func (r *Replica) LogFile() string { return r.process.LogFile() }

// Done is closed when the process has ended.
func (r *Replica) Done() <-chan struct{} { return r.process.Done() }

// Ended says how the process ended, with the end of its log, or nothing while it
// lives.
func (r *Replica) Ended() string {
	select {
	case <-r.process.Done():
		return fmt.Sprintf("%s ended (%s); the end of its log:\n%s", r.settings.Name, r.process.Ending(), r.process.LogTail())
	default:
		return ""
	}
}

func (r *Replica) start(ctx context.Context) error {
	accountDir := filepath.Join(r.settings.Dir, "serviceaccount")
	if err := r.settings.Account.write(accountDir); err != nil {
		return err
	}
	if err := r.settings.writeKubeconfig(); err != nil {
		return err
	}
	plugins := filepath.Join(r.settings.Dir, "plugins")
	if err := os.MkdirAll(plugins, 0o700); err != nil {
		return fmt.Errorf("make the plugins directory of %s: %w", r.settings.Name, err)
	}
	source, err := r.source.under(r.settings)
	if err != nil {
		return err
	}
	log, err := process.LogPath(r.settings.LogDir, r.settings.Name)
	if err != nil {
		return err
	}
	command := process.Command{
		Name: r.settings.Name,
		Path: r.source.Executable, Argv0: r.source.argv0(),
		Args: source.arguments(r.settings, plugins),
		Env:  source.environment(r.settings),
		Dir:  r.settings.Dir,
		Log:  log, LogLimit: logLimit,
	}
	if err := inPrivate(&command, accountDir, r.through); err != nil {
		return err
	}
	started, err := process.Start(command)
	if err != nil {
		return err
	}
	bounded, cancel := context.WithTimeoutCause(ctx, readyTimeout, fmt.Errorf("not within %s", readyTimeout))
	defer cancel()
	if err := started.AwaitReady(bounded, r.servesCluster); err != nil {
		return errors.Join(err, started.Kill())
	}
	r.process = started
	return nil
}

// ownPage is the first release that rewrites a copy of its own. Earlier ones rewrite
// index.html where it lies at each start, while others serve it.
var ownPage = semver.MustParse("0.30.0")

// under returns a dashboard that may live under the base URL of the settings, and
// beside others. To that end Headlamp rewrites its index.html where that lies: it
// gets its own.
func (s Source) under(settings Settings) (Source, error) {
	if s.Frontend == "" || (settings.BaseURL == "" && s.copiesItsPage()) {
		return s, nil
	}
	own := filepath.Join(settings.Dir, "frontend")
	if err := os.RemoveAll(own); err != nil {
		return Source{}, fmt.Errorf("remove the frontend of %s: %w", settings.Name, err)
	}
	if err := os.CopyFS(own, os.DirFS(s.Frontend)); err != nil {
		return Source{}, fmt.Errorf("copy the frontend for %s: %w", settings.Name, err)
	}
	s.Frontend = own
	return s, nil
}

func (s Source) copiesItsPage() bool {
	version, err := semver.NewVersion(s.Version)
	return err == nil && !version.LessThan(ownPage)
}

// environment is the whole environment of a replica.
func (s Source) environment(settings Settings) []string {
	environment := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + settings.Dir, "TMPDIR=" + settings.Dir,
		"KUBERNETES_SERVICE_HOST=" + settings.APIServerHost,
		"KUBERNETES_SERVICE_PORT=" + strconv.Itoa(settings.APIServerPort),
		// In the environment, not among the arguments: those are shown to
		// every user of the machine.
		"HEADLAMP_CONFIG_OIDC_CLIENT_SECRET=" + settings.ClientSecret,
	}
	if settings.IssuerCA != "" && !s.Flags[caFlag] {
		// Up to 0.34 there is no other way than to have the machine trust it.
		environment = append(environment, "SSL_CERT_FILE="+settings.IssuerCA)
	}
	return environment
}

// arguments are the flags for this version; one that the executable does not
// know is left out, for an unknown flag ends it.
func (s Source) arguments(settings Settings, plugins string) []string {
	arguments := []string{"-in-cluster"}
	set := func(flag, value string) {
		if s.Flags[flag] {
			arguments = append(arguments, "-"+flag+"="+value)
		}
	}
	set(addressFlag, settings.Address)
	set("port", strconv.Itoa(settings.Port))
	set("plugins-dir", plugins)
	if s.Frontend != "" {
		set("html-static-dir", s.Frontend)
	}
	set("in-cluster-context-name", settings.Cluster)
	if settings.BaseURL != "" {
		set("base-url", settings.BaseURL)
	}
	set("oidc-client-id", settings.ClientID)
	set("oidc-idp-issuer-url", settings.Issuer)
	set("oidc-scopes", strings.Join(settings.Scopes, ","))
	if settings.IssuerCA != "" {
		set(caFlag, settings.IssuerCA)
	}
	if settings.ValidatorIssuer != "" {
		set("oidc-validator-idp-issuer-url", settings.ValidatorIssuer)
	}
	if settings.UseAccessToken {
		set("oidc-use-access-token", "true")
	}
	if settings.PKCE {
		set("oidc-use-pkce", "true")
	}
	if len(settings.Others) > 0 {
		set("kubeconfig", settings.kubeconfig())
	}
	if settings.BehindIdentityProxy {
		set(ProxyAuthFlag, "true")
	}
	if settings.Impersonate {
		set(impersonateFlag, "true")
		if settings.UsernamePrefix != "" {
			set(usernamePrefixFlag, settings.UsernamePrefix)
		}
		if settings.GroupsPrefix != "" {
			set(groupsPrefixFlag, settings.GroupsPrefix)
		}
	}
	return append(arguments, s.Extra...)
}

// servesCluster asks the dashboard for its configuration, which lists the
// cluster when it has read its service account.
func (r *Replica) servesCluster(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL.JoinPath(r.settings.BaseURL, "config").String(), nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET /config answers %s", response.Status)
	}
	var config struct {
		Clusters []struct {
			Name string `json:"name"`
		} `json:"clusters"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, configLimit)).Decode(&config); err != nil {
		return fmt.Errorf("GET /config: %w", err)
	}
	for _, cluster := range config.Clusters {
		if cluster.Name == r.settings.Cluster {
			return nil
		}
	}
	return fmt.Errorf("GET /config names no cluster %q", r.settings.Cluster)
}

func (a Account) write(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the service account's directory: %w", err)
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "token"), []byte(a.Token), 0o600),
		os.WriteFile(filepath.Join(dir, "ca.crt"), a.CA, 0o600),
		os.WriteFile(filepath.Join(dir, "namespace"), []byte(a.Namespace), 0o600),
	)
}
