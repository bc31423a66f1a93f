package whisper

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/parley-go/parley/audio"
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

// Detect returns how likely each language is in the first window of a sound in which somebody speaks, the likeliest first; nothing if
// nobody does. A model of English only is sure.
func (m *Model) Detect(ctx context.Context, src audio.Source) ([]LanguageProb, error) {
	if !m.tokens.multilingual {
		return []LanguageProb{{"en", 1}}, nil
	}
	set, err := m.settings(Options{})
	if err != nil {
		return nil, err
	}
	s := m.sessions.Get().(*session)
	defer s.release()
	t := &transcription{session: s, set: set, sound: s.open(src)}
	t.sound.heed(pause, m.longestPart())
	lo, hi, err := t.sound.stretch(ctx, 0, m.config.frames())
	if err != nil || lo == hi {
		return nil, err
	}
	hi = min(hi, lo+m.config.frames())
	if err := t.sound.fill(ctx, hi); err != nil {
		return nil, err
	}
	t.sound.window(t.window(), lo, min(hi, t.sound.have()), false)
	if err := t.encode(ctx, &t.memory); err != nil {
		return nil, err
	}
	if err := t.search.listen(ctx, t.memory); err != nil {
		return nil, err
	}
	probs, err := t.search.languages(ctx, 1)
	if err != nil {
		return nil, err
	}
	return m.tokens.likeliest(probs[0], nil), nil
}
