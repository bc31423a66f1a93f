package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// readLexicon reads lines of a word, white space and its phonemes; empty lines and those that begin with # do not count.
func readLexicon(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	words := map[string]string{}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if len(fields) == 1 {
			return nil, fmt.Errorf("%s:%d: %q has no phonemes; want a word, white space and its phonemes", path, n, fields[0])
		}
		words[fields[0]] = strings.Join(fields[1:], " ")
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return words, nil
}
