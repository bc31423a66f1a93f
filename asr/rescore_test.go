package asr

import (
	"math"
	"slices"
	"testing"

	"github.com/parley-go/parley/transformer"
)

// heardSession has heard the golden samples in chunks and is before its segment's end; it returns the number of frames.
func heardSession(t *testing.T, m *hybrid) (*session, int) {
	t.Helper()
	s := m.newSession()
	set, err := (&Options{}).settings(m)
	if err != nil {
		t.Fatal(err)
	}
	s.start(set, func(Segment) error { return nil })
	keep := func(steps, x transformer.Mat) error {
		copy(s.steps.extend(steps.Rows).Data, steps.Data)
		logProbs(s.phone.extend(x.Rows), m.phone, x)
		logProbs(s.piece.extend(x.Rows), m.piece, x)
		return nil
	}
	_ = s.encode.push(golden(t, "samples", 1).Data, keep)
	_ = s.encode.flush(keep)
	s.heard = s.phone.len()
	return s, s.heard
}

// The second pass computes what model.py does of whole segments.
func TestHearAgain(t *testing.T) {
	m := tinyAs(t, "f32")
	s, n := heardSession(t, m)
	for range 2 { // whatever it was used for before
		if err := s.hearAgain(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		near(t, "steps", transformer.MatOf(s.whole, 2*n, m.config.D), golden(t, "whole", m.config.D))
	}
	if err := s.hearAgain(t.Context(), 5); err != nil || len(s.whole) != 10*m.config.D || s.phone.len() != n {
		t.Errorf("of 5 frames %d values, of %d phones %d are left: %v", len(s.whole), n, s.phone.len(), err)
	}
}

// The decoder's score of a text is the sum over its tokens and its end.
func TestAttentionScores(t *testing.T) {
	m := tinyAs(t, "f32")
	s := m.newSession()
	s.remember(golden(t, "encoded", m.config.D))
	logp, tokens := golden(t, "decoded", m.config.Tokens+1+startTokens), ints(golden(t, "tokens", 1).Data)
	want := float32(0)
	for i, next := range append(slices.Clone(tokens[startTokens:]), m.config.endToken()) {
		want += logp.Row(i)[next]
	}
	got := s.attentionScores([][]int{nil, tokens[startTokens:], {1}})
	if math.Abs(float64(got[1]-want)) > 1e-3 {
		t.Errorf("ln P %v, want %v", got[1], want)
	}
	alone, empty := s.attentionScores([][]int{{1}})[0], logp.Row(0)[m.config.endToken()]
	if math.Abs(float64(got[2]-alone)) > 1e-3 || math.Abs(float64(got[0]-empty)) > 1e-3 {
		t.Errorf("other texts %v; alone %v, empty %v", got, alone, empty)
	}
}

// Texts that need more logits than are made at a time score as each does alone.
func TestAttentionScoresOfMany(t *testing.T) {
	m := tinyAs(t, "f32")
	s := m.newSession()
	s.remember(golden(t, "encoded", m.config.D))
	texts := [][]int{{1, 2}}
	for i := range 2*logitRows/5 + 1 {
		texts = append(texts, []int{2 + i%3, 1 + i%4, 3, 1 + i%2, 2, 4}[:3+i%4])
	}
	want := make([]float32, len(texts))
	for i, ids := range texts {
		want[i] = s.attentionScores([][]int{ids})[0]
	}
	for i, got := range s.attentionScores(slices.Clone(texts)) {
		if math.Abs(float64(got-want[i])) > 1e-3 {
			t.Errorf("text %d, %v: %v, alone %v", i, texts[i], got, want[i])
		}
	}
}

// A beam search ends when no open text can win: it is worse than all that were asked for, or far behind the best.
func TestFinished(t *testing.T) {
	beam := func(score float32, units int) attentionBeam { return attentionBeam{make([]int, units), score} }
	done := []attentionBeam{beam(-4, 3), beam(-2, 3)}
	for _, c := range []struct {
		done, open []attentionBeam
		want       bool
	}{
		{done, nil, true},
		{nil, []attentionBeam{beam(-50, 3)}, false},
		{done, []attentionBeam{beam(-4.5, 3)}, true},
		{done, []attentionBeam{beam(-4.5, 9)}, false},
		{done[1:], []attentionBeam{beam(-4.9, 3)}, false},
		{done[1:], []attentionBeam{beam(-5.1, 99)}, true},
	} {
		if got := finished(c.done, c.open, 2); got != c.want {
			t.Errorf("done %v, open %v: %v", c.done, c.open, got)
		}
	}
}

// A text of the decoder gets the phones of its words: those the search heard, else the likeliest, else any.
func TestLookUp(t *testing.T) {
	m := tinyHybrid(t)
	s, _ := heardSession(t, m)
	lex := m.tree.lex
	second := lex.units(lex.lookup("a")[1])
	found := []candidate{{words: []string{"a"}, units: [][]int{second}, phones: true}}
	c := s.lookUp(&candidate{words: []string{"see", "a", "zebra"}}, found, true)
	want := [][]int{lex.units(lex.lookup("see")[0]), second, {anySound}}
	if !slices.EqualFunc(c.units, want, slices.Equal) || !c.phones {
		t.Errorf("units %v, want %v", c.units, want)
	}
}

// The results of both passes are judged together, the best one first, each text once.
func TestRescore(t *testing.T) {
	m := tinyHybrid(t)
	s, n := heardSession(t, m)
	cands, err := s.rescore(t.Context(), n, 1, true)
	if err != nil {
		t.Fatal(err)
	}
	unknown := 0
	for i, c := range cands {
		if i > 0 && c.score > cands[i-1].score {
			t.Errorf("result %d has %v, the one before %v", i, c.score, cands[i-1].score)
		}
		if slices.IndexFunc(cands, func(o candidate) bool { return o.text() == c.text() }) != i {
			t.Errorf("%q is there twice", c.text())
		}
		if slices.ContainsFunc(c.units, func(u []int) bool { return u[0] == anySound }) {
			unknown++
		}
	}
	if unknown == 0 || unknown == len(cands) {
		t.Errorf("%d of %d results have words that the lexicon lacks: the decoder's and the lexicon's are wanted", unknown, len(cands))
	}
}
