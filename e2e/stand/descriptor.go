package stand

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact/leak"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
)

// Descriptor is how a process finds the stand, and what a run was asked for.
type Descriptor struct {
	RunDir       string            `json:"runDir"`
	ReportDir    string            `json:"reportDir"`
	AuthorityDir string            `json:"authorityDir"`
	Keycloak     keycloak.Endpoint `json:"keycloak"`
	Cluster      cluster.Endpoint  `json:"cluster"`
	Browser      browser.Endpoint  `json:"browser"`
	// AdmissionDir and Logins are the places for logins that load a page.
	AdmissionDir string `json:"admissionDir"`
	Logins       int    `json:"logins"`

	// Digests are those of the programs that were started, by their names
	// (digest.Of).
	Digests map[string]string `json:"digests"`

	Dashboard dashboard.Source `json:"dashboard"`
	Faulty    dashboard.Source `json:"faulty,omitzero"` // that faults can be planted in, in a self-test
	Identity  string           `json:"identity"`
	// Product is another product in the impersonator's place, or nil.
	Product  *Product      `json:"product,omitempty"`
	Lifetime time.Duration `json:"lifetime"`
	Expiries int           `json:"expiries"`
	// IdentityProxy is the executable of the identity-aware proxy. It is empty where
	// there is none, and IdentityProxyLacks says why.
	IdentityProxy      string `json:"identityProxy,omitempty"`
	IdentityProxyLacks string `json:"identityProxyLacks,omitempty"`
}

// Product is another product in the impersonator's place. It passes requests on
// to one tap: one installation stands at a time.
type Product struct {
	URL     string `json:"url"`
	CAFile  string `json:"caFile,omitempty"` // of its certificate, beside the run's authority
	TapPort int    `json:"tapPort"`
	// TokenFile holds the credential that it may impersonate with.
	TokenFile string `json:"tokenFile"`
}

// Issuer is a realm as the API server, and an impersonator in its place, is
// told to trust it: names with the prefixes of its kind, which a plain one has not,
// as in the set-up that the mission comes from.
func (d Descriptor) Issuer(name string, kind realm.Kind) cluster.Issuer {
	issuer := d.issuer(d.Keycloak.Issuer(name))
	issuer.UsernamePrefix, issuer.GroupsPrefix = kind.Prefixes(issuer.URL)
	if kind == realm.Distrusted {
		issuer.CAFile = ""
	}
	return issuer
}

// RelayedIssuer is a plain realm, when its users know Keycloak by the address of a
// relay.
func (d Descriptor) RelayedIssuer(name string) cluster.Issuer {
	return d.issuer(d.Keycloak.RelayedIssuer(name))
}

func (d Descriptor) issuer(url string) cluster.Issuer {
	return cluster.Issuer{
		URL: url, Audience: keycloak.ClientID,
		CAFile:        pki.CertificatePath(d.AuthorityDir),
		UsernameClaim: "preferred_username", GroupsClaim: "groups",
	}
}

// Ledger is the file that takes the secrets of everything that runs on the stand.
// It is in the run's directory, and is removed with it.
func (d Descriptor) Ledger() string { return filepath.Join(d.RunDir, leak.FileName) }

// Save writes the descriptor for its owner's eyes only: it leads to secrets.
func (d Descriptor) Save(path string) error {
	content, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the stand's descriptor: %w", err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return fmt.Errorf("write the stand's descriptor: %w", err)
	}
	return nil
}

// Load reads a descriptor.
func Load(path string) (Descriptor, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return Descriptor{}, fmt.Errorf("read the stand's descriptor: %w; bring a stand up with 'up', which says where its descriptor is", err)
	}
	var descriptor Descriptor
	if err := json.Unmarshal(content, &descriptor); err != nil {
		return Descriptor{}, fmt.Errorf("read the stand's descriptor %s: %w", path, err)
	}
	return descriptor, nil
}
