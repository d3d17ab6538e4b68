package cluster_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/e2e-framework/support"
	"sigs.k8s.io/e2e-framework/support/kind"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
)

func TestAProviderIsChosenByItsName(t *testing.T) {
	t.Parallel()
	for name, fits := range map[string]func(support.E2EClusterProvider) bool{
		cluster.Local: func(p support.E2EClusterProvider) bool { _, ok := p.(*cluster.Provider); return ok },
		cluster.Kind:  func(p support.E2EClusterProvider) bool { _, ok := p.(*kind.Cluster); return ok },
	} {
		first, err := cluster.ByName(name)
		if err != nil || !fits(first) {
			t.Errorf("%s is a %T, %v", name, first, err)
		}
		if second, _ := cluster.ByName(name); second == first {
			t.Errorf("two who choose %s get the same", name)
		}
	}
	_, err := cluster.ByName("k3d")
	for _, word := range []string{`"k3d"`, cluster.Local, cluster.Kind} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("the error %v does not name %s", err, word)
		}
	}
}

func TestAProviderThatRunsNothingSaysSo(t *testing.T) {
	t.Parallel()
	provider := cluster.NewProvider(cluster.Options{}).WithName("nothing")
	_, generateErr := provider.GenerateKubeconfig()
	for what, err := range map[string]error{
		"GenerateKubeconfig":  generateErr,
		"WaitForControlPlane": provider.WaitForControlPlane(t.Context(), nil),
		"ExportLogs":          provider.ExportLogs(t.Context(), t.TempDir()),
	} {
		if err == nil || !strings.Contains(err.Error(), "nothing does not run") {
			t.Errorf("%s: got %v", what, err)
		}
	}
	if path, config := provider.GetKubeconfig(), provider.KubernetesRestConfig(); path != "" || config != nil {
		t.Errorf("it has the kubeconfig %q and the connection %v", path, config)
	}
	if err := provider.Destroy(t.Context()); err != nil {
		t.Errorf("Destroy: %v", err)
	}
}

func TestAProviderRefusesWhatItCannotRun(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	for name, test := range map[string]struct {
		create func(support.E2EClusterProvider) error
		names  []string // what the error does
	}{
		"no programs": {
			func(p support.E2EClusterProvider) error { _, err := p.Create(t.Context()); return err },
			[]string{"WithPath"},
		},
		"a directory without them": {
			func(p support.E2EClusterProvider) error { _, err := p.WithPath(empty).Create(t.Context()); return err },
			[]string{filepath.Join(empty, "etcd")},
		},
		"a configuration file": {
			func(p support.E2EClusterProvider) error {
				_, err := p.CreateWithConfig(t.Context(), "kind.yaml")
				return err
			},
			[]string{"kind.yaml", "WithOptions"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := test.create(cluster.NewProvider(cluster.Options{}))
			for _, word := range test.names {
				if err == nil || !strings.Contains(err.Error(), word) {
					t.Errorf("the error %v does not name %s", err, word)
				}
			}
		})
	}
}

func TestOptionsForTheLocalProviderDoNothingToAnother(t *testing.T) {
	t.Parallel()
	other, same := kind.NewCluster("other"), kind.NewCluster("other")
	other.WithOpts(cluster.WithOptions(cluster.Options{Dir: os.TempDir()}))
	if *other != *same {
		t.Errorf("%+v was changed", other)
	}
}
