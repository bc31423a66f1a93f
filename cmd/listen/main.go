// Listen turns sound into text.
//
//	listen talk.mp3
//	listen                      the microphone; words appear while you talk, Ctrl-C ends
//
// Run listen --help for the rest. Reading order: command.go and flags.go (the flags), listen.go (what is listened to), model.go (with
// what), source.go (files and the microphone), target.go (where the text goes), output.go and subtitles.go (what is printed).
package main

import (
	"os"

	"github.com/parley-go/parley/internal/cli"
)

func main() { os.Exit(cli.Main(newCommand(cli.Std(), openModel))) }
