package cluster

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

// AuditEvent is what is kept of an event of the API server's audit log
// (audit.k8s.io/v1).
type AuditEvent struct {
	AuditID            string
	Stage              string
	Verb               string
	RequestURI         string // redacted
	User               string
	Groups             []string
	ImpersonatedUser   string
	ImpersonatedGroups []string
	Constraint         string // the verb that let a constrained impersonation be
	Code               int
	ReceivedAt         time.Time
	StageAt            time.Time
	Resource           string
	Subresource        string
	APIGroup           string
	Namespace          string
	Name               string
	Annotations        map[string]string
}

// AuditLog reads the audit log from the place where it was opened on.
type AuditLog struct {
	path   string
	offset int64
}

// OpenAudit opens the log at its present end: what was written before does not
// concern the opener. The log may not exist yet.
func OpenAudit(path string) (*AuditLog, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return &AuditLog{path: path}, nil
	case err != nil:
		return nil, fmt.Errorf("open the audit log: %w", err)
	}
	return &AuditLog{path: path, offset: info.Size()}, nil
}

// Read returns the events since the log was opened that fit, as far as they
// have been written in full. It can be called again and again.
func (l *AuditLog) Read(fits func(AuditEvent) bool) ([]AuditEvent, error) {
	file, err := os.Open(l.path)
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	defer file.Close()
	// The log may have been opened while a line was being written. That line
	// belongs to what was before, so reading begins after the first end of a line;
	// from one byte earlier, for the line may just have ended there.
	if _, err := file.Seek(max(l.offset-1, 0), io.SeekStart); err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	lines := bufio.NewReader(file)
	if l.offset > 0 {
		if _, err := lines.ReadBytes('\n'); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read the audit log: %w", err)
		}
	}
	return readAudit(lines, fits)
}

func readAudit(lines *bufio.Reader, fits func(AuditEvent) bool) ([]AuditEvent, error) {
	var events []AuditEvent
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			// The last line may still be in writing; it is read the next time.
			return events, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the audit log: %w", err)
		}
		event, err := parseAudit(line)
		if err != nil {
			return nil, err
		}
		if fits(event) {
			events = append(events, event)
		}
	}
}

func parseAudit(line []byte) (AuditEvent, error) {
	var event auditv1.Event
	if err := json.Unmarshal(line, &event); err != nil {
		return AuditEvent{}, fmt.Errorf("read a line of the audit log: %w", err)
	}
	kept := AuditEvent{
		AuditID: string(event.AuditID), Stage: string(event.Stage), Verb: event.Verb, RequestURI: redact.URL(event.RequestURI),
		User: event.User.Username, Groups: event.User.Groups,
		ReceivedAt: event.RequestReceivedTimestamp.UTC(), StageAt: event.StageTimestamp.UTC(), Annotations: event.Annotations,
	}
	if event.ImpersonatedUser != nil {
		kept.ImpersonatedUser, kept.ImpersonatedGroups = event.ImpersonatedUser.Username, event.ImpersonatedUser.Groups
	}
	if event.AuthenticationMetadata != nil {
		kept.Constraint = event.AuthenticationMetadata.ImpersonationConstraint
	}
	if event.ResponseStatus != nil {
		kept.Code = int(event.ResponseStatus.Code)
	}
	if reference := event.ObjectRef; reference != nil {
		kept.Resource, kept.Subresource, kept.APIGroup = reference.Resource, reference.Subresource, reference.APIGroup
		kept.Namespace, kept.Name = reference.Namespace, reference.Name
	}
	return kept, nil
}
