package asr

import (
	"context"
	"slices"
	"time"
)

// finish emits the final result of the segment: its first n frames.
func (s *session) finish(ctx context.Context, n int, end bool) error {
	best := 1 + s.set.Alternatives
	var cands []candidate
	var err error
	switch s.set.Search {
	case Attention:
		if err = s.hearAgain(ctx, n); err == nil {
			cands, err = s.attend(ctx, n, s.set.Beam, best)
		}
	case Rescored:
		cands, err = s.rescore(ctx, n, best, end)
	default:
		cands = s.exact(s.search.finish(best, end), n)
	}
	if err != nil {
		return err
	}
	seg := s.result(&cands[0], n)
	if !s.believable(&seg, &cands[0]) {
		seg.Text, seg.Words, cands = "", nil, nil
	}
	if seg.Text == "" && !s.offered {
		return nil
	}
	seg.Final = true
	for i := 1; i < min(best, len(cands)); i++ {
		seg.Alternatives = append(seg.Alternatives, Alternative{cands[i].text(), float64(cands[i].score - cands[0].score)})
	}
	s.write(&seg, cands, end)
	return s.emit(seg)
}

// exact replaces the scores of several results of the lexicon beam, whose sums over alignments suffered from recombination and pruning.
func (s *session) exact(cands []candidate, n int) []candidate {
	if len(cands) < 2 || !cands[0].phones {
		return cands
	}
	for i := range cands {
		c := &cands[i]
		c.score = s.sound(c, n) + float32(s.set.LMWeight)*c.lm + float32(s.set.WordBonus)*float32(len(c.words))
	}
	sortCandidates(cands)
	return cands
}

// sound returns ln P of a candidate's units given the first n frames.
func (s *session) sound(c *candidate, n int) float32 {
	logp, blank := s.piece.first(n), float32(pieceBlank)
	if c.phones {
		logp, blank = s.phone.first(n), phoneBlank
	}
	return s.align.forward(logp, slices.Concat(c.units...), blank)
}

// offer emits a partial result if the text has changed.
func (s *session) offer() error {
	c := s.search.best()
	text := c.text()
	if text == s.partial || text == "" && !s.offered {
		return nil
	}
	seg := s.result(&c, s.heard)
	if !s.offered && !s.believable(&seg, &c) {
		return nil
	}
	s.partial, s.offered = text, true
	return s.emit(seg)
}

// believable reports whether words were heard at all: a search among words finds some in any noise, but the voice activity detector hears
// nobody, their phones are far from clear, or the decoder doubts them. The bounds lie between noises (taps, dishes, kitchens, cats) and short
// answers.
func (s *session) believable(seg *Segment, c *candidate) bool {
	if s.set.Doubtful || !c.phones || len(seg.Words) == 0 {
		return true
	}
	if !s.voice.speaks(s.offset+s.segmenter.first-lead, s.offset+s.segmenter.last+1+lead/2) {
		return false
	}
	sum := float32(0)
	for _, w := range seg.Words {
		sum += w.Confidence
	}
	n := float32(len(seg.Words))
	return sum/n >= max(0.2, 0.3+max(0.12, -0.1*c.att)-0.05*n)
}

// result makes a segment of n frames from its text.
func (s *session) result(c *candidate, n int) Segment {
	seg := Segment{Text: c.text(), Start: s.time(s.segmenter.first), Language: s.set.Language}
	logp := s.piece.first(n)
	if c.phones {
		logp = s.phone.first(n)
	}
	units := slices.Concat(c.units...)
	spans := s.align.align(logp, units)
	seg.End = max(seg.Start, s.time(min(n, s.segmenter.last+1)))
	if spans == nil { // the decoder wrote more than can have been said
		spans = spread(len(units), s.segmenter.first, n)
	}
	for i, u := range c.units {
		w := spans[:len(u)]
		spans = spans[len(u):]
		start := s.time(w[0].lo)
		seg.Words = append(seg.Words, Word{Text: c.words[i], Start: start, End: max(start+frameTime, s.time(w[len(w)-1].hi)), Confidence: confidence(w)})
	}
	if k := len(seg.Words); k > 0 {
		seg.Words[0].Start = max(seg.Words[0].Start, seg.Start)
		seg.End = max(seg.End, seg.Words[k-1].End)
	}
	return seg
}

// spread divides the frames [lo, hi) evenly among n units that could not be aligned.
func spread(n, lo, hi int) []span {
	out := make([]span, n)
	for i := range out {
		at := lo + i*(hi-lo)/n
		out[i] = span{at, max(at+1, lo+(i+1)*(hi-lo)/n), negInf}
	}
	return out
}

// delay is how much later than the sound the CTC heads, which were trained to look back, show a unit.
const delay = 40 * time.Millisecond

// time returns the time of a frame of the segment.
func (s *session) time(frame int) time.Duration {
	return max(0, time.Duration(s.offset+frame)*frameTime-delay)
}
