package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/parley-go/parley/asr"
	"github.com/parley-go/parley/internal/cli"
)

func benchCommand(std cli.Streams) *cobra.Command {
	return cli.Group(&cobra.Command{
		Use: "bench", Short: "Measure models", Long: "Bench measures models: how often they are wrong, how long they take, how much memory they need.", DisableFlagsInUseLine: true,
		Example: `  parley bench wer -m whisper-base.en --manifest test.tsv
  parley bench model whisper-base.en --precision int8`,
	}, werCommand(std), speedCommand(std), randomCommand(std))
}

// addOpenFlags adds the flags that say how a model is opened.
func addOpenFlags(f *pflag.FlagSet, opt *asr.OpenOptions) {
	f.StringVar(&opt.Precision, "precision", "", "how weights are kept, a `kind` of: f32, bf16, int8 (default: the model's usual one)")
	f.IntVar(&opt.Threads, "threads", 0, "use at most a `number` of processor cores")
}
