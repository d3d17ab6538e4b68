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
	{27, []string{"in-cluster", "base-url", "port", "html-static-dir", "plugins-dir",
		"oidc-client-id", "oidc-client-secret", "oidc-idp-issuer-url", "oidc-scopes"}},
	{29, []string{"listen-addr"}},
	{31, []string{"oidc-validator-client-id", "oidc-validator-idp-issuer-url", "oidc-use-access-token"}},
	{35, []string{"oidc-callback-url", "oidc-skip-tls-verify", "oidc-ca-file"}},
	{36, []string{"tls-cert-path", "tls-key-path"}},
	{37, []string{"version", "oidc-use-pkce", "me-username-path"}},
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
	for _, minor := range []int{28, 29, 31, 35, 36, 39, 42, 45} {
		t.Run(fmt.Sprintf("0.%d", minor), func(t *testing.T) {
			t.Parallel()
			dir := put(t, map[string]string{
				"headlamp-server":     answering(usageOf(minor), fmt.Sprintf("Headlamp 0.%d.0 (linux/amd64)", minor)),
				"frontend/index.html": "",
				"frontend/index.js":   fmt.Sprintf(`a={VERSION:"0.%d.0",GIT_VERSION:"0"}`, minor),
			})
			source, err := FromDirectory(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprintf("0.%d.0", minor); source.Version != want {
				t.Errorf("version %s, want %s", source.Version, want)
			}
			var want []string
			for _, flag := range []struct {
				since    int
				argument string
			}{
				{0, "-in-cluster"}, {29, "-listen-addr=127.0.0.2"}, {0, "-port=20443"}, {0, "-plugins-dir=/plugins"},
				{0, "-html-static-dir=" + dir + "/frontend"}, {40, "-in-cluster-context-name=main"}, {0, "-base-url=/headlamp"},
				{0, "-oidc-client-id=headlamp"}, {0, "-oidc-idp-issuer-url=https://127.0.0.1:1/realms/r"}, {0, "-oidc-scopes=profile,email"},
				{35, "-oidc-ca-file=/run-dir/ca.crt"}, {31, "-oidc-validator-idp-issuer-url=https://127.0.0.1:2/realms/r"},
				{31, "-oidc-use-access-token=true"}, {37, "-oidc-use-pkce=true"},
			} {
				if minor >= flag.since {
					want = append(want, flag.argument)
				}
			}
			if everywhere := source.ListensEverywhere(); everywhere != (minor < 29) {
				t.Errorf("it listens on every address: %v", everywhere)
			}
			byMachine := slices.Contains(source.environment(asked), "SSL_CERT_FILE=/run-dir/ca.crt")
			if byMachine != (minor < 35) {
				t.Errorf("the machine has it trust the issuer's authority: %v", byMachine)
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
	if !source.CanImpersonate() || source.CanPrefix() {
		t.Error("it can impersonate, and put nothing before names")
	}
	source.Flags["oidc-username-prefix"], source.Flags["oidc-groups-prefix"] = true, true
	prefixed := asked
	prefixed.UsernamePrefix, prefixed.GroupsPrefix = "oidc:", "groups:"
	got = source.arguments(prefixed, "/plugins")
	if end := got[len(got)-3:]; !source.CanPrefix() || !slices.Equal(end, []string{"-oidc-use-impersonation=true", "-oidc-username-prefix=oidc:", "-oidc-groups-prefix=groups:"}) {
		t.Errorf("got %q", end)
	}
	withoutCA := asked
	if old := (Source{Flags: map[string]bool{"port": true}}); slices.ContainsFunc(old.environment(Settings{}), func(v string) bool { return strings.HasPrefix(v, "SSL_") }) {
		t.Error("one that was given no authority was told of one")
	}
	withoutCA.IssuerCA, withoutCA.Impersonate, withoutCA.PKCE = "", false, false
	for _, argument := range source.arguments(withoutCA, "/plugins") {
		if strings.Contains(argument, "ca-file") || strings.Contains(argument, "impersonation") || strings.Contains(argument, "pkce") {
			t.Errorf("%s was not asked for", argument)
		}
	}
}
