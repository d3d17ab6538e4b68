// Command headlamp-conformance tells whether a Headlamp build keeps its users
// logged in and acts as them.
package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/reaper"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	"github.com/headlamp-conformance/headlamp-conformance/suites/roles"
)

func main() {
	roles.Play()
	switch filepath.Base(os.Args[0]) {
	case ginkgoName:
		runGinkgo()
	case suiteName:
		os.Exit(runSuite())
	default:
		os.Exit(execute(os.Args[1:]))
	}
}

// execute runs the command. Those that start processes run below a reaper.
func execute(arguments []string) int {
	root := newRootCommand()
	found, _, err := root.Find(arguments)
	if err == nil && found.Annotations[startsProcesses] != "" && !asksForHelp(arguments) {
		return reaper.Run(func() int { return executeCommand(root, arguments) })
	}
	return executeCommand(root, arguments)
}

func asksForHelp(arguments []string) bool {
	for _, argument := range arguments {
		if argument == "-h" || argument == "--help" {
			return true
		}
	}
	return false
}

// failer is what Ginkgo needs of a testing.T.
type failer struct{ failed bool }

func (f *failer) Fail() { f.failed = true }

// runSuite is the compiled suite, as Ginkgo runs it in each parallel process.
func runSuite() int {
	// Ginkgo gives a compiled suite the flags of a test binary.
	testing.Init()
	flag.Parse()
	outcome := &failer{}
	if !conformance.Run(outcome) || outcome.failed {
		return 1
	}
	return 0
}
