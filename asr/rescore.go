package asr

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/transformer"
)

// hearAgain is the second pass over the first n frames of the segment: other blocks see all of it at once, without chunks, from position 0
// on, for the decoder (cascaded encoders, Narayanan et al. 2020, arXiv:2010.14606).
func (s *session) hearAgain(ctx context.Context, n int) error {
	s.whole = append(s.whole[:0], s.steps.first(2*n).Data...)
	x := transformer.MatOf(s.whole, 2*n, s.steps.cols)
	if err := s.m.second.Encode(ctx, x, transformer.Mask{}); err != nil {
		return err
	}
	s.remember(x)
	return nil
}

// remember makes x (T, D) what the decoder attends to, in all texts until the next call.
func (s *session) remember(x transformer.Mat) {
	if s.decoding == nil {
		s.decoding = s.m.decoder.NewState(x, 1)
		return
	}
	s.m.decoder.Restart(s.decoding, x, 1)
}

// How many results of the lexicon's search and how many of the decoder's texts are judged.
const (
	rescoreBest  = 4
	rescoreTexts = 2
)

// Weights of the second pass, found on held-out speech.
const (
	secondSound     = 0.7 // of ln P by the phone CTC
	secondAttention = 2   // of ln P by the decoder
	secondLM        = 0.8 // of ln P by the language model
	secondWord      = 0.8 // for each word
	secondUnknown   = -14 // and for one that the lexicon lacks
)

// rescore returns the results for the first n frames, best first: the segment is heard again, texts come from the lexicon's search and from
// the decoder, and CTC, language model and decoder judge each (Zhang et al. 2020; Watanabe et al. 2017). At least one result.
func (s *session) rescore(ctx context.Context, n, results int, end bool) ([]candidate, error) {
	if err := s.hearAgain(ctx, n); err != nil {
		return nil, err
	}
	cands := s.search.finish(max(rescoreBest, results), end)
	texts, err := s.attend(ctx, n, attentionBeams, results)
	if err != nil {
		return nil, err
	}
	for i := range cands {
		cands[i].written = writeLike(cands[i].words, &texts[0])
	}
	found := cands
	for _, c := range texts[:min(len(texts), max(rescoreTexts, results))] {
		if !slices.ContainsFunc(found, func(o candidate) bool { return slices.Equal(o.words, c.words) }) {
			cands = append(cands, s.lookUp(&c, found, end))
		}
	}
	s.score(cands, n)
	if len(cands) == 1 {
		return cands, nil
	}
	sortCandidates(cands)
	return s.mix(cands, n, end), nil
}

// lookUp gives a text that the decoder wrote its phones and the language model's opinion. Of a word's pronunciations it takes the one
// that found, the search's results, have, else the likeliest; a word that the lexicon lacks may sound like anything.
func (s *session) lookUp(text *candidate, found []candidate, end bool) candidate {
	lex := s.m.tree.lex
	c := candidate{words: text.words, written: text.written, phones: true, lm: s.lmScore(text.words, end)}
	for _, w := range text.words {
		units := heard(w, found)
		if units == nil {
			units = []int{anySound}
			if prons := lex.lookup(w); prons != nil {
				units = lex.units(prons[0])
			}
		}
		c.units = append(c.units, units)
	}
	return c
}

// lmScore returns ln P of words by the language model.
func (s *session) lmScore(words []string, end bool) float32 {
	ids := make([]int32, len(words))
	for i, w := range words {
		ids[i] = -1
		if prons := s.m.tree.lex.lookup(w); prons != nil {
			ids[i] = s.m.tree.words[prons[0].word]
		}
	}
	return s.lexicon.beam.lmScore(ids, end)
}

// heard returns the units of a word in the first of the results that has it.
func heard(word string, found []candidate) []int {
	for _, c := range found {
		if i := slices.Index(c.words, word); i >= 0 {
			return c.units[i]
		}
	}
	return nil
}

// score judges the candidates: the phone CTC, the decoder and the language model together.
func (s *session) score(cands []candidate, n int) {
	texts := make([][]int, len(cands))
	for i := range cands {
		texts[i] = s.m.tokens.Encode(strings.Join(cands[i].written, " "))
	}
	for i, att := range s.attentionScores(texts) {
		c := &cands[i]
		c.att = att / float32(len(texts[i]))
		unknown := 0
		for _, u := range c.units {
			if u[0] == anySound {
				unknown++
			}
		}
		c.score = secondSound*s.sound(c, n) + secondAttention*att + secondLM*c.lm + secondWord*float32(len(c.words)) + secondUnknown*float32(unknown)
	}
}

func sortCandidates(cands []candidate) {
	slices.SortStableFunc(cands, func(x, y candidate) int {
		return cmp.Compare(y.score, x.score)
	})
}

// attentionScores returns the decoder's ln P of each text's tokens and its end, given what hearAgain heard. Texts begin alike: what the
// others share with the first is computed once.
func (s *session) attentionScores(texts [][]int) []float32 {
	d, c := s.m.decoder, &s.m.config
	for i, ids := range texts {
		texts[i] = append(slices.Clip(ids[:min(len(ids), c.longestText())]), c.endToken())
	}
	first := texts[0]
	s.decoding.Clear(1)
	states := d.Feed(s.decoding, append(c.textStart(), first[:len(first)-1]...))
	logits := d.Logits(s.decoding, states.Slice(startTokens-1, states.Rows))
	norms := make([]float32, len(first))  // what the logits are too large by
	sums := make([]float32, len(first)+1) // ln P of the first k tokens of the first text
	for k, id := range first {
		norms[k] = kernel.LogSumExp(logits.Row(k))
		sums[k+1] = sums[k] + logits.Row(k)[id] - norms[k]
	}
	scores := make([]float32, len(texts))
	scores[0] = sums[len(first)]
	var rest [][]int // of the texts that are not the first one: from where they differ
	var of []int
	for i, ids := range texts[1:] {
		k := common(first, ids)
		if scores[i+1] = sums[k]; k == len(ids) { // and so of first: each has its end
			continue
		}
		scores[i+1] += logits.Row(k)[ids[k]] - norms[k]
		if k+1 < len(ids) {
			rest, of = append(rest, ids[k:]), append(of, i+1)
		}
	}
	s.scoreRest(scores, of, rest, texts)
	return scores
}

// scoreRest adds to the scores of some texts what their last tokens, rest, but the first of these give; the decoder's state has one text
// that agrees with each up to there.
func (s *session) scoreRest(scores []float32, of []int, rest, texts [][]int) {
	if len(of) == 0 {
		return
	}
	d := s.m.decoder
	s.decoding.Reorder(make([]int, len(of)))
	in := make([][]int, len(of))
	for i, ids := range rest {
		s.decoding.Truncate(i, startTokens+len(texts[of[i]])-len(ids))
		in[i] = ids[:len(ids)-1]
	}
	states := d.Feed(s.decoding, in...)
	var next, whose []int // the token after each of the states, and its text
	for i, ids := range rest {
		next = append(next, ids[1:]...)
		whose = append(whose, slices.Repeat(of[i:i+1], len(in[i]))...)
	}
	for lo := 0; lo < states.Rows; lo += logitRows {
		logits := d.Logits(s.decoding, states.Slice(lo, min(lo+logitRows, states.Rows)))
		for k := range logits.Rows {
			scores[whose[lo+k]] += logits.Row(k)[next[lo+k]] - kernel.LogSumExp(logits.Row(k))
		}
	}
}

// logitRows is for how many states logits are made together: the more, the less often the vocabulary is read.
const logitRows = 32

// common is how many elements a and b begin with alike.
func common(a, b []int) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
