package suites

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	modulePath = "github.com/headlamp-conformance/headlamp-conformance"
	// longestFile is the first number of lines that is too many: a file that
	// long has more than one subject.
	longestFile = 400
)

// layers are the module's, from the bottom up: each may import itself and what
// lies below it.
var layers = []string{"fixtures", "e2e", "suites"}

// direction is the one in which imports go, for a person.
const direction = "suites -> e2e -> fixtures"

// goPackage is what `go list -json` tells of a package.
type goPackage struct {
	ImportPath, Name, Dir, Doc         string
	GoFiles                            []string
	Imports, TestImports, XTestImports []string
}

func TestImportsPointDownAlone(t *testing.T) {
	t.Parallel()
	for _, wrong := range upwardImports(modulePackages(t)) {
		t.Error(wrong)
	}
}

func TestAnImportThatPointsUpIsFound(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		from, to string
		up       bool
	}{
		{"suites/login", "e2e/judge", false},
		{"e2e/stand", "fixtures/rbac", false},
		{"e2e/stand", "e2e/pki", false},
		{"e2e/stand", "suites/conformance", true},
		{"fixtures/faults", "e2e/judge", true},
		{"fixtures/faults", "suites", true},
	} {
		from, to := modulePath+"/"+test.from, modulePath+"/"+test.to
		for name, importing := range map[string]goPackage{
			"code":           {ImportPath: from, Imports: []string{"fmt", to}},
			"tests":          {ImportPath: from, TestImports: []string{"testing", to}},
			"external tests": {ImportPath: from, XTestImports: []string{"testing", to}},
		} {
			if found := upwardImports([]goPackage{importing}); (len(found) > 0) != test.up {
				t.Errorf("%s of %s imports %s: found %v", name, test.from, test.to, found)
			}
		}
	}
}

func TestEveryPackageSaysInADocFileWhatItIsFor(t *testing.T) {
	t.Parallel()
	for _, wrong := range undocumented(modulePackages(t)) {
		t.Error(wrong)
	}
}

func TestAPackageWithoutADocFileIsFound(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		listed goPackage
		lacks  bool
	}{
		{goPackage{Name: "tap", Doc: "Package tap taps.", GoFiles: []string{"doc.go", "tap.go"}}, false},
		{goPackage{Name: "tap", Doc: "Package tap taps.", GoFiles: []string{"tap.go"}}, true},
		{goPackage{Name: "tap", GoFiles: []string{"doc.go", "tap.go"}}, true},
		{goPackage{Name: "main", GoFiles: []string{"main.go"}}, false},
	} {
		if found := undocumented([]goPackage{test.listed}); (len(found) > 0) != test.lacks {
			t.Errorf("%+v: found %v", test.listed, found)
		}
	}
}

func TestNoFileIsTooLong(t *testing.T) {
	t.Parallel()
	for _, wrong := range tooLong(t, modulePackages(t)) {
		t.Error(wrong)
	}
}

func TestAFileThatIsTooLongIsFound(t *testing.T) {
	t.Parallel()
	for _, lines := range []int{longestFile - 1, longestFile} {
		listed := goPackage{Dir: t.TempDir(), GoFiles: []string{"long.go"}}
		content := strings.Repeat("// another line\n", lines)
		if err := os.WriteFile(filepath.Join(listed.Dir, "long.go"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if found := tooLong(t, []goPackage{listed}); (len(found) > 0) != (lines >= longestFile) {
			t.Errorf("%d lines: found %v", lines, found)
		}
	}
}

// undocumented says which packages have no doc.go, or say nothing in it. What a
// program is for stands in its main.go.
func undocumented(packages []goPackage) []string {
	var wrong []string
	for _, listed := range packages {
		if listed.Name != "main" && (listed.Doc == "" || !slices.Contains(listed.GoFiles, "doc.go")) {
			wrong = append(wrong, listed.ImportPath+" has no doc.go that says what it is for")
		}
	}
	return wrong
}

// tooLong says which files, tests apart, are longer than a file may be.
func tooLong(t *testing.T, packages []goPackage) []string {
	t.Helper()
	var wrong []string
	for _, listed := range packages {
		for _, name := range listed.GoFiles {
			content, err := os.ReadFile(filepath.Join(listed.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if lines := bytes.Count(content, []byte("\n")); lines >= longestFile {
				wrong = append(wrong, fmt.Sprintf("%s/%s has %d lines; a file stays under %d", listed.ImportPath, name, lines, longestFile))
			}
		}
	}
	return wrong
}

// upwardImports says which packages import from a layer above their own, tests
// included.
func upwardImports(packages []goPackage) []string {
	var wrong []string
	for _, importing := range packages {
		for _, imported := range slices.Concat(importing.Imports, importing.TestImports, importing.XTestImports) {
			if layerOf(imported) > layerOf(importing.ImportPath) {
				wrong = append(wrong, fmt.Sprintf("%s imports %s; imports go %s",
					importing.ImportPath, imported, direction))
			}
		}
	}
	return wrong
}

// layerOf is a package's layer by its place among them, or -1 for a package of
// another module.
func layerOf(importPath string) int {
	within, ours := strings.CutPrefix(importPath, modulePath+"/")
	if !ours {
		return -1
	}
	layer, _, _ := strings.Cut(within, "/")
	return slices.Index(layers, layer)
}

// modulePackages are all packages of this module.
func modulePackages(t *testing.T) []goPackage {
	t.Helper()
	command := exec.Command("go", "list", "-json=ImportPath,Name,Dir,Doc,GoFiles,Imports,TestImports,XTestImports", "./...")
	command.Dir = ".."
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		t.Fatalf("list the module's packages: %v\n%s", err, &stderr)
	}
	var packages []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var listed goPackage
		if err := decoder.Decode(&listed); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("read the list of packages: %v", err)
		}
		if layerOf(listed.ImportPath) < 0 {
			t.Errorf("%s lies in none of %s", listed.ImportPath, strings.Join(layers, ", "))
		}
		packages = append(packages, listed)
	}
	return packages
}
