package provision

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func tellsVersion(text string) string { return "#!/bin/sh\necho '" + text + "'\n" }

func TestAControlPlaneThatTheUserNamedIsUsed(t *testing.T) {
	bin := machineWith(t, map[string]string{
		"etcd": tellsVersion("etcd Version: 3.7.0"), "kube-apiserver": tellsVersion("Kubernetes v1.37.2"),
	})
	t.Setenv(AssetsVariable, bin)
	if space, err := ControlPlaneSpace(t.Context(), t.TempDir()); space != 0 || err != nil {
		t.Errorf("it takes %d bytes, %v", space, err)
	}
	assets, err := ControlPlane(t.Context(), t.TempDir(), nil)
	if err != nil || assets.EtcdVersion != "3.7.0" || assets.APIServerVersion != "1.37.2" || assets.Etcd != filepath.Join(bin, "etcd") {
		t.Errorf("got %+v, %v", assets, err)
	}
}

func TestAControlPlaneThatIsNoneIsNamedWithItsVariable(t *testing.T) {
	for name, row := range map[string]struct {
		programs map[string]string
		say      []string
	}{
		"empty": {nil, []string{"etcd --version: ", "kube-apiserver --version: ", "no such file"}},
		"something else": {
			map[string]string{"etcd": tellsVersion("hello"), "kube-apiserver": tellsVersion("Kubernetes v1.37.2")},
			[]string{"etcd --version tells no version"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			bin := machineWith(t, row.programs)
			t.Setenv(AssetsVariable, bin)
			_, spaceErr := ControlPlaneSpace(t.Context(), t.TempDir())
			_, err := ControlPlane(t.Context(), t.TempDir(), nil)
			for _, err := range []error{spaceErr, err} {
				if err == nil {
					t.Fatal("it was taken")
				}
				for _, part := range append(row.say, AssetsVariable+"="+bin, "unset it to have both built") {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("%q does not say %q", err, part)
					}
				}
			}
		})
	}
}

func TestAControlPlaneTakesItsSpaceUntilItIsBuilt(t *testing.T) {
	t.Setenv(AssetsVariable, "")
	cache := t.TempDir()
	if space, err := ControlPlaneSpace(t.Context(), cache); space != BuildSpace || err != nil {
		t.Errorf("not built: %d bytes, %v", space, err)
	}
	machineWith(t, nil)
	if _, err := ControlPlaneSpace(t.Context(), cache); err == nil || !strings.Contains(err.Error(), "install Go, or point "+AssetsVariable) {
		t.Errorf("without Go: %v", err)
	}
	_, dir, err := controlPlane.place(cache)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if space, err := ControlPlaneSpace(t.Context(), cache); space != 0 || err != nil {
		t.Errorf("built: %d bytes, %v", space, err)
	}
}

func TestAProgramFarFromItsCheckoutSaysHowItFindsAControlPlane(t *testing.T) {
	t.Setenv(AssetsVariable, "")
	t.Chdir(t.TempDir())
	if _, err := ControlPlaneSpace(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "run from a checkout, or point "+AssetsVariable) {
		t.Errorf("got %v", err)
	}
}

func TestABuildThatFailsLeavesNothingInTheCache(t *testing.T) {
	t.Setenv(AssetsVariable, "")
	machineWith(t, map[string]string{"go": "#!/bin/sh\ncase \"$1 $2\" in 'list -m') echo v1.37.2;; 'list -deps') echo x;; *) echo no such module >&2; exit 1;; esac\n"})
	cache := t.TempDir()
	_, err := ControlPlane(t.Context(), cache, nil)
	if err == nil || !strings.Contains(err.Error(), "no such module") {
		t.Fatalf("got %v", err)
	}
	left, err := filepath.Glob(filepath.Join(cache, "controlplane", "*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != "lock" {
		t.Errorf("left in the cache: %v, %v", left, err)
	}
}
