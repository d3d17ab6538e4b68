package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact/leak"
)

// terminal passes on what is printed, and remembers it: no secret may be in it.
type terminal struct {
	out io.Writer

	mu   sync.Mutex
	said bytes.Buffer
}

func (t *terminal) Write(content []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.said.Write(content)
	return t.out.Write(content)
}

// printed is everything so far.
func (t *terminal) printed() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.said.Bytes())
}

// tellLeaks looks for the secrets of a run in its report directory and in what it
// has said or is about to say, and tells where they are. Without a ledger no
// secret was ever handled.
func tellLeaks(dir, ledger string, said []byte, printer *progress.Printer) (leaked bool, err error) {
	if ledger == "" {
		return false, nil
	}
	begun := time.Now()
	secrets, err := leak.Load(ledger)
	if err != nil {
		return false, err
	}
	scanner := leak.New(secrets)
	found, err := scanner.ScanDir(dir)
	if err != nil {
		return false, err
	}
	found = append(found, scanner.Scan("what was printed", said)...)
	for _, one := range found {
		printer.Linef("LEAKED: %s", one)
	}
	if len(found) > 0 {
		printer.Linef("A secret is in what this run leaves. Keep %s to yourself, and report this: it must never be.", dir)
		return true, nil
	}
	if len(secrets) == 0 {
		printer.Linef("  no secret was noted: nothing shows that none is in what this run leaves")
		return false, nil
	}
	printer.Linef("  none of the %d secrets that were handled is in what this run leaves: %s (looked for in %.1f s)",
		len(secrets), byKind(secrets), time.Since(begun).Seconds())
	return false, nil
}

// doors are the kinds of secrets that any whole self-test handles.
var doors = []leak.Kind{
	leak.UserPassword, leak.AdminPassword, leak.ClientSecret, leak.Code, leak.AccessToken, leak.IDToken, leak.RefreshToken, leak.Cookie,
}

// closedDoors are those of which a ledger has no secret: that none leaked shows
// nothing of them.
func closedDoors(ledger string) ([]leak.Kind, error) {
	secrets, err := leak.Load(ledger)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(doors), func(kind leak.Kind) bool {
		return slices.ContainsFunc(secrets, func(secret leak.Secret) bool { return secret.Kind == kind })
	}), nil
}

// byKind counts secrets.
func byKind(secrets []leak.Secret) string {
	counts := map[leak.Kind]int{}
	for _, secret := range secrets {
		counts[secret.Kind]++
	}
	var said []string
	for _, kind := range leak.Kinds {
		if counts[kind] > 0 {
			said = append(said, fmt.Sprintf("%d × %s", counts[kind], kind))
		}
	}
	return strings.Join(said, ", ")
}
