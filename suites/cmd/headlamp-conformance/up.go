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
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
)

func newUpCommand() *cobra.Command {
	chosen := settings.Defaults()
	command := &cobra.Command{
		Use: "up", Short: "Bring a stand up and keep it until Ctrl-C", Args: noArguments,
		Long: "Brings a stand up and keeps it until Ctrl-C, so that single scenarios can be\n" +
			"run on it again and again: it prints the commands.",
		Annotations: map[string]string{startsProcesses: "yes"},
		RunE: func(command *cobra.Command, _ []string) error {
			return up(command.Context(), chosen, progress.To(command.OutOrStdout()))
		},
	}
	addStandFlags(command.Flags(), &chosen)
	return command
}

func up(ctx context.Context, chosen settings.Settings, printer *progress.Printer) error {
	resolved, err := chosen.Resolve(ctx)
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
	printer.Linef("Run one scenario on it, in another terminal:")
	printer.Linef("  bin/headlamp-conformance run --stand %s --label-filter identity/who-am-i", started.DescriptorPath())
	printer.Linef("  %s=%s go test ./suites -v -count 1 -run Conformance -ginkgo.focus 'identity who-am-i'", conformance.StandVariable, started.DescriptorPath())
	<-ctx.Done()
	done := printer.Step("stop the stand", nil)
	err = started.Stop()
	done(err)
	return err
}

func newPrepareCommand() *cobra.Command {
	version := keycloak.DefaultVersion
	command := &cobra.Command{
		Use: "prepare", Short: "Install, download and build what a run needs, and keep it in the cache", Args: noArguments,
		Annotations: map[string]string{startsProcesses: "yes"},
		RunE: func(command *cobra.Command, _ []string) error {
			if err := settings.CheckKeycloak(version); err != nil {
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
	command.Flags().StringVar(&version, "keycloak-version", version, "version of Keycloak")
	return command
}
