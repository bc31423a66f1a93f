// Parley looks after models and measures them.
//
//	parley models list
//	parley models pull whisper-base.en
//	parley bench wer -m whisper-base.en --manifest test.tsv
//
// Run parley --help for the rest. Reading order: command.go (the tree of commands), models.go (list, pull, rm, path, info),
// bench.go, wer.go (error rates) with time_*.go, speed.go (times and memory) with machine*.go, random.go.
package main

import (
	"os"

	"github.com/parley-go/parley/internal/cli"
)

func main() { os.Exit(cli.Main(newCommand(cli.Std()))) }
