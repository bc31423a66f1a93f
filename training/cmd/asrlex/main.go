// Command asrlex packs the recogniser's lexicon: from training/asr/lexicon.py's table, word<tab>phones separated by spaces, the words
// that the language model knows, sorted, as lines word<tab>phones:
//
//	go run ./training/cmd/asrlex -lm lm.bin -o lexicon.tsv PACKED/lexicon.tsv
package main

import (
	"bufio"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/parley-go/parley/internal/ngram"
)

func main() {
	lm := flag.String("lm", "", "language model (lm.bin) whose words to keep; all words without it")
	out := flag.String("o", "lexicon.tsv", "output")
	flag.Parse()
	if err := run(*lm, *out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "asrlex:", err)
		os.Exit(1)
	}
}

// entry is a word with its pronunciations, likeliest first.
type entry struct {
	word   string
	phones []string
}

func run(lm, out string, args []string) error {
	if len(args) != 1 {
		return errors.New("want one table, word<tab>phones")
	}
	keep := func(string) bool { return true }
	if lm != "" {
		data, err := os.ReadFile(lm)
		if err != nil {
			return err
		}
		m, err := ngram.Read(data)
		if err != nil {
			return fmt.Errorf("%s: %w", lm, err)
		}
		keep = func(w string) bool { return m.ID(w) >= 0 }
	}
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	entries, err := read(f, keep)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	w, err := os.Create(out)
	if err != nil {
		return err
	}
	defer w.Close()
	if err := write(w, entries); err != nil {
		return err
	}
	return w.Close()
}

func read(r io.Reader, keep func(string) bool) ([]entry, error) {
	at := map[string]int{}
	var entries []entry
	in := bufio.NewScanner(r)
	for line := 1; in.Scan(); line++ {
		word, phones, ok := strings.Cut(in.Text(), "\t")
		if !ok {
			return nil, fmt.Errorf("line %d: no tab", line)
		}
		if !keep(word) {
			continue
		}
		i, known := at[word]
		if !known {
			i = len(entries)
			at[word] = i
			entries = append(entries, entry{word: word})
		}
		phones = strings.ReplaceAll(phones, " ", "")
		if !slices.Contains(entries[i].phones, phones) && phones != "" {
			entries[i].phones = append(entries[i].phones, phones)
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.word, b.word) })
	return entries, in.Err()
}

func write(w io.Writer, entries []entry) error {
	buf := bufio.NewWriter(w)
	n := 0
	for _, e := range entries {
		for _, p := range e.phones {
			if _, err := fmt.Fprintf(buf, "%s\t%s\n", e.word, p); err != nil {
				return err
			}
			n++
		}
	}
	fmt.Fprintf(os.Stderr, "%d words, %d pronunciations\n", len(entries), n)
	return buf.Flush()
}
