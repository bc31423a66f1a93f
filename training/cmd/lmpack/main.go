// Command lmpack turns an ARPA language model on standard input into the recogniser's lm.bin, pruned and quantised:
//
//	zstd -dc lm3.arpa.zst | go run ./training/cmd/lmpack -keep 2150000 -vocab vocab.txt -o lm.bin
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"

	"github.com/parley-go/parley/internal/ngram"
)

func main() {
	keep := flag.Int("keep", 2_150_000, "n-grams of all orders to keep")
	vocab := flag.String("vocab", "", "words by falling frequency, one a line: improves the pruning of Kneser-Ney models")
	out := flag.String("o", "lm.bin", "output")
	flag.Parse()
	if err := run(*keep, *vocab, *out); err != nil {
		fmt.Fprintln(os.Stderr, "lmpack:", err)
		os.Exit(1)
	}
}

func run(keep int, vocab, out string) error {
	lm, err := ngram.ReadArpa(os.Stdin)
	if err != nil {
		return err
	}
	var frequency []float64
	if vocab != "" {
		if frequency, err = zipf(lm.Words, vocab); err != nil {
			return err
		}
	}
	lm.Prune(keep, frequency)
	data, err := lm.Pack()
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d + %d + %d n-grams, %d bytes\n", len(lm.Grams[0]), len(lm.Grams[1]), len(lm.Grams[2]), len(data))
	return os.WriteFile(out, data, 0o644)
}

// zipf gives each word the frequency of its rank by the law of Zipf and Mandelbrot, 1 / (rank + 2.7). What the list lacks is as rare as
// its last word, but the end of a sentence as frequent as every fifteenth word.
func zipf(words []string, path string) ([]float64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rank := map[string]int{}
	in := bufio.NewScanner(f)
	for in.Scan() {
		rank[in.Text()] = len(rank)
	}
	rank["</s>"] = 2
	out := make([]float64, len(words))
	for i, w := range words {
		r, ok := rank[w]
		if !ok {
			r = len(rank)
		}
		out[i] = 1 / (float64(r) + 2.7)
	}
	return out, in.Err()
}
