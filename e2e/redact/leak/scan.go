package leak

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

const (
	// shortest is the least that can be looked for: a shorter one would be found
	// in harmless text. Every secret of a run is longer.
	shortest = blockLength
	// depth is how many forms may lie one in the other.
	depth = 3
)

// Found is one secret in one place.
type Found struct {
	Where string // the file's path below what was scanned, or what was said
	Kind  Kind
	Form  string // "as it is", or what it lay in, the innermost first
}

func (f Found) String() string { return fmt.Sprintf("%s: %s, %s", f.Where, f.Kind, f.Form) }

// Scanner looks for secrets.
type Scanner struct{ blocks *blocks }

// New returns a scanner for these secrets, and for signed tokens of anybody.
func New(secrets []Secret) *Scanner {
	scanner := &Scanner{blocks: newBlocks()}
	for _, secret := range secrets {
		scanner.blocks.add(telling(secret), secret.Kind)
	}
	return scanner
}

// telling is the part of a secret that gives access: the rest may stand in a
// report.
func telling(secret Secret) string {
	switch secret.Kind {
	case AccessToken, IDToken, RefreshToken, OtherToken:
		// Header and claims are no secret; nobody can do anything without the
		// signature.
		if at := strings.LastIndexByte(secret.Value, '.'); at >= 0 && len(secret.Value)-at > shortest {
			return secret.Value[at+1:]
		}
	case Code:
		// Keycloak's has the ids of session and client behind the first dot, and
		// its events tell those.
		if at := strings.IndexByte(secret.Value, '.'); at >= shortest {
			return secret.Value[:at]
		}
	}
	return secret.Value
}

// signed matches a signed token: the header is a JSON object, so that it begins
// with "eyJ". Without a signature it is none, and opens nothing.
var signed = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]{16,}(?:\.[A-Za-z0-9_-]+)*`)

// Tokens returns every signed token in a text, as it is.
func Tokens(text string) []string { return signed.FindAllString(text, -1) }

var tokenHead = []byte("eyJ")

// Scan looks for secrets in a text or in bytes. where names it in what is found.
func (s *Scanner) Scan(where string, content []byte) []Found {
	found := map[Found]bool{}
	search{s.blocks, map[string]int{}}.in(content, nil, func(kind Kind, forms []string) {
		form := "as it is"
		if len(forms) > 0 {
			form = "in " + strings.Join(forms, " in ")
		}
		found[Found{where, kind, form}] = true
	})
	return sorted(found)
}

// search is one scan under way.
type search struct {
	blocks *blocks
	// seen are what was taken for base64 and decoded before, with how many forms
	// it lay in: a log says the same again and again.
	seen map[string]int
}

// isNew says whether a run was not decoded yet, or only deeper down, where less
// could lie in it.
func (s search) isNew(run []byte, level int) bool {
	if before, seen := s.seen[string(run)]; seen && before <= level {
		return false
	}
	s.seen[string(run)] = level
	return true
}

func (s search) in(content []byte, forms []string, report func(Kind, []string)) {
	s.blocks.find(content, func(kind Kind) { report(kind, forms) })
	if bytes.Contains(content, tokenHead) {
		for _, token := range signed.FindAll(content, -1) {
			report(TokenKind(string(token)), forms)
		}
	}
	if len(forms) == depth {
		return
	}
	for _, encoding := range []struct {
		name   string
		decode func(content []byte, level int, give func(decoded []byte))
	}{{"base64", s.decodeBase64}, {"URL encoding", decodeURL}, {"gzip", decodeGzip}} {
		// The innermost first, as one reads it.
		inner := append([]string{encoding.name}, forms...)
		encoding.decode(content, len(forms), func(decoded []byte) { s.in(decoded, inner, report) })
	}
}

// ScanDir looks through every file below a directory.
func (s *Scanner) ScanDir(dir string) ([]Found, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for secrets: %w", err)
	}
	all := make([][]Found, len(files))
	group := errgroup.Group{}
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, path := range files {
		group.Go(func() error {
			content, err := os.ReadFile(path)
			if err != nil {
				return fmt.Errorf("look for secrets: %w", err)
			}
			below, err := filepath.Rel(dir, path)
			if err != nil {
				return fmt.Errorf("look for secrets: %w", err)
			}
			// A name can tell a secret, too. Then it is not for telling.
			if all[i] = s.Scan("a file's name", []byte(below)); len(all[i]) > 0 {
				below = "the file of that name"
			}
			all[i] = append(all[i], s.Scan(below, content)...)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(all...), nil
}

func sorted(found map[Found]bool) []Found {
	var all []Found
	for one := range found {
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b Found) int {
		return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Form, b.Form))
	})
	return all
}
