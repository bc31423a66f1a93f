package main

import (
	"fmt"
	"strings"
	"unicode"
)

// normalise returns the words of a text in lower case: letters, digits and apostrophes within words; everything else separates.
func normalise(text string) []string {
	text = strings.ToLower(strings.ReplaceAll(text, "’", "'"))
	words := strings.FieldsFunc(text, func(r rune) bool { return r != '\'' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	out := words[:0]
	for _, w := range words {
		if w = strings.Trim(w, "'"); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// errorCount holds the edits that turn references into hypotheses.
type errorCount struct{ words, substitutions, insertions, deletions int }

func (e errorCount) errors() int { return e.substitutions + e.insertions + e.deletions }

func (e *errorCount) add(o errorCount) {
	e.words += o.words
	e.substitutions += o.substitutions
	e.insertions += o.insertions
	e.deletions += o.deletions
}

func (e errorCount) String() string {
	return fmt.Sprintf("WER %.2f %% (%d words, %d S, %d I, %d D)", 100*float64(e.errors())/float64(max(1, e.words)), e.words, e.substitutions, e.insertions, e.deletions)
}

// count aligns two texts with the fewest edits (Levenshtein); of such alignments it takes one with most substitutions.
func count(ref, hyp []string) errorCount {
	row := make([]errorCount, len(hyp)+1)
	for j := range row {
		row[j].insertions = j
	}
	for i, r := range ref {
		diagonal := row[0]
		row[0] = errorCount{deletions: i + 1}
		for j, h := range hyp {
			best := diagonal
			if r != h {
				best.substitutions++
			}
			if e := row[j+1]; e.errors()+1 < best.errors() {
				best = e
				best.deletions++
			}
			if e := row[j]; e.errors()+1 < best.errors() {
				best = e
				best.insertions++
			}
			diagonal, row[j+1] = row[j+1], best
		}
	}
	out := row[len(hyp)]
	out.words = len(ref)
	return out
}
