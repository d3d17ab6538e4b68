package stand

import (
	"github.com/headlamp-conformance/headlamp-conformance/e2e/admission"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact/leak"
)

// Attachment is one process's connections to a running stand.
type Attachment struct {
	Descriptor Descriptor
	Keycloak   *keycloak.Admin
	Cluster    *cluster.Cluster
	Browser    *browser.Connection
	Admission  admission.Gate
	// Secrets takes the secrets that this process sees: none of them may be in
	// what the run leaves.
	Secrets *leak.Ledger
}

// Attach connects to the stand that a descriptor describes. It starts nothing.
func Attach(path string) (*Attachment, error) {
	descriptor, err := Load(path)
	if err != nil {
		return nil, err
	}
	attachment := &Attachment{
		Descriptor: descriptor,
		Admission:  admission.Gate{Dir: descriptor.AdmissionDir, Places: descriptor.Logins},
	}
	if attachment.Keycloak, err = keycloak.Connect(descriptor.Keycloak); err != nil {
		return nil, err
	}
	if attachment.Secrets, err = leak.Open(descriptor.Ledger()); err != nil {
		return nil, err
	}
	attachment.Keycloak.NoteSecrets(attachment.Secrets)
	if attachment.Cluster, err = cluster.Connect(descriptor.Cluster); err != nil {
		return nil, err
	}
	if attachment.Browser, err = browser.Connect(descriptor.Browser); err != nil {
		return nil, err
	}
	return attachment, nil
}

// Close ends the connections. The stand lives on. An error means that a secret
// was not noted.
func (a *Attachment) Close() error {
	a.Browser.Close()
	return a.Secrets.Close()
}
