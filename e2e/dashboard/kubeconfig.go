package dashboard

import (
	"fmt"
	"path/filepath"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// Cluster is a cluster that the dashboard knows beside the one that it runs in, with
// an issuer of its own.
type Cluster struct {
	Name         string // in the dashboard's routes
	Server       string // address of its API server
	CAFile       string // with that one's authority
	Issuer       string
	IssuerCA     string // file with the issuer's authority
	ClientID     string
	ClientSecret string
	Scopes       []string
}

// kubeconfig is the file that the replica's other clusters are in.
func (s Settings) kubeconfig() string { return filepath.Join(s.Dir, "kubeconfig") }

// writeKubeconfig writes the other clusters for the replica's eyes alone, in the form
// that Headlamp reads: with the auth provider oidc, which kubectl knows no more.
func (s Settings) writeKubeconfig() error {
	if len(s.Others) == 0 {
		return nil
	}
	config := api.NewConfig()
	for _, other := range s.Others {
		config.Clusters[other.Name] = &api.Cluster{Server: other.Server, CertificateAuthority: other.CAFile}
		config.AuthInfos[other.Name] = &api.AuthInfo{AuthProvider: &api.AuthProviderConfig{Name: "oidc", Config: map[string]string{
			"client-id": other.ClientID, "client-secret": other.ClientSecret, "idp-issuer-url": other.Issuer,
			"idp-certificate-authority": other.IssuerCA, "scope": strings.Join(other.Scopes, ","),
		}}}
		config.Contexts[other.Name] = &api.Context{Cluster: other.Name, AuthInfo: other.Name}
	}
	// clientcmd writes it with the mode 0600.
	if err := clientcmd.WriteToFile(*config, s.kubeconfig()); err != nil {
		return fmt.Errorf("write the dashboard's other clusters: %w", err)
	}
	return nil
}
