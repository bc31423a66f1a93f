package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/parley-go/parley/internal/cli"
	"github.com/parley-go/parley/internal/whisper"
)

func randomCommand(std cli.Streams) *cobra.Command {
	var kind string
	cmd := &cobra.Command{
		Use: "random SIZE FILE.bin", Short: "Make a Whisper model of random weights to measure", DisableFlagsInUseLine: true,
		Long:    "Random writes a ggml file with the shape of one of OpenAI's models and random weights. It takes as much memory as the file is long.",
		Example: "  parley bench random small small.bin --kind q8_0\n  parley bench model small.bin",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return cli.Usagef("'%s' wants a size and a file", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			kinds := []string{"f32", "f16", "q4_0", "q4_1", "q5_0", "q5_1", "q8_0"}
			if !strings.Contains(" "+strings.Join(kinds, " ")+" ", " "+kind+" ") {
				return cli.Usagef("--kind %s; want one of %s", kind, strings.Join(kinds, ", "))
			}
			shape, err := whisper.PublishedShape(args[0], strings.ToUpper(kind))
			if err != nil {
				return cli.Usagef("%w", err)
			}
			data := whisper.RandomGGML(shape)
			if err := os.WriteFile(args[1], data, 0o644); err != nil {
				return err
			}
			_, err = fmt.Fprintf(std.Out, "%s: %s\n", args[1], cli.Bytes(int64(len(data))))
			return err
		},
	}
	cmd.Flags().StringVar(&kind, "kind", "f16", "of the matrices: f32, f16, q4_0, q4_1, q5_0, q5_1, q8_0")
	return cmd
}
