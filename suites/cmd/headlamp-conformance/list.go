package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	_ "github.com/headlamp-conformance/headlamp-conformance/suites" // every scenario
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
)

// listedEntry is a scenario as 'list -o json' shows it.
type listedEntry struct {
	conformance.Entry
	Labels []string `json:"labels"` // that --label-filter knows
}

func newListCommand() *cobra.Command {
	output := ""
	command := &cobra.Command{
		Use: "list", Short: "List the scenarios: what each promises, and in which identity modes", Args: noArguments,
		Long: "Lists the scenarios, a line each: id, level, identity modes, promise. The level is\n" +
			"core (it decides whether a dashboard is conformant), extended, or setup (it checks\n" +
			"the stand). As JSON it also tells their sources, the planted faults that they have\n" +
			"been seen to fail on, and the labels that --label-filter knows.",
		RunE: func(command *cobra.Command, _ []string) error {
			entries := conformance.Catalogue()
			switch output {
			case "json":
				encoder := json.NewEncoder(command.OutOrStdout())
				encoder.SetIndent("", "  ")
				listed := make([]listedEntry, len(entries))
				for i, entry := range entries {
					listed[i] = listedEntry{entry, entry.Labels()}
				}
				return encoder.Encode(listed)
			case "":
				table := tabwriter.NewWriter(command.OutOrStdout(), 0, 0, 2, ' ', 0)
				for _, entry := range entries {
					modes := make([]string, len(entry.Modes))
					for i, mode := range entry.Modes {
						modes[i] = string(mode)
					}
					if _, err := fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", entry.ID, entry.Level, strings.Join(modes, ","), entry.Promise); err != nil {
						return err
					}
				}
				return table.Flush()
			default:
				return &usageError{fmt.Errorf("there is no output form %q; known: json", output)}
			}
		},
	}
	command.Flags().StringVarP(&output, "output", "o", "", "`form` of the list: json for programs; without it, for a terminal")
	return command
}

func noArguments(command *cobra.Command, arguments []string) error {
	if len(arguments) > 0 {
		return &usageError{fmt.Errorf("%s takes no arguments, only flags: %q is too much", command.Name(), arguments[0])}
	}
	return nil
}

// isUnknownCommand tells cobra's complaint about a command that there is not:
// it has no type of its own.
func isUnknownCommand(err error) bool { return strings.HasPrefix(err.Error(), "unknown command") }
