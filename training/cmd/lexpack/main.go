// Lexpack packs misaki's US lexicons (hexgrad/misaki, Apache-2.0) into the form that package text reads:
//
//	lexpack us_gold.json us_silver.json lexicon.bin
//
// Gold wins over silver. Of the readings by part of speech, those that differ from the usual one are kept.
package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/parley-go/parley/text"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: lexpack us_gold.json us_silver.json lexicon.bin")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "lexpack:", err)
		os.Exit(1)
	}
}

func run(gold, silver, out string) error {
	words := map[string]text.Entry{}
	for i, path := range []string{gold, silver} {
		entries, err := read(path, i == 1)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if _, ok := words[e.Word]; !ok {
				words[e.Word] = e
			}
		}
	}
	data, err := text.PackLexicon(slices.Collect(maps.Values(words)))
	if err != nil {
		return err
	}
	fmt.Printf("%d words, %d bytes\n", len(words), len(data))
	return os.WriteFile(out, data, 0o644)
}

// read gives the entries of one lexicon: "word": "phonemes", or "word": {"DEFAULT": ..., "VERB": ...}.
func read(path string, silver bool) ([]text.Entry, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var entries []text.Entry
	for word, value := range raw {
		e := text.Entry{Word: word, Silver: silver}
		if json.Unmarshal(value, &e.Phonemes) != nil {
			readings := map[string]string{}
			if err := json.Unmarshal(value, &readings); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", path, word, err)
			}
			e.Phonemes = readings["DEFAULT"]
			for _, tag := range slices.Sorted(maps.Keys(readings)) {
				if p := readings[tag]; p != "" && p != e.Phonemes && tag != "None" {
					e.Variants = append(e.Variants, text.Variant{Tag: tag, Phonemes: p})
				}
			}
		}
		if e.Phonemes != "" {
			entries = append(entries, e)
		}
	}
	return entries, nil
}
