package main

import (
	"github.com/spf13/cobra"

	"github.com/parley-go/parley/internal/cli"
)

const help = `Parley looks after speech models and measures them. To use them, see 'listen --help' and 'speak --help'.`

const examples = `  parley models list
  parley models pull whisper-base.en
  listen -m whisper-base.en talk.mp3
  parley bench wer -m whisper-base.en --manifest test.tsv`

func newCommand(std cli.Streams) *cobra.Command {
	root := cli.Group(&cobra.Command{
		Use: "parley", DisableFlagsInUseLine: true,
		Short:   "Parley looks after speech models and measures them",
		Long:    help + "\n\n" + cli.ExitHelp,
		Example: examples,
		Version: cli.Version(),
	}, modelsCommand(std), benchCommand(std))
	show := root.RunE
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if done, err := cli.PrintCompletion(cmd, std.Out); done {
			return err
		}
		return show(cmd, args)
	}
	root.SetOut(std.Out)
	cli.AddCompletion(root)
	return root
}
