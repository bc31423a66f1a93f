package asr

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/parley-go/parley/internal/ngram"
)

// randomPosteriors returns ln P (T, units) of random frames; every third is nearly blank.
func randomPosteriors(rng *rand.Rand, frames, units int) [][]float32 {
	out := make([][]float32, frames)
	for t := range out {
		row, sum := make([]float32, units), 0.0
		for i := range row {
			v := 2 * rng.NormFloat64()
			if i == 0 && t%3 == 2 {
				v += 4
			}
			row[i] = float32(v)
			sum += math.Exp(v)
		}
		for i := range row {
			row[i] -= float32(math.Log(sum))
		}
		out[t] = row
	}
	return out
}

// ctcForward is ln P(labels) summed over all alignments, by definition (Graves et al. 2006): every path of units, collapsed.
func ctcForward(logp [][]float32, labels []uint8) float64 {
	sum := 0.0
	var walk func(t int, last uint8, done int, p float64)
	walk = func(t int, last uint8, done int, p float64) {
		if t == len(logp) {
			if done == len(labels) {
				sum += p
			}
			return
		}
		for u := range uint8(len(logp[t])) {
			q := p * math.Exp(float64(logp[t][u]))
			switch {
			case u == 0 || u == last:
				walk(t+1, u, done, q)
			case done < len(labels) && labels[done] == u:
				walk(t+1, u, done+1, q)
			}
		}
	}
	walk(0, 0, 0, 1)
	return math.Log(sum)
}

// testLexicon has homophones, a word within a word, doubled phones and two pronunciations of one word, over phones 1 to 3.
func testLexicon() *lexicon {
	l := &lexicon{}
	for _, e := range []struct {
		word   string
		phones []uint8
	}{{"a", []uint8{1}}, {"b", []uint8{1, 2}}, {"c", []uint8{1, 2}}, {"d", []uint8{3, 3}}, {"d", []uint8{3, 1}}, {"e", []uint8{2}}} {
		l.add(e.word, e.phones)
	}
	return l
}

// testLM returns a random model over the words of testLexicon, of order 2 or 3, all n-grams listed.
func testLM(t testing.TB, rng *rand.Rand, order int) *ngram.Model {
	t.Helper()
	words := []string{"<unk>", "<s>", "</s>", "a", "b", "c", "d", "e"}
	p := func() float64 { return -0.2 - rng.Float64() }
	var s strings.Builder
	s.WriteString("\\1-grams:\n")
	for _, w := range words {
		fmt.Fprintf(&s, "%.3f %s %.3f\n", p(), w, -rng.Float64())
	}
	s.WriteString("\\2-grams:\n")
	for _, v := range words {
		for _, w := range words {
			fmt.Fprintf(&s, "%.3f %s %s %.3f\n", p(), v, w, -rng.Float64())
		}
	}
	s.WriteString("\\3-grams:\n")
	for _, u := range words[:6*(order-2)] {
		for _, v := range words {
			for _, w := range words[3:] {
				fmt.Fprintf(&s, "%.3f %s %s %s\n", p(), u, v, w)
			}
		}
	}
	a, err := ngram.ReadArpa(strings.NewReader(s.String() + "\\end\\\n"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := a.Pack()
	if err != nil {
		t.Fatal(err)
	}
	lm, err := ngram.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	return lm
}

// scored is a sequence of pronunciations.
type scored struct {
	prons []int32
	logp  float64
}

func results(b *lexiconBeam) (out []scored) {
	b.results(true, func(prons []int32, score float32) bool {
		out = append(out, scored{slices.Clone(prons), float64(score)})
		return true
	})
	return out
}

// exhaustive returns all sequences of pronunciations, best first. lm may be nil.
func exhaustive(logp [][]float32, l *lexicon, lm *ngram.Model, c beamConfig) (out []scored) {
	var walk func(seq []int32, phones []uint8, state ngram.State, score float64)
	walk = func(seq []int32, phones []uint8, state ngram.State, score float64) {
		s := score + ctcForward(logp, phones)
		if lm != nil {
			s += float64(c.lmWeight * lm.End(state))
		}
		if !math.IsInf(s, -1) {
			out = append(out, scored{slices.Clone(seq), s})
		}
		for i, p := range l.prons {
			if len(phones)+len(l.of(p)) > len(logp) {
				continue
			}
			lp, next := float32(0), state
			if lm != nil {
				lp, next = lm.Score(state, lm.ID(l.words[p.word]))
			}
			walk(append(slices.Clip(seq), int32(i)), append(slices.Clip(phones), l.of(p)...), next, score+float64(c.lmWeight*lp+c.wordBonus))
		}
	}
	start := ngram.State(0)
	if lm != nil {
		start = lm.Start()
	}
	walk(nil, nil, start, 0)
	slices.SortFunc(out, func(x, y scored) int { return cmp.Compare(y.logp, x.logp) })
	return out
}

func TestLexiconBeamFindsTheBestWords(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	l := testLexicon()
	c := beamConfig{size: 10000, width: 1000, lmWeight: 0.7, wordBonus: 0.4, skip: 1, floor: -1000}
	for trial := range 25 {
		lm := testLM(t, rng, 3)
		logp := randomPosteriors(rng, 5, 4)
		b := newLexiconBeam(newTree(l, lm), lm, c)
		for _, row := range logp {
			b.step(row)
		}
		got := results(b)
		want := exhaustive(logp, l, lm, c)
		if got[0].logp-want[0].logp > 0.02 || want[0].logp-got[0].logp > 0.02 || !slices.Equal(got[0].prons, want[0].prons) {
			t.Errorf("trial %d: %v, want %v", trial, got[0], want[0])
		}
	}
}

// With a 2-gram all results that share their last word recombine, and the lattice has to bring the others back.
func TestLatticeHasTheOtherResults(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	l := testLexicon()
	c := beamConfig{size: 10000, width: 1000, lmWeight: 0.5, wordBonus: 0.3, skip: 1, floor: -1000}
	for trial := range 20 {
		lm := testLM(t, rng, 2)
		logp := randomPosteriors(rng, 5, 4)
		b := newLexiconBeam(newTree(l, lm), lm, c)
		for _, row := range logp {
			b.step(row)
		}
		got := results(b)
		for rank, want := range exhaustive(logp, l, lm, c)[:8] {
			i := slices.IndexFunc(got, func(s scored) bool { return slices.Equal(s.prons, want.prons) })
			if i < 0 || i > 40 {
				t.Errorf("trial %d, rank %d: %v is number %d of the results", trial, rank, want, i)
			}
		}
		if !slices.IsSortedFunc(got, func(x, y scored) int { return cmp.Compare(y.logp, x.logp) }) {
			t.Errorf("trial %d: results are not sorted", trial)
		}
	}
}

// With pruning and blank skipping the best words on clear input stay the same.
func TestLexiconBeamPruned(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	l, lm := testLexicon(), testLM(t, rng, 3)
	path := []uint8{0, 3, 0, 3, 3, 0, 0, 1, 2, 0, 2, 0} // d, b or c, e
	b := newLexiconBeam(newTree(l, lm), lm, beamConfig{size: 4, width: 8, lmWeight: 0.5, skip: -0.02, floor: -6})
	for range 2 { // the second time in used memory
		b.reset(false)
		for _, u := range path {
			row := []float32{-5, -5, -5, -5}
			row[u] = -0.0201
			if u == 0 {
				row[u] = -0.01
			}
			b.step(row)
		}
		var text []string
		for _, p := range results(b)[0].prons {
			text = append(text, l.words[l.prons[p].word])
		}
		if s := strings.Join(text, " "); s != "d b e" && s != "d c e" {
			t.Errorf("got %q", s)
		}
	}
}

func TestNthLargest(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 200 {
		x := make([]float32, 1+rng.IntN(40))
		for i := range x {
			x[i] = float32(rng.IntN(20))
		}
		sorted := slices.Clone(x)
		slices.Sort(sorted)
		n := 1 + rng.IntN(len(x))
		if got := nthLargest(x, n); got != sorted[len(x)-n] {
			t.Fatalf("%d-th of %v is %v", n, sorted, got)
		}
	}
}

func TestLogAdd(t *testing.T) {
	for _, a := range []float64{0, -1, -700, -3.3, 50} {
		for d := 0.0; d < 40; d += 0.37 {
			want := a + math.Log1p(math.Exp(-d))
			if got := logAdd(float32(a-d), float32(a)); math.Abs(float64(got)-want) > 1e-4 {
				t.Errorf("logAdd(%v, %v) = %v, want %v", a-d, a, got, want)
			}
		}
	}
	if logAdd(negInf, negInf) != negInf || logAdd(negInf, 3) != 3 {
		t.Error("logAdd of -inf")
	}
}
