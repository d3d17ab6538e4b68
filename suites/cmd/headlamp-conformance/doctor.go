package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/doctor"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/settings"
)

// doctorTimeout is the longest that all checks may take.
const doctorTimeout = 20 * time.Second

// doctorOptions are what 'doctor' was told.
type doctorOptions struct {
	dashboard, cluster                 string
	issuer, clientID, redirectURI      string
	scopes                             []string
	username, apiServer, output        string
	secretFile, passwordFile           string
	caFile, dashboardCAFile, apiCAFile string
}

func newDoctorCommand() *cobra.Command {
	var o doctorOptions
	command := &cobra.Command{
		Use: "doctor", Short: "Check a deployed set-up within seconds: Keycloak's client, the tokens, the API server", Args: noArguments,
		Long: "Asks Keycloak and the API server what a dashboard needs of them, as the dashboard\n" +
			"would: discovery, certificate, redirect URI, scopes, client secret, code exchange,\n" +
			"refresh, claims, whom the API server takes the user for, and the clocks of all.\n" +
			"Without a user, what takes a login is left out. It changes nothing, and logs the\n" +
			"user out at its end.\n\n" +
			"With --dashboard it learns issuer, client, redirect URI and scopes from the\n" +
			"dashboard itself. Exit codes: 0 nothing wrong, 1 something is, 2 bad usage.",
		Example: "  headlamp-conformance doctor --dashboard https://headlamp.example.com \\\n" +
			"      --client-secret-file secret --username test --password-file password \\\n" +
			"      --api-server https://api.example.com:6443 --api-server-ca-file ca.crt",
		RunE: func(command *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeoutCause(command.Context(), doctorTimeout, fmt.Errorf("not within %s", doctorTimeout))
			defer cancel()
			return o.examine(ctx, command.OutOrStdout())
		},
	}
	flags := command.Flags()
	flags.StringVar(&o.dashboard, "dashboard", "", "address of the dashboard, with its base URL's path; says what is not given here")
	flags.StringVar(&o.cluster, "cluster", "main", "the cluster's name in the dashboard's routes")
	flags.StringVar(&o.issuer, "issuer", "", "the realm's URL, as the API server was told it")
	flags.StringVar(&o.clientID, "client-id", "", "the dashboard's client")
	flags.StringVar(&o.secretFile, "client-secret-file", "", "file with the client's secret; without it the client is a public one")
	flags.StringVar(&o.redirectURI, "redirect-uri", "", "the dashboard's callback, as https://headlamp.example.com/oidc-callback")
	flags.StringSliceVar(&o.scopes, "scopes", nil, "what the dashboard asks for beside openid; without a dashboard, profile and email")
	flags.StringVar(&o.username, "username", "", "a test user")
	flags.StringVar(&o.passwordFile, "password-file", "", "file with the test user's password")
	flags.StringVar(&o.apiServer, "api-server", "", "URL of the API server")
	flags.StringVar(&o.caFile, "ca-file", "", "authority of Keycloak's certificate; without it, the machine's own")
	flags.StringVar(&o.dashboardCAFile, "dashboard-ca-file", "", "authority of the dashboard's certificate; without it, the machine's own")
	flags.StringVar(&o.apiCAFile, "api-server-ca-file", "", "authority of the API server's certificate; without it, the machine's own")
	flags.StringVarP(&o.output, "output", "o", "", "json for programs")
	return command
}

func (o doctorOptions) examine(ctx context.Context, out io.Writer) error {
	target, err := o.target(ctx)
	if err != nil {
		return err
	}
	checks, err := doctor.Examine(ctx, target)
	if err != nil {
		return err
	}
	if o.output == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(checks)
	} else {
		err = tellChecks(out, checks)
	}
	if err != nil {
		return err
	}
	for _, check := range checks {
		if check.Result == doctor.Wrong {
			return &exitError{exitNotRecorded}
		}
	}
	return nil
}

// target reads the files and asks the dashboard. All mistakes are told at once.
func (o doctorOptions) target(ctx context.Context) (doctor.Target, error) {
	var mistakes []error
	content := func(flag, file string) string {
		if file == "" {
			return ""
		}
		read, err := os.ReadFile(file)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("%s: %w", flag, err))
		}
		return strings.TrimRight(string(read), "\r\n")
	}
	roots := func(flag, file string) *x509.CertPool {
		before := len(mistakes)
		read := content(flag, file)
		if file == "" || len(mistakes) > before {
			return nil
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM([]byte(read)) {
			mistakes = append(mistakes, fmt.Errorf("%s: %s holds no certificate; give a PEM file", flag, file))
		}
		return pool
	}
	dashboardRoots := roots("--dashboard-ca-file", o.dashboardCAFile)
	target := doctor.Target{
		Issuer: o.issuer, ClientID: o.clientID, ClientSecret: content("--client-secret-file", o.secretFile), RedirectURI: o.redirectURI,
		Scopes: o.scopes, Roots: roots("--ca-file", o.caFile), Username: o.username, Password: content("--password-file", o.passwordFile),
		APIServer: o.apiServer, APIRoots: roots("--api-server-ca-file", o.apiCAFile),
	}
	if o.output != "" && o.output != "json" {
		mistakes = append(mistakes, fmt.Errorf("there is no output form %q; known: json", o.output))
	}
	if (o.username == "") != (o.passwordFile == "") {
		mistakes = append(mistakes, errors.New("--username and --password-file go together"))
	}
	if o.dashboard == "" {
		for _, needed := range []struct{ flag, value string }{{"--issuer", o.issuer}, {"--client-id", o.clientID}, {"--redirect-uri", o.redirectURI}} {
			if needed.value == "" {
				mistakes = append(mistakes, fmt.Errorf("%s is missing: give it, or --dashboard, which tells it", needed.flag))
			}
		}
	}
	if len(mistakes) > 0 {
		return doctor.Target{}, &settings.InvalidError{Mistakes: mistakes}
	}
	if o.dashboard == "" {
		if len(o.scopes) == 0 {
			target.Scopes = []string{"profile", "email"}
		}
		return target, nil
	}
	learned, err := doctor.Learn(ctx, o.dashboard, o.cluster, dashboardRoots)
	if err != nil {
		return doctor.Target{}, &usageError{err}
	}
	for _, given := range []struct{ own, told *string }{
		{&target.Issuer, &learned.Issuer}, {&target.ClientID, &learned.ClientID}, {&target.RedirectURI, &learned.RedirectURI},
	} {
		if *given.own == "" {
			*given.own = *given.told
		}
	}
	if len(o.scopes) == 0 {
		target.Scopes = learned.Scopes
	}
	target.Clocks = learned.Clocks
	return target, nil
}

func tellChecks(out io.Writer, checks []doctor.Check) error {
	wrong := 0
	for _, check := range checks {
		if check.Result == doctor.Wrong {
			wrong++
		}
		if _, err := fmt.Fprintf(out, "  %-9s  %s: %s\n", check.Result, check.Name, check.Says); err != nil {
			return err
		}
		if check.Fix != "" {
			if _, err := fmt.Fprintf(out, "             do: %s\n", check.Fix); err != nil {
				return err
			}
		}
	}
	sentence := "nothing wrong was seen"
	if wrong > 0 {
		sentence = fmt.Sprintf("%d of %d checks found something wrong", wrong, len(checks))
	}
	_, err := fmt.Fprintln(out, sentence)
	return err
}
