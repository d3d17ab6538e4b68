package dashboard

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// newFlags are Headlamp's flags by the minor version that first had them, as
// far as they are about this suite (read in the tagged releases).
var newFlags = []struct {
	minor int
	flags []string
}{
	{27, []string{"in-cluster", "base-url", "port", "html-static-dir", "plugins-dir", "version",
		"oidc-client-id", "oidc-client-secret", "oidc-idp-issuer-url", "oidc-scopes"}},
	{29, []string{"listen-addr"}},
	{31, []string{"oidc-validator-client-id", "oidc-validator-idp-issuer-url", "oidc-use-access-token"}},
	{35, []string{"oidc-callback-url", "oidc-skip-tls-verify", "oidc-ca-file"}},
	{36, []string{"tls-cert-path", "tls-key-path"}},
	{37, []string{"oidc-use-pkce", "me-username-path"}},
	{40, []string{"in-cluster-context-name"}},
	{41, []string{"session-ttl", "oidc-use-cookie"}},
	{43, []string{"proxy-auth", "unsafe-use-service-account-token"}},
}

// usageOf is what -h prints in 0.minor, as Go's package flag does.
func usageOf(minor int) string {
	var text strings.Builder
	text.WriteString("Usage of config:\n")
	for _, added := range newFlags {
		for _, name := range added.flags {
			if added.minor <= minor {
				fmt.Fprintf(&text, "  -%s string\n    \tWhat -%s is for, as in -other-flag=x (default \"main\")\n", name, name)
			}
		}
	}
	return text.String()
}

// asked are settings that use everything.
var asked = Settings{
	Name: "dashboard-1", Cluster: "main", Address: "127.0.0.2", Port: 20443, Impersonate: true,
	BaseURL: "/headlamp", UseAccessToken: true, ValidatorIssuer: "https://127.0.0.1:2/realms/r",
	Issuer: "https://127.0.0.1:1/realms/r", ClientID: "headlamp", ClientSecret: "canary-secret",
	Scopes: []string{"profile", "email"}, IssuerCA: "/run-dir/ca.crt", PKCE: true,
}

func TestFlagsAreThoseThatTheVersionKnows(t *testing.T) {
	t.Parallel()
	for minor, named := range map[int]bool{36: false, 39: false, 42: true, 45: true} {
		t.Run(fmt.Sprintf("0.%d", minor), func(t *testing.T) {
			t.Parallel()
			dir := put(t, map[string]string{
				"headlamp-server":     answering(usageOf(minor), fmt.Sprintf("Headlamp 0.%d.0 (linux/amd64)", minor)),
				"frontend/index.html": "",
			})
			source, err := FromDirectory(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf("0.%d.0", minor); source.Version != want {
				t.Errorf("version %s, want %s", source.Version, want)
			}
			want := []string{
				"-in-cluster", "-listen-addr=127.0.0.2", "-port=20443", "-plugins-dir=/plugins", "-html-static-dir=" + dir + "/frontend",
				"-in-cluster-context-name=main", "-base-url=/headlamp",
				"-oidc-client-id=headlamp", "-oidc-idp-issuer-url=https://127.0.0.1:1/realms/r", "-oidc-scopes=profile,email",
				"-oidc-ca-file=/run-dir/ca.crt", "-oidc-validator-idp-issuer-url=https://127.0.0.1:2/realms/r", "-oidc-use-access-token=true",
			}
			if minor >= 37 {
				want = append(want, "-oidc-use-pkce=true")
			}
			if !named {
				want = slices.DeleteFunc(want, func(argument string) bool { return strings.HasPrefix(argument, "-in-cluster-context-name") })
			}
			if got := source.arguments(asked, "/plugins"); !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestFlagsOfAnImpersonatingDashboardAndOfAVariant(t *testing.T) {
	t.Parallel()
	dir := put(t, map[string]string{
		"headlamp-server":     answering(usageOf(45)+"  -oidc-use-impersonation\n", ""),
		"frontend/index.html": "",
	})
	source, err := FromDirectory(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	got := source.With("-one").With("-session-ttl=60").arguments(asked, "/plugins")
	if end := got[len(got)-3:]; !slices.Equal(end, []string{"-oidc-use-impersonation=true", "-one", "-session-ttl=60"}) {
		t.Errorf("got %q", end)
	}
	withoutCA := asked
	withoutCA.IssuerCA, withoutCA.Impersonate, withoutCA.PKCE = "", false, false
	for _, argument := range source.arguments(withoutCA, "/plugins") {
		if strings.Contains(argument, "ca-file") || strings.Contains(argument, "impersonation") || strings.Contains(argument, "pkce") {
			t.Errorf("%s was not asked for", argument)
		}
	}
}
