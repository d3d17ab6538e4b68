package leak

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

// FileName is the ledger's name in a run's directory, which is private and is
// removed with the run.
const FileName = "secrets.jsonl"

// Kind is what a secret is.
type Kind string

// The doors that secrets come in by.
const (
	UserPassword  Kind = "a user's password"
	AdminPassword Kind = "the administrator's secret at Keycloak"
	ClientSecret  Kind = "the client's secret"
	Code          Kind = "an authorization code"
	AccessToken   Kind = "an access token"
	IDToken       Kind = "an ID token"
	RefreshToken  Kind = "a refresh token"
	Cookie        Kind = "a session cookie"
	// OtherToken is a signed token of no known type, or that nobody noted.
	OtherToken Kind = "a signed token"
)

// Kinds are all that a ledger can hold.
var Kinds = []Kind{UserPassword, AdminPassword, ClientSecret, Code, AccessToken, IDToken, RefreshToken, Cookie, OtherToken}

// tokenTypes are Keycloak's, as a token's "typ" says it.
var tokenTypes = map[string]Kind{"Bearer": AccessToken, "ID": IDToken, "Refresh": RefreshToken, "Offline": RefreshToken}

// TokenKind is what a token says that it is.
func TokenKind(raw string) Kind {
	if kind, known := tokenTypes[redact.ParseToken(raw).Type]; known {
		return kind
	}
	return OtherToken
}

// Secret is what must be nowhere.
type Secret struct {
	Kind  Kind   `json:"kind"`
	Value string `json:"value"`
}

// Ledger takes the secrets that a process sees. A nil one takes none.
type Ledger struct {
	mu   sync.Mutex
	file *os.File
	seen map[string]bool // by kind and hash
	err  error           // why it is incomplete
}

// Open opens the ledger at path, for its owner's eyes only, and makes it if
// need be. Several processes may have it open.
func Open(path string) (*Ledger, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the ledger of secrets: %w", err)
	}
	return &Ledger{file: file, seen: map[string]bool{}}, nil
}

// Note takes a secret, once.
func (l *Ledger) Note(kind Kind, value string) {
	if l == nil || len(value) < shortest {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	// A cookie may be a token: it is both.
	name := string(kind) + redact.Hash(value)
	if l.seen[name] {
		return
	}
	l.seen[name] = true
	line, err := json.Marshal(Secret{kind, value})
	if err == nil {
		// One write, at the file's end: lines of several processes do not mix.
		_, err = l.file.Write(append(line, '\n'))
	}
	if err != nil {
		l.err = fmt.Errorf("note %s: %w", kind, err)
	}
}

// Close closes the ledger, and says whether something could not be noted.
func (l *Ledger) Close() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Join(l.err, l.file.Close())
}

// Load reads what all processes have noted. A ledger that is not there is empty.
func Load(path string) ([]Secret, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the ledger of secrets: %w", err)
	}
	defer file.Close()
	var secrets []Secret
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var secret Secret
		if json.Unmarshal(lines.Bytes(), &secret) != nil {
			// The error would quote the line.
			return nil, fmt.Errorf("read the ledger of secrets: line %d is broken", len(secrets)+1)
		}
		secrets = append(secrets, secret)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the ledger of secrets: %w", err)
	}
	return secrets, nil
}
