package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/digest"
)

// File is a file of a scenario's evidence.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"` // in hexadecimal digits, as sha256sum writes it
}

// WithEvidenceIn is the report as one who reads it in a directory has it: evidence
// that is there has the path by which it can be opened, and what is not there is
// not named. "" is no directory, as of a report that came alone.
func (r Report) WithEvidenceIn(dir string) Report {
	r.Scenarios = slices.Clone(r.Scenarios)
	for i := range r.Scenarios {
		scenario := &r.Scenarios[i]
		below := filepath.FromSlash(scenario.Evidence)
		named := dir != "" && filepath.IsLocal(below)
		below = filepath.Join(dir, below)
		if info, err := os.Stat(below); named && err == nil && info.IsDir() {
			scenario.Evidence = below
		} else {
			scenario.Evidence, scenario.Files = "", nil
		}
	}
	return r
}

// HashEvidence notes the files of each scenario's evidence, below the report's
// directory, as they are: whether one was changed since can be seen then.
func (r *Report) HashEvidence(dir string) error {
	for i := range r.Scenarios {
		scenario := &r.Scenarios[i]
		scenario.Files = nil
		if scenario.Evidence == "" {
			continue
		}
		below := filepath.Join(dir, filepath.FromSlash(scenario.Evidence))
		// By name: the same evidence has the same list.
		entries, err := os.ReadDir(below)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("list the evidence: %w", err)
		}
		for _, entry := range entries {
			if !entry.Type().IsRegular() {
				continue
			}
			hash, err := digest.File(filepath.Join(below, entry.Name()))
			if err != nil {
				return err
			}
			scenario.Files = append(scenario.Files, File{Name: entry.Name(), SHA256: hash})
		}
	}
	return nil
}
