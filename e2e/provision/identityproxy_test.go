package provision

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestAnIdentityProxyThatTheUserNamedIsUsed(t *testing.T) {
	bin := machineWith(t, map[string]string{"oauth2-proxy": tellsVersion("oauth2-proxy v7")})
	for _, given := range []string{filepath.Join(bin, "oauth2-proxy"), "oauth2-proxy"} {
		t.Setenv(IdentityProxyVariable, given)
		if path, err := IdentityProxy(t.Context(), t.TempDir(), nil); err != nil || path != filepath.Join(bin, "oauth2-proxy") {
			t.Errorf("%s: got %s, %v", given, path, err)
		}
	}
	t.Setenv(IdentityProxyVariable, filepath.Join(bin, "absent"))
	if _, err := IdentityProxy(t.Context(), t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), IdentityProxyVariable+"="+bin) {
		t.Errorf("one that is not there: %v", err)
	}
}

func TestWithoutGoNoIdentityProxyIsBuilt(t *testing.T) {
	t.Setenv(IdentityProxyVariable, "")
	machineWith(t, nil)
	_, err := IdentityProxy(t.Context(), t.TempDir(), nil)
	if err == nil || !strings.Contains(err.Error(), "point "+IdentityProxyVariable+" at one") {
		t.Errorf("got %v", err)
	}
}
