package cluster

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/e2e-framework/support"
	"sigs.k8s.io/e2e-framework/support/kind"
)

// The names of the providers.
const (
	Local = "local" // this package's Provider
	Kind  = "kind"  // e2e-framework's, which installs the kind command when it is missing, and needs Docker
)

var makers = map[string]func() support.E2EClusterProvider{
	Local: func() support.E2EClusterProvider { return NewProvider(Options{}) },
	Kind:  kind.NewProvider,
}

// ByName returns a new provider with its defaults, for whoever needs a cluster
// and does not care how it runs. A stand cares: it tells the API server its
// issuers and reads its audit log, so it takes a Provider.
func ByName(name string) (support.E2EClusterProvider, error) {
	newProvider, known := makers[name]
	if !known {
		return nil, fmt.Errorf("there is no cluster provider %q; there are: %s", name, strings.Join(slices.Sorted(maps.Keys(makers)), ", "))
	}
	return newProvider().SetDefaults(), nil
}
