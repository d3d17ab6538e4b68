package main

import (
	"strings"

	"github.com/spf13/pflag"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/settings"
)

var keycloakVersionUsage = "`version` of Keycloak: " + strings.Join(keycloak.Versions, ", ")

// addStandFlags adds the flags of every command that brings a stand up.
func addStandFlags(flags *pflag.FlagSet, chosen *settings.Settings) {
	flags.StringVar(&chosen.Headlamp, "headlamp", chosen.Headlamp,
		"`directory` with headlamp-server and frontend/ in it; without it, the bundled reference dashboard")
	addBesideDashboard(flags, chosen)
}

// addBesideDashboard adds those of them that do not say which dashboard.
func addBesideDashboard(flags *pflag.FlagSet, chosen *settings.Settings) {
	flags.StringArrayVar(&chosen.HeadlampArgs, "headlamp-arg", nil,
		"one more `argument` for the dashboard, which beats the suite's own; may be given several times")
	flags.StringVar(&chosen.Identity, "identity", chosen.Identity,
		"identity `mode`, how the user reaches the API server: "+strings.Join(settings.IdentityModes, ", "))
	flags.StringVar(&chosen.KeycloakVersion, "keycloak-version", chosen.KeycloakVersion, keycloakVersionUsage)
	flags.IntVar(&chosen.KeycloakPort, "keycloak-port", chosen.KeycloakPort, "loopback `port` of Keycloak; 0 is a free one")
	flags.DurationVar(&chosen.Lifetime, "lifetime", chosen.Lifetime, "how long a token lives, 20s or more, in whole seconds")
	flags.IntVar(&chosen.Expiries, "expiries", chosen.Expiries, "how many token expiries a page is held past")
	flags.StringVar(&chosen.ReportDir, "report-dir", chosen.ReportDir, "`directory` for index.html, conformance.yaml, junit.xml and the evidence")
}
