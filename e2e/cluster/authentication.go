package cluster

import (
	"fmt"
	"os"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"
	"sigs.k8s.io/yaml"
)

// MaxIssuers is how many issuers an API server trusts at the most
// (k8s.io/apiserver, validation of AuthenticationConfiguration).
const MaxIssuers = 64

// Issuer is an issuer of tokens that the API server trusts, and what it reads
// out of them.
type Issuer struct {
	URL            string
	Audience       string
	CAFile         string // of who vouches for it; none is the machine's own
	UsernameClaim  string
	UsernamePrefix string
	GroupsClaim    string
	GroupsPrefix   string
}

// renderAuthentication writes the API server's AuthenticationConfiguration.
// Anonymous requests are let in, as by default: a dashboard's page makes some
// before its login.
func renderAuthentication(issuers []Issuer) ([]byte, error) {
	if len(issuers) > MaxIssuers {
		return nil, fmt.Errorf("an API server trusts %d issuers at the most, not %d", MaxIssuers, len(issuers))
	}
	configuration := apiserverv1.AuthenticationConfiguration{
		TypeMeta:  metav1.TypeMeta{APIVersion: apiserverv1.SchemeGroupVersion.String(), Kind: "AuthenticationConfiguration"},
		Anonymous: &apiserverv1.AnonymousAuthConfig{Enabled: true},
	}
	for _, issuer := range issuers {
		var authority []byte
		if issuer.CAFile != "" {
			var err error
			if authority, err = os.ReadFile(issuer.CAFile); err != nil {
				return nil, fmt.Errorf("read the authority of the issuer %s: %w", issuer.URL, err)
			}
		}
		usernamePrefix, groupsPrefix := issuer.UsernamePrefix, issuer.GroupsPrefix
		configuration.JWT = append(configuration.JWT, apiserverv1.JWTAuthenticator{
			Issuer: apiserverv1.Issuer{
				URL: issuer.URL, CertificateAuthority: string(authority), Audiences: []string{issuer.Audience},
			},
			ClaimMappings: apiserverv1.ClaimMappings{
				Username: apiserverv1.PrefixedClaimOrExpression{Claim: issuer.UsernameClaim, Prefix: &usernamePrefix},
				Groups:   apiserverv1.PrefixedClaimOrExpression{Claim: issuer.GroupsClaim, Prefix: &groupsPrefix},
			},
		})
	}
	content, err := yaml.Marshal(configuration)
	if err != nil {
		return nil, fmt.Errorf("encode the authentication configuration: %w", err)
	}
	return content, nil
}
