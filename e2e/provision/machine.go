package provision

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
)

// The environment variables that choose a browser and a Java.
const (
	chromeVariable = "CHROME_BIN"
	javaVariable   = "JAVA_HOME"
)

// browsers are the names by which a browser is looked for.
var browsers = []string{"chromium", "google-chrome", "google-chrome-stable", "chromium-browser"}

// Browsers are the names that a browser's processes may be called by.
func Browsers() []string {
	// Google's is started by a script.
	names := append([]string{"chrome"}, browsers...)
	if chosen := os.Getenv(chromeVariable); chosen != "" {
		names = append(names, filepath.Base(chosen))
	}
	return names
}

// minJava is the oldest Java that Keycloak runs on.
const minJava = 17

// askTimeout is the longest that a program may take to tell its version.
const askTimeout = 30 * time.Second

// javaHomes are where Debian and Ubuntu put their Javas, beside the one that is
// on the PATH. The tests have another place.
var javaHomes = "/usr/lib/jvm/*/bin/java"

// Tools are the programs of the system that a run needs, by path.
type Tools struct {
	Chromium string
	Certutil string
	Java     string
	Maven    string
}

// MissingError names everything that the machine lacks, and what to do.
type MissingError struct {
	What []string // what is missing, for a person
	How  string   // the line to run
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("this machine lacks %s; install with: %s", strings.Join(e.What, ", "), e.How)
}

// need is one thing that the machine must have.
type need struct {
	what     string   // for a person
	packages []string // Debian's and Ubuntu's names, the first that there is
	find     func() (string, error)
	into     *string
}

func needs(tools *Tools) []need {
	return []need{
		{"Chromium or Chrome", []string{"chromium"}, findChromium, &tools.Chromium},
		{"certutil", []string{"libnss3-tools"}, onPath("certutil"), &tools.Certutil},
		{"Java 17 or later", []string{"openjdk-17-jre-headless", "default-jre-headless"}, findJava, &tools.Java},
		{"Maven", []string{"maven"}, onPath("mvn"), &tools.Maven},
	}
}

// Machine finds the programs. What is missing it installs, when this is a
// Debian-like system and we may.
func Machine(ctx context.Context, printer *progress.Printer) (Tools, error) {
	if err := checkChosen(); err != nil {
		return Tools{}, err
	}
	tools, missing := find()
	if len(missing) == 0 {
		return tools, nil
	}
	if install := installer(); install != nil {
		if err := installPackages(ctx, printer, install, missing); err != nil {
			return Tools{}, err
		}
		tools, missing = find()
	}
	if len(missing) > 0 {
		return Tools{}, missingError(missing)
	}
	return tools, nil
}

// Check says, like Machine, what the machine lacks, and installs nothing: nil
// also when what is missing can be installed.
func Check() error {
	if err := checkChosen(); err != nil {
		return err
	}
	if _, missing := find(); len(missing) > 0 && installer() == nil {
		return missingError(missing)
	}
	return nil
}

// ChosenError says that a browser or a Java which was chosen is not there.
type ChosenError struct{ Err error }

func (e *ChosenError) Error() string { return e.Err.Error() }

func (e *ChosenError) Unwrap() error { return e.Err }

// checkChosen refuses a browser or a Java that was chosen and is not there:
// another one in its place would surprise, and installing it would not help.
func checkChosen() error {
	var failed []error
	if chosen := os.Getenv(chromeVariable); chosen != "" {
		if _, err := exec.LookPath(chosen); err != nil {
			failed = append(failed, fmt.Errorf("%s=%s: %w; unset it to have a browser found", chromeVariable, chosen, err))
		}
	}
	if home := os.Getenv(javaVariable); home != "" {
		if _, err := exec.LookPath(filepath.Join(home, "bin", "java")); err != nil {
			failed = append(failed, fmt.Errorf("%s=%s: %w; unset it to have a Java found", javaVariable, home, err))
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return &ChosenError{errors.Join(failed...)}
}

func find() (Tools, []need) {
	var tools Tools
	var missing []need
	for _, need := range needs(&tools) {
		path, err := need.find()
		if err != nil {
			missing = append(missing, need)
			continue
		}
		*need.into = path
	}
	return tools, missing
}

func missingError(missing []need) error {
	failure := &MissingError{How: "apt-get update && apt-get install -y"}
	for _, need := range missing {
		failure.What = append(failure.What, need.what)
		failure.How += " " + need.packages[0]
	}
	return failure
}

// installer is the command line in front of a package manager's arguments, or
// nil when there is none that we may use.
func installer() []string {
	apt, err := exec.LookPath("apt-get")
	if err != nil {
		return nil
	}
	if os.Geteuid() == 0 {
		return []string{apt}
	}
	if sudo, err := exec.LookPath("sudo"); err == nil && exec.Command(sudo, "-n", "true").Run() == nil {
		return []string{sudo, "-n", apt}
	}
	return nil
}

func installPackages(ctx context.Context, printer *progress.Printer, install []string, missing []need) error {
	apt := func(what string, arguments ...string) (err error) {
		done := printer.Step(what, nil)
		defer func() { done(err) }()
		command := exec.CommandContext(ctx, install[0], append(install[1:len(install):len(install)], arguments...)...)
		command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if output, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", strings.Join(command.Args, " "), err, lastLines(output))
		}
		return nil
	}
	if err := apt("update the package lists", "update", "-qq"); err != nil {
		return errors.Join(err, missingError(missing))
	}
	for _, need := range missing {
		var failed []error
		for _, name := range need.packages {
			err := apt("install "+name+" ("+need.what+")", "install", "-y", "-qq", "--no-install-recommends", name)
			if err == nil {
				failed = nil
				break
			}
			failed = append(failed, err)
		}
		if len(failed) > 0 {
			return errors.Join(append(failed, missingError(missing))...)
		}
	}
	return nil
}

func onPath(name string) func() (string, error) {
	return func() (string, error) { return exec.LookPath(name) }
}

// findChromium finds a browser that is a real program: Ubuntu's package
// chromium-browser is a stub that asks for a snap.
func findChromium() (string, error) {
	if chosen := os.Getenv(chromeVariable); chosen != "" {
		return exec.LookPath(chosen)
	}
	for _, name := range browsers {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if content, err := os.ReadFile(path); err == nil && len(content) < 1<<16 && strings.Contains(string(content), "snap install") {
			continue
		}
		return path, nil
	}
	return "", errors.New("no Chromium and no Chrome on the PATH")
}

var javaVersion = regexp.MustCompile(`version "(\d+)`)

// findJava finds a Java that is new enough.
func findJava() (string, error) {
	var failed []error
	candidates := []string{"java"}
	if home := os.Getenv(javaVariable); home != "" {
		candidates = []string{filepath.Join(home, "bin", "java"), "java"}
	}
	installed, err := filepath.Glob(javaHomes)
	if err == nil {
		candidates = append(candidates, installed...)
	}
	for _, candidate := range candidates {
		path, err := exec.LookPath(candidate)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
		output, err := exec.CommandContext(ctx, path, "-version").CombinedOutput()
		cancel()
		if err != nil {
			failed = append(failed, fmt.Errorf("%s -version: %w", path, err))
			continue
		}
		match := javaVersion.FindSubmatch(output)
		if match == nil {
			failed = append(failed, fmt.Errorf("%s does not tell its version", path))
			continue
		}
		if major, err := strconv.Atoi(string(match[1])); err != nil || major < minJava {
			failed = append(failed, fmt.Errorf("%s is Java %s", path, match[1]))
			continue
		}
		return path, nil
	}
	return "", errors.Join(failed...)
}

func lastLines(output []byte) string {
	const longest = 1000
	text := strings.TrimSpace(string(output))
	if len(text) > longest {
		text = "…" + text[len(text)-longest:]
	}
	return text
}
