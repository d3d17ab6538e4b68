package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/provision"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/reaper"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/settings"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/stand"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
)

func newUpCommand() *cobra.Command {
	chosen := settings.Defaults()
	var mistakes *[]error
	command := &cobra.Command{
		Use: "up", Short: "Bring a stand up and keep it until Ctrl-C", Args: noArguments,
		Long: "Brings a stand up (Keycloak, etcd and kube-apiserver, a browser) and keeps it until\n" +
			"Ctrl-C, so that single scenarios can be run on it again and again: it prints the\n" +
			"commands, and where its descriptor is, which 'run --stand' takes. The settings and\n" +
			"the report directory of those runs are the ones that are given here.\n\n" +
			"With --impersonator another product, a kube-oidc-proxy say, is tried in the place of\n" +
			"the suite's own impersonator: 'up' prints what it has to be told.",
		Example: "  headlamp-conformance up --headlamp ./headlamp\n" +
			"  headlamp-conformance up --identity proxy --impersonator https://127.0.0.1:8443 --tap-port 25443",
		Annotations: map[string]string{startsProcesses: "yes"},
		RunE: func(command *cobra.Command, _ []string) error {
			return up(command.Context(), chosen, append(*mistakes, emptyHeadlamp(command.Flags())...), progress.To(command.OutOrStdout()))
		},
	}
	flags := command.Flags()
	addStandFlags(flags, &chosen)
	flags.StringVar(&chosen.Impersonator, "impersonator", "",
		"`address` of another product in the impersonator's place, as https://127.0.0.1:8443; takes --identity proxy and --tap-port")
	flags.StringVar(&chosen.ImpersonatorCA, "impersonator-ca", "", "`file` with the authority of that product's certificate; without it, the stand's own")
	flags.IntVar(&chosen.TapPort, "tap-port", 0, "loopback `port` of the tap, the proxy before the API server that this product has to pass requests on to")
	mistakes = rememberMistakes(flags)
	return command
}

func up(ctx context.Context, chosen settings.Settings, mistakes []error, printer *progress.Printer) error {
	resolved, err := chosen.Resolve(ctx, mistakes...)
	if err != nil {
		return err
	}
	if resolved.RunDir, err = reaper.MkdirTemp(); err != nil {
		return err
	}
	resolved.Progress = printer
	started, err := stand.Start(ctx, resolved)
	if err != nil {
		return err
	}
	descriptor := started.Descriptor()
	printer.Linef("\nThe stand is up, with %s. Ctrl-C ends it.", resolved.Dashboard.Label())
	printer.Linef("  Keycloak    %s", descriptor.Keycloak.URL)
	printer.Linef("  Kubernetes  %s (kubeconfig: %s)", descriptor.Cluster.URL, descriptor.Cluster.Kubeconfig)
	printer.Linef("  authority   %s", descriptor.AuthorityDir)
	introduce(descriptor, printer)
	printer.Linef("Run one scenario on it, in another terminal:")
	printer.Linef("  bin/headlamp-conformance run --stand %s --label-filter identity/who-am-i", started.DescriptorPath())
	printer.Linef("  %s=%s go test ./suites -v -count 1 -run Conformance -ginkgo.focus 'identity who-am-i'", conformance.StandVariable, started.DescriptorPath())
	<-ctx.Done()
	done := printer.Step("stop the stand", nil)
	err = started.Stop()
	done(err)
	return err
}

// introduce says what another product in the impersonator's place has to be
// told. One installation stands at a time, and it leases the first realm.
func introduce(descriptor stand.Descriptor, printer *progress.Printer) {
	if descriptor.Product == nil {
		return
	}
	issuer := descriptor.Issuer(descriptor.Keycloak.Realms[0], realm.Plain)
	printer.Linef("Start the impersonator at %s now, and tell it:", descriptor.Product.URL)
	printer.Linef("  issuer      %s, client %s, CA %s", issuer.URL, issuer.Audience, issuer.CAFile)
	printer.Linef("  claims      user %s, groups %s, without prefixes", issuer.UsernameClaim, issuer.GroupsClaim)
	printer.Linef("  API server  https://127.0.0.1:%d, CA %s", descriptor.Product.TapPort, issuer.CAFile)
	printer.Linef("  credential  the token in %s", descriptor.Product.TokenFile)
	printer.Linef("Run with --procs 1.")
}

func newPrepareCommand() *cobra.Command {
	version := keycloak.DefaultVersion
	command := &cobra.Command{
		Use: "prepare", Short: "Install, download and build what a run needs, and keep it in the cache", Args: noArguments,
		Long: "Does beforehand what the first run would do. Chromium, certutil, Java and Maven are\n" +
			"installed with apt-get where they are missing, if that takes no password; Keycloak is\n" +
			"downloaded, etcd, kube-apiserver and oauth2-proxy are built. What can be kept is in\n" +
			"headlamp-conformance in your cache directory, or where " + provision.CacheVariable + "\n" +
			"points.",
		Annotations: map[string]string{startsProcesses: "yes"},
		RunE: func(command *cobra.Command, _ []string) error {
			if err := keycloak.Check(version); err != nil {
				return &usageError{err}
			}
			cacheDir, err := provision.CacheDir()
			if err != nil {
				return err
			}
			return stand.Prepare(command.Context(), stand.Settings{
				CacheDir: cacheDir, KeycloakVersion: version, Realms: settings.Defaults().Realms,
				Progress: progress.To(command.OutOrStdout()),
			})
		},
	}
	command.Flags().StringVar(&version, "keycloak-version", version, keycloakVersionUsage)
	return command
}
