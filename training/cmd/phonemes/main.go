// Command phonemes writes the phonemes of each line of standard input, as a voice would take them:
//
//	go run ./training/cmd/phonemes models/en/voice < texts > phonemes
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"github.com/parley-go/parley/text"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "phonemes:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("want the folder of a voice: its lexicon.bin and g2p.safetensors")
	}
	front, err := text.Open(os.DirFS(args[0]), nil)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		fmt.Fprintln(w, front.Phonemes(lines.Text()).Phonemes)
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return w.Flush()
}
