package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// Group makes cmd one that only holds others: alone it prints its help, and an unknown word is a wrong argument with a hint.
func Group(cmd *cobra.Command, children ...*cobra.Command) *cobra.Command {
	cmd.AddCommand(children...)
	cmd.Args = cobra.ArbitraryArgs
	cmd.SuggestionsMinimumDistance = 2
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		if like := cmd.SuggestionsFor(args[0]); len(like) > 0 {
			return Usagef("unknown command %q for '%s'; did you mean %s?", args[0], cmd.CommandPath(), strings.Join(like, ", "))
		}
		var names []string
		for _, c := range children {
			names = append(names, c.Name())
		}
		return Usagef("unknown command %q for '%s'; want %s", args[0], cmd.CommandPath(), strings.Join(names, ", "))
	}
	return cmd
}
