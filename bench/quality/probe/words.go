package main

import (
	"slices"
	"strings"
	"time"
)

// words adds the delays of the words of each final result.
func (d *delays) words(results []result) {
	first := 0
	for i, r := range results {
		if !r.Final {
			continue
		}
		offers := results[first : i+1]
		first = i + 1
		for j, w := range r.Words {
			shown, settled, found := appearance(offers, r.texts(), j, w.Start)
			if found {
				d.Partial = append(d.Partial, milliseconds(shown-w.End))
				d.Settled = append(d.Settled, milliseconds(settled-w.End))
			}
		}
	}
}

// texts are the words of a result in lower case without marks.
func (r result) texts() []string {
	words := strings.Fields(r.Text)
	for i, w := range words {
		words[i] = strings.Trim(strings.ToLower(w), ".,;:!?\"'")
	}
	return words
}

// appearance returns when word j of a final text is first in one of offers, the results up to the final one, and since when it is in all
// of them. A word is in a partial text if it stands there at the same place or one beside it; what came before the word began cannot be it.
func appearance(offers []result, final []string, j int, start time.Duration) (shown, settled time.Duration, found bool) {
	if j >= len(final) {
		return 0, 0, false
	}
	for _, o := range offers {
		if o.at < start {
			continue
		}
		words := o.texts()
		lo, hi := max(0, j-1), min(len(words), j+2)
		in := lo < hi && slices.Contains(words[lo:hi], final[j])
		switch {
		case in && !found:
			shown, settled, found = o.at, o.at, true
		case in && settled == 0:
			settled = o.at
		case !in:
			settled = 0
		}
	}
	return shown, settled, found
}
