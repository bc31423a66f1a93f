// Speak turns text into sound.
//
//	speak "Good morning." > morning.wav
//	speak --play -v heart < chapter.txt
//
// Run speak --help for the rest. Reading order: command.go (the flags), units.go and format.go (their values), input.go (the text), speak.go
// (text to sound), output.go (where the sound goes).
package main

import (
	"os"

	"github.com/parley-go/parley/internal/cli"
)

func main() { os.Exit(cli.Main(newCommand(cli.Std(), openVoice))) }
