package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// rememberMistakes makes what a flag for a number, a time or a choice was given
// wrongly one of several mistakes that can be said at once: it is added to the
// list, the flag keeps its default, and reading the command line goes on.
func rememberMistakes(flags *pflag.FlagSet) *[]error {
	mistakes := &[]error{}
	flags.VisitAll(func(flag *pflag.Flag) {
		switch flag.Value.Type() {
		case "int", "duration", "bool":
			flag.Value = &remembering{Value: flag.Value, flag: flag, mistakes: mistakes}
		}
	})
	return mistakes
}

// remembering is a flag's value that never refuses what it is given.
type remembering struct {
	pflag.Value
	flag     *pflag.Flag
	mistakes *[]error
}

func (r *remembering) Set(given string) error {
	before := r.Value.String()
	err := r.Value.Set(given)
	if err == nil {
		return nil
	}
	*r.mistakes = append(*r.mistakes, badValue(r.flag, given, err))
	if r.Value.String() != before {
		// A number is made 0 by what is none, which would be a mistake of its own.
		return r.Value.Set(before)
	}
	return nil
}

// badValue says what a flag was given, and what it takes.
func badValue(flag *pflag.Flag, given string, err error) error {
	switch flag.Value.Type() {
	case "int":
		if errors.Is(err, strconv.ErrRange) {
			return fmt.Errorf("--%s %q: that number has too many digits; give one, as %s", flag.Name, given, flag.DefValue)
		}
		return fmt.Errorf("--%s %q: that is no whole number; give one, as %s", flag.Name, given, flag.DefValue)
	case "duration":
		return fmt.Errorf("--%s %q: that is no duration; give a number with its unit, as %s or 1m30s", flag.Name, given, flag.DefValue)
	case "bool":
		return fmt.Errorf("--%s %q: that is neither true nor false; give --%s alone, or leave it out", flag.Name, given, flag.Name)
	case "stringSlice":
		return fmt.Errorf("--%s %q: that is no list; give names with commas between them", flag.Name, given)
	default:
		return fmt.Errorf("--%s %q: %w", flag.Name, given, err)
	}
}

// flagError is a mistake at which reading the command line ends.
func flagError(command *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		return &usageError{badValue(invalid.GetFlag(), invalid.GetValue(), invalid.Unwrap())}
	}
	return &usageError{fmt.Errorf("%w; '%s --help' lists the flags", err, command.CommandPath())}
}
