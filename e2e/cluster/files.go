package cluster

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
)

// accountKeyBits is the size of the key that signs service-account tokens.
const accountKeyBits = 2048

// KubeletClient is the name in the certificate by which a kubelet knows the API
// server.
const KubeletClient = "kube-apiserver-kubelet-client"

// files are the paths of what the programs are started with.
type files struct {
	authority                    string
	serverCertificate, serverKey string
	adminCertificate, adminKey   string
	// kubeletCertificate and kubeletKey are the API server's, as a kubelet's client.
	kubeletCertificate, kubeletKey string
	accountKey                     string
	auditPolicy, authentication    string
	adminPair                      pki.Pair
}

func (c *controlPlane) writeFiles() (files, error) {
	dir, authority := c.options.Dir, c.options.Authority
	written := files{
		authority:      filepath.Join(dir, "ca.crt"),
		accountKey:     filepath.Join(dir, "accounts.key"),
		auditPolicy:    filepath.Join(dir, "audit-policy.yaml"),
		authentication: filepath.Join(dir, "authentication.yaml"),
	}
	server, err := authority.Server(Host, "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
	if err != nil {
		return files{}, err
	}
	if written.serverCertificate, written.serverKey, err = server.Save(dir, "server"); err != nil {
		return files{}, fmt.Errorf("keep the API server's certificate: %w", err)
	}
	if written.adminPair, err = authority.Client("conformance-admin", "system:masters"); err != nil {
		return files{}, err
	}
	if written.adminCertificate, written.adminKey, err = written.adminPair.Save(dir, "admin"); err != nil {
		return files{}, fmt.Errorf("keep the administrator's certificate: %w", err)
	}
	kubeletClient, err := authority.Client(KubeletClient)
	if err != nil {
		return files{}, err
	}
	if written.kubeletCertificate, written.kubeletKey, err = kubeletClient.Save(dir, "kubelet-client"); err != nil {
		return files{}, fmt.Errorf("keep the API server's certificate for kubelets: %w", err)
	}
	key, err := rsa.GenerateKey(rand.Reader, accountKeyBits)
	if err != nil {
		return files{}, fmt.Errorf("make the key for service accounts: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return files{}, fmt.Errorf("encode the key for service accounts: %w", err)
	}
	for path, content := range map[string][]byte{
		written.authority:   authority.PEM(),
		written.accountKey:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		written.auditPolicy: []byte(auditPolicy),
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return files{}, fmt.Errorf("write what the control plane is started with: %w", err)
		}
	}
	return written, nil
}

// clientOf returns a client that the programs know as the administrator.
func (f files) clientOf(authority *pki.Authority) (*http.Client, error) {
	certificate, err := f.adminPair.TLS()
	if err != nil {
		return nil, fmt.Errorf("use the administrator's certificate: %w", err)
	}
	return &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs: authority.Pool(), Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12,
	}}}, nil
}

// writeKubeconfig writes the administrator's kubeconfig, which holds
// everything it needs.
func (c *controlPlane) writeKubeconfig(f files) (*rest.Config, error) {
	config := clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{c.name: {
			Server: c.endpoint.URL, CertificateAuthorityData: c.options.Authority.PEM(),
		}},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{c.name: {
			ClientCertificateData: f.adminPair.Certificate, ClientKeyData: f.adminPair.Key,
		}},
		Contexts:       map[string]*clientcmdapi.Context{c.name: {Cluster: c.name, AuthInfo: c.name}},
		CurrentContext: c.name,
	}
	content, err := clientcmd.Write(config)
	if err != nil {
		return nil, fmt.Errorf("encode the administrator's kubeconfig: %w", err)
	}
	if err := os.WriteFile(c.endpoint.Kubeconfig, content, 0o600); err != nil {
		return nil, fmt.Errorf("write the administrator's kubeconfig: %w", err)
	}
	return clientcmd.RESTConfigFromKubeConfig(content)
}
