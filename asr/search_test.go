package asr

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/parley-go/parley/internal/tokenizer"
	"github.com/parley-go/parley/transformer"
)

func matrix(rows [][]float32) transformer.Mat {
	return transformer.MatOf(slices.Concat(rows...), len(rows), len(rows[0]))
}

// The prefix beam ranks sequences by their exact sum over alignments.
func TestPrefixBeamIsExhaustive(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for trial := range 20 {
		logp := randomPosteriors(rng, 4, 3)
		type sequence struct {
			units []int
			logp  float64
		}
		var all []sequence
		var walk func(units []int, labels []uint8)
		walk = func(units []int, labels []uint8) {
			if p := ctcForward(logp, labels); !math.IsInf(p, -1) {
				all = append(all, sequence{slices.Clone(units), p})
			}
			for u := 1; u < 3 && len(units) < len(logp); u++ {
				walk(append(slices.Clip(units), u), append(slices.Clip(labels), uint8(u)))
			}
		}
		walk(nil, nil)
		slices.SortFunc(all, func(x, y sequence) int { return cmp.Compare(y.logp, x.logp) })
		b := newPrefixBeam(1000, 0, -1000)
		for _, row := range logp {
			b.step(row)
		}
		if len(b.tokens) != len(all) {
			t.Fatalf("trial %d: %d sequences, want %d", trial, len(b.tokens), len(all))
		}
		for i, want := range all[:5] {
			if got := b.units(nil, i); math.Abs(float64(b.tokens[i].total)-want.logp) > 1e-3 || !slices.Equal(got, want.units) {
				t.Errorf("trial %d, rank %d: %v %v, want %v", trial, i, got, b.tokens[i].total, want)
			}
		}
	}
}

func TestForwardIsExhaustive(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	var a aligner
	for _, labels := range [][]uint8{{}, {1}, {1, 1}, {1, 2, 1}, {2, 2, 2}} {
		logp := randomPosteriors(rng, 5, 3)
		want := ctcForward(logp, labels)
		var units []int
		for _, u := range labels {
			units = append(units, int(u))
		}
		if got := a.forward(matrix(logp), units, 0); math.Abs(float64(got)-want) > 1e-3 {
			t.Errorf("%v: %v, want %v", labels, got, want)
		}
	}
	if got := a.forward(matrix(randomPosteriors(rng, 2, 3)), []int{1, 1}, 0); got != negInf {
		t.Errorf("two equal units in two frames: %v", got)
	}
}

// Any sound between two units: the sum over all units, one or more, that may be there.
func TestForwardOfAnySound(t *testing.T) {
	var a aligner
	logp := randomPosteriors(rand.New(rand.NewPCG(15, 16)), 4, 3)
	whole := math.Inf(-1)
	for frames := range 3 * 3 * 3 * 3 { // every path: begins with unit 1 after blanks, ends with 2 before blanks, a frame at least between
		path, sum := []int{frames / 27, frames / 9 % 3, frames / 3 % 3, frames % 3}, 0.0
		for t, u := range path {
			sum += float64(logp[t][u])
		}
		if matches(path) {
			whole = math.Log(math.Exp(whole) + math.Exp(sum))
		}
	}
	got := a.forward(matrix(logp), []int{1, anySound, 2}, 0)
	if float64(got) < whole-1e-3 { // a path counts once for each way to read it
		t.Errorf("%v, less than the %v of all paths", got, whole)
	}
	if known := a.forward(matrix(logp), []int{1, 2, 2}, 0); got < known {
		t.Errorf("%v, less than with one of the sounds, %v", got, known)
	}
}

// matches reports whether a path is unit 1, something, unit 2, with blanks anywhere.
func matches(path []int) bool {
	units := slices.DeleteFunc(slices.Clone(path), func(u int) bool { return u == 0 })
	return len(units) >= 3 && units[0] == 1 && units[len(units)-1] == 2
}

func TestAlign(t *testing.T) {
	path := []int{0, 0, 1, 1, 0, 1, 2, 0, 3, 0}
	logp := make([][]float32, len(path))
	for i, u := range path {
		logp[i] = []float32{-4, -4, -4, -4}
		logp[i][u] = -0.1
	}
	var a aligner
	want := []span{{2, 4, -0.1}, {5, 6, -0.1}, {6, 7, -0.1}, {8, 9, -0.1}}
	for range 2 {
		got := a.align(matrix(logp), []int{1, 1, 2, 3})
		if !slices.EqualFunc(got, want, func(a, b span) bool {
			return a.lo == b.lo && a.hi == b.hi && math.Abs(float64(a.logp-b.logp)) < 1e-6
		}) {
			t.Errorf("%v, want %v", got, want)
		}
	}
	if got := a.align(matrix(logp[:3]), []int{1, 1, 2}); got != nil {
		t.Errorf("too few frames: %v", got)
	}
	if c := confidence(want); math.Abs(float64(c)-math.Exp(-0.1)) > 1e-6 {
		t.Errorf("confidence %v", c)
	}
}

func TestGreedy(t *testing.T) {
	var g greedy
	for _, u := range []int{0, 2, 2, 0, 2, 1, 1, 0} {
		row := []float32{-3, -3, -3}
		row[u] = -0.5
		g.step(row)
	}
	if !slices.Equal(g.units, []int{2, 2, 1}) || math.Abs(float64(g.score)+4) > 1e-6 {
		t.Errorf("%v, %v", g.units, g.score)
	}
}

func TestSpell(t *testing.T) {
	m := tinyHybrid(t)
	for _, text := range []string{"", "the sea", "a tree", "he sees the hot tea", "x"} {
		ids := m.pieces.Encode(text)
		c := spell(m.pieces, ids, 0)
		if want := m.pieces.Decode(ids); c.text() != want {
			t.Errorf("%q: %q", want, c.words)
		}
		if len(slices.Concat(c.units...)) != len(ids) && text != "x" {
			t.Errorf("%q: units %v of %v", text, c.units, ids)
		}
	}
	alone := slices.IndexFunc(pieceList(m.pieces), func(p string) bool { return p == wordStart })
	if c := spell(m.pieces, []int{alone, alone}, 0); len(c.words) != 0 || len(c.units) != 0 {
		t.Errorf("only word starts: %q", c.words)
	}
}

func pieceList(p *tokenizer.Tokenizer) []string {
	var out []string
	for i := range p.Vocab() {
		out = append(out, p.Piece(i))
	}
	return out
}

func TestSegmenter(t *testing.T) {
	run := func(g *segmenter, speech bool, n int) cut {
		for range n {
			g.add(speech)
			if c := g.check(); c.at > 0 {
				return c
			}
		}
		return cut{}
	}
	g := &segmenter{silence: 20, most: 100}
	g.reset()
	if c := run(g, false, 1000); c.text || c.at != 3*lead {
		t.Errorf("silence: %+v", c)
	}
	g.reset()
	if c := run(g, true, 30); c.at != 0 || g.first != 0 || g.last != 29 {
		t.Errorf("speech: %+v %+v", c, g)
	}
	if c := run(g, false, 20); c != (cut{40, true, true}) {
		t.Errorf("silence after speech: %+v", c)
	}
	g.reset()
	run(g, true, 70)
	run(g, false, 6)
	run(g, true, 10)
	run(g, false, 3)
	if c := run(g, true, 100); c != (cut{73, true, false}) {
		t.Errorf("long speech: %+v", c)
	}
	g.reset()
	if c := run(g, true, 200); c != (cut{75, true, false}) {
		t.Errorf("speech without a pause: %+v", c)
	}
}

// Pieces may be cut in several ways; PrefixBeam gives each text once.
func TestPrefixBeamTextsDiffer(t *testing.T) {
	pieces, err := tokenizer.ParseHF([]byte(`{"model":{"type":"Unigram","unk_id":0,"vocab":[["<blank>",0],["▁a",-1],["b",-1],["▁ab",-1]]}}`))
	if err != nil {
		t.Fatal(err)
	}
	s := &prefixSearcher{beam: newPrefixBeam(16, 0, -20), pieces: pieces}
	s.reset(false)
	s.step(nil, []float32{-3, -0.7, -5, -0.9})
	s.step(nil, []float32{-1, -5, -0.9, -3})
	var texts []string
	for _, c := range s.finish(3, true) {
		texts = append(texts, c.text())
	}
	if want := []string{"ab", "a"}; len(texts) < 2 || !slices.Equal(texts[:2], want) {
		t.Errorf("%q, want %q first", texts, want)
	}
	if unique := slices.Compact(slices.Sorted(slices.Values(texts))); len(unique) != len(texts) {
		t.Errorf("%q has a text twice", texts)
	}
}
