package whisper

import (
	"cmp"
	"math"
	"slices"
)

// LanguageProb says how likely it is that a sound is in a language.
type LanguageProb struct {
	Code string // such as "en"
	Prob float64
}

// languageProbs is the softmax over the tokens of languages of the logits (V) after the start token.
func (t *tokens) languageProbs(logits []float32) []float64 {
	out := make([]float64, len(t.languages))
	top, sum := -inf, 0.0
	for _, l := range t.languages {
		top = max(top, logits[l.id])
	}
	for i, l := range t.languages {
		out[i] = math.Exp(float64(logits[l.id] - top))
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// likeliest sorts languages by probability, the likeliest first; among only those allowed, if any are given.
func (t *tokens) likeliest(probs []float64, allowed []string) []LanguageProb {
	var out []LanguageProb
	for i, l := range t.languages {
		if len(allowed) == 0 || slices.Contains(allowed, l.code) {
			out = append(out, LanguageProb{l.code, probs[i]})
		}
	}
	slices.SortStableFunc(out, func(a, b LanguageProb) int { return cmp.Compare(b.Prob, a.Prob) })
	return out
}
