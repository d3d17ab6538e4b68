package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/process"
)

// stopGrace is how long Chromium has to close by itself.
const stopGrace = 3 * time.Second

// Options say how to start Chromium.
type Options struct {
	Executable string // Chromium or Chrome
	Certutil   string // NSS's certutil, which writes the trust database
	Dir        string // profile, home and trust database go here; must exist
	LogDir     string
	Authority  string // file with the authority's certificate, PEM
}

// Endpoint is how any process of the run reaches the browser.
type Endpoint struct {
	Address string `json:"address"` // WebSocket address of the debugging protocol
	Log     string `json:"log"`
}

// Chromium is the running browser.
type Chromium struct {
	process  *process.Process
	endpoint Endpoint
}

// Start starts a headless Chromium that trusts the authority as if an
// administrator had installed it, and waits until it can be talked to.
func Start(ctx context.Context, options Options) (*Chromium, error) {
	home := filepath.Join(options.Dir, "home")
	if err := trust(ctx, options, home); err != nil {
		return nil, err
	}
	profile := filepath.Join(options.Dir, "profile")
	log, err := process.LogPath(options.LogDir, "chromium")
	if err != nil {
		return nil, err
	}
	arguments := []string{
		"--headless", "--remote-debugging-port=0", "--remote-debugging-address=127.0.0.1",
		"--user-data-dir=" + profile,
		"--lang=en", "--disable-quic", "--disable-component-update", "--disable-background-networking",
		"--disable-sync", "--disable-default-apps", "--disable-extensions", "--no-first-run", "--no-default-browser-check",
		"--window-size=1366,900", "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio", "--metrics-recording-only",
		"--disable-popup-blocking", "--disable-hang-monitor", "--disable-prompt-on-repost",
		"--password-store=basic", "--use-mock-keychain", "--disable-features=Translate,MediaRouter,OptimizationHints",
		// Timers of tabs in the background run as in the foreground: a held
		// page polls, whichever tab is on top.
		"--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
	}
	if os.Geteuid() == 0 {
		arguments = append(arguments, "--no-sandbox")
	}
	chromium, err := process.Start(process.Command{
		Name: "Chromium",
		Path: options.Executable,
		Args: append(arguments, "about:blank"),
		Env: []string{
			"HOME=" + home, "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "LANGUAGE=en",
			"XDG_CONFIG_HOME=" + filepath.Join(home, ".config"), "XDG_CACHE_HOME=" + filepath.Join(home, ".cache"),
			"TMPDIR=" + options.Dir, "DBUS_SESSION_BUS_ADDRESS=disabled:",
		},
		Dir: options.Dir,
		Log: log,
	})
	if err != nil {
		return nil, err
	}
	running := &Chromium{process: chromium, endpoint: Endpoint{Log: log}}
	portFile := filepath.Join(profile, "DevToolsActivePort")
	err = chromium.AwaitReady(ctx, func(context.Context) error {
		content, err := os.ReadFile(portFile)
		if err != nil {
			return fmt.Errorf("Chromium has not said its debugging port yet: %w", err)
		}
		port, path, found := strings.Cut(strings.TrimSpace(string(content)), "\n")
		if !found {
			return errors.New("Chromium has not written its debugging port in full yet")
		}
		running.endpoint.Address = "ws://127.0.0.1:" + port + path
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, chromium.Kill())
	}
	return running, nil
}

// Endpoint is how any process of the run reaches the browser.
func (c *Chromium) Endpoint() Endpoint { return c.endpoint }

// Done is closed when Chromium has ended, by itself or by Stop.
func (c *Chromium) Done() <-chan struct{} { return c.process.Done() }

// Stop ends Chromium.
func (c *Chromium) Stop() error { return c.process.Stop(stopGrace) }

// trust makes the NSS database that Chromium on Linux reads its user's
// authorities from.
func trust(ctx context.Context, options Options, home string) error {
	database := filepath.Join(home, ".pki", "nssdb")
	if err := os.MkdirAll(database, 0o700); err != nil {
		return fmt.Errorf("make the browser's trust database: %w", err)
	}
	for _, arguments := range [][]string{
		{"-d", "sql:" + database, "-N", "--empty-password"},
		{"-d", "sql:" + database, "-A", "-t", "C,,", "-n", "headlamp-conformance", "-i", options.Authority},
	} {
		output, err := exec.CommandContext(ctx, options.Certutil, arguments...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("make the browser trust the run's authority (%s %s): %w: %s",
				options.Certutil, strings.Join(arguments, " "), err, strings.TrimSpace(string(output)))
		}
	}
	return nil
}
