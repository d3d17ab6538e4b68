package settings

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/stand"
)

// ResolveEach is Resolve for several dashboards on one stand: headlamps takes
// the place of Headlamp. They share everything but their report directories,
// which lie below ReportDir.
func (s Settings) ResolveEach(ctx context.Context, headlamps []string, others ...error) ([]stand.Settings, error) {
	common, sources, mistakes := s.check(ctx, headlamps, others)
	mistakes = append(mistakes, givenTwice(headlamps)...)
	dirs := dirsOf(s.ReportDir, sources)
	if len(mistakes) == 0 {
		// They are named after the dashboards, which are known only now.
		for _, dir := range dirs {
			if err := checkReportDir(dir); err != nil {
				mistakes = append(mistakes, err)
			}
		}
	}
	if len(mistakes) > 0 {
		return nil, &InvalidError{Mistakes: mistakes}
	}
	if _, err := makeReportDir(s.ReportDir); err != nil {
		return nil, &InvalidError{Mistakes: []error{err}}
	}
	var resolved []stand.Settings
	for i, source := range sources {
		one := common
		one.Dashboard = source
		var err error
		if one.ReportDir, err = makeReportDir(dirs[i]); err != nil {
			return nil, &InvalidError{Mistakes: []error{err}}
		}
		resolved = append(resolved, one)
	}
	return resolved, nil
}

func givenTwice(headlamps []string) []error {
	var mistakes []error
	given := map[string]int{}
	for _, headlamp := range headlamps {
		path, err := filepath.Abs(headlamp)
		if err != nil || headlamp == "" {
			continue
		}
		if given[path]++; given[path] == 2 {
			mistakes = append(mistakes, fmt.Errorf("the dashboard %s is given twice; give each once", headlamp))
		}
	}
	return mistakes
}

// dirsOf are the report directories of several dashboards, named after them. One
// of the same name and version as an earlier one has its number, too.
func dirsOf(reportDir string, sources []dashboard.Source) []string {
	var dirs []string
	taken := map[string]int{}
	for _, source := range sources {
		name := source.Name + "-" + source.Version
		if taken[name]++; taken[name] > 1 {
			name = fmt.Sprintf("%s-%d", name, taken[name])
		}
		dirs = append(dirs, filepath.Join(reportDir, name))
	}
	return dirs
}
