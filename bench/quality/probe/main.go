// Command probe measures what is seen only from inside a program. bench/quality runs it; every subcommand prints JSON.
//
//	probe hear -manifest FILE.tsv [-model DIR] [-chunk 640ms]   delays of live recognition: hear.go, words.go
//	probe say [-voice heart] < SENTENCES                        time from text to first sound: say.go
//	probe voices                                                names of the embedded voices: say.go
//	probe phonemes DIR < SENTENCES                              phonemes of a voice's front end, a line for each sentence: say.go
//	probe score -table FILE.tsv                                 word errors of another engine's text: score.go
//	probe copy -voice DIR -manifest FILE.tsv OUT                sound to mel and back through a voice's vocoder: copy.go
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	commands := map[string]func(context.Context, []string) error{"hear": hear, "say": say, "voices": voices, "phonemes": phonemes, "copy": copySynthesis, "score": score}
	err := errors.New("the first argument is hear, say, voices, phonemes, score or copy")
	if len(os.Args) > 1 && commands[os.Args[1]] != nil {
		err = commands[os.Args[1]](context.Background(), os.Args[2:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(1)
	}
}

func printJSON(v any) error { return json.NewEncoder(os.Stdout).Encode(v) }

// readLines returns the lines of r that are not empty.
func readLines(r io.Reader) (lines []string, err error) {
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		if l := strings.TrimRight(s.Text(), "\r\n"); l != "" {
			lines = append(lines, l)
		}
	}
	return lines, s.Err()
}
