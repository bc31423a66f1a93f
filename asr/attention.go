package asr

import (
	"cmp"
	"context"
	"slices"

	"github.com/parley-go/parley/internal/kernel"
)

// attentionBeams is how many texts the decoder writes at a time.
const attentionBeams = 2

// attentionBeam is a text that the decoder is writing.
type attentionBeam struct {
	ids   []int
	score float32 // ln P
}

// attend lets the decoder write the text of the first n frames, which hearAgain has heard: a beam search that ends when no open text can
// still beat the worst of the finished ones it returns. Among these the subword CTC has a say, which keeps out texts that skip or repeat
// what was said (Watanabe et al. 2017, joint CTC-attention decoding, here as rescoring).
func (s *session) attend(ctx context.Context, n, beams, results int) ([]candidate, error) {
	end, start := s.m.config.endToken(), s.m.config.textStart()
	most := min(n+1, s.m.config.longestText()) // a frame has at most one subword
	s.decoding.Clear(1)
	s.m.decoder.Feed(s.decoding, start[:len(start)-1])
	open, done := []attentionBeam{{}}, []attentionBeam(nil)
	tokens := start[len(start)-1:]
	for range most {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		logits := s.m.decoder.Logits(s.decoding, s.m.decoder.Step(s.decoding, tokens))
		var next []attentionStep
		for i := range open {
			score := open[i].score - kernel.LogSumExp(logits.Row(i))
			next = appendSteps(next, i, score, logits.Row(i), beams+1)
		}
		slices.SortFunc(next, compareSteps)
		var from []int
		var longer []attentionBeam
		tokens = tokens[:0]
		for _, t := range next {
			b := attentionBeam{open[t.from].ids, t.score}
			if t.unit == end {
				done = append(done, b)
			}
			if t.unit >= end {
				continue
			}
			b.ids = append(slices.Clip(b.ids), t.unit)
			from, longer, tokens = append(from, t.from), append(longer, b), append(tokens, t.unit)
			if len(longer) == beams {
				break
			}
		}
		open = longer
		s.decoding.Reorder(from)
		if finished(done, open, max(results, beams)) {
			break
		}
	}
	if len(done) == 0 {
		done = open
	}
	return s.spellBeams(done, n), nil
}

type attentionStep struct {
	from, unit int
	score      float32
}

func compareSteps(x, y attentionStep) int {
	return cmp.Compare(y.score, x.score)
}

// appendSteps appends the k likeliest units after beam i, each with score and what logits give it.
func appendSteps(next []attentionStep, i int, score float32, logits []float32, k int) []attentionStep {
	lo := len(next)
	for u, p := range logits {
		t := attentionStep{i, u, score + p}
		if len(next)-lo == k && next[len(next)-1].score >= t.score {
			continue
		}
		at, _ := slices.BinarySearchFunc(next[lo:], t, compareSteps)
		next = slices.Insert(next, lo+at, t)
		next = next[:min(len(next), lo+k)]
	}
	return next
}

// hopeless is how far, as ln P, an open text may lie behind the best of the finished ones: it can only fall, and the decoder's opinion
// counts most when texts are judged.
const hopeless = 3

// finished says whether no open text can still be among the best k finished ones, each compared by its score for a subword, or all are hopeless.
func finished(done, open []attentionBeam, k int) bool {
	if len(open) == 0 {
		return true
	}
	if len(done) == 0 {
		return false
	}
	best := slices.MaxFunc(done, func(x, y attentionBeam) int { return cmp.Compare(x.score, y.score) })
	if best.score-open[0].score > hopeless { // open is sorted
		return true
	}
	if len(done) < k {
		return false
	}
	worst := slices.MinFunc(done, func(x, y attentionBeam) int { return cmp.Compare(perUnit(x), perUnit(y)) })
	return perUnit(open[0]) < perUnit(worst)
}

func perUnit(b attentionBeam) float32 { return b.score / float32(len(b.ids)+1) }

// spellBeams turns finished texts into candidates, sorted by their scores with the subword CTC's.
func (s *session) spellBeams(beams []attentionBeam, n int) []candidate {
	var out []candidate
	for _, b := range beams {
		text := spell(s.m.tokens, slices.DeleteFunc(slices.Clone(b.ids), func(u int) bool { return u == 0 }), 0)
		words, written := plainWords(text.words)
		c := candidate{words: words, written: written, units: s.m.unitsOf(words), score: b.score}
		c.score += s.sound(&c, n)
		if !slices.ContainsFunc(out, func(o candidate) bool { return slices.Equal(o.words, c.words) }) {
			out = append(out, c)
		}
	}
	sortCandidates(out)
	return out
}

// unitsOf spells each of words for the subword CTC; one whose letters it does not know may sound like anything.
func (m *hybrid) unitsOf(words []string) (units [][]int) {
	for _, w := range words {
		u := m.pieces.Encode(w)
		if len(u) == 0 {
			u = []int{anySound}
		}
		units = append(units, u)
	}
	return units
}
