package ngram

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// tiny is a 3-gram model by hand: every context of a bigram with children is a listed n-gram, as in real models.
const tiny = `\data\
ngram 1=6
ngram 2=6
ngram 3=4

\1-grams:
-1.2	<unk>	0
-99	<s>	-0.4
-0.9	</s>	0
-0.7	a	-0.3
-0.8	b	-0.25
-0.6	c	-0.5

\2-grams:
-0.3	<s> a	-0.2
-0.5	a b	-0.15
-0.45	a c
-0.35	b </s>
-0.2	b a	-0.1
-0.55	c a

\3-grams:
-0.1	<s> a b
-0.4	a b a
-0.25	a b </s>
-0.3	b a c

\end\
`

func parse(t testing.TB, text string) (*Arpa, *Model) {
	t.Helper()
	a, err := ReadArpa(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	data, err := a.Pack()
	if err != nil {
		t.Fatal(err)
	}
	m, err := Read(data)
	if err != nil {
		t.Fatal(err)
	}
	return a, m
}

// The packed model scores every sequence of words as the definition does. With fewer than 256 values an order, quantising is exact.
func TestScoreAsDefined(t *testing.T) {
	a, m := parse(t, tiny)
	rng := rand.New(rand.NewPCG(1, 2))
	words := []string{"a", "b", "c", "</s>", "<unk>"}
	for range 500 {
		state, history := m.Start(), []uint32{uint32(m.ID("<s>"))}
		for range 6 {
			w := m.ID(words[rng.IntN(len(words))])
			got, next := m.Score(state, w)
			history = append(history, uint32(w))
			want := a.Score(history[max(0, len(history)-3):]...)
			if math.Abs(float64(got-want)) > 1e-5 {
				t.Fatalf("P(%v) = %v, want %v", history, got, want)
			}
			state = next
		}
	}
	if p, _ := m.Score(m.Null(), -1); math.Abs(float64(p)+1.2*math.Ln10) > 1e-5 {
		t.Errorf("unknown word: %v", p)
	}
	if _, ab := m.Score(m.Start(), m.ID("c")); ab != State(m.ID("c")) {
		t.Errorf("state after an unseen bigram is %d, want the word", ab)
	}
	if w := m.Words(); len(w) != 6 || m.ID("zebra") != -1 || w[m.ID("b")] != "b" {
		t.Errorf("vocabulary %q", w)
	}
}

// random makes a full bigram and trigram model of v words with normalised probabilities.
func random(rng *rand.Rand, v int) *Arpa {
	a := &Arpa{Words: []string{"</s>", "<s>", "<unk>"}}
	for i := range v {
		a.Words = append(a.Words, "w"+string(rune('a'+i)))
	}
	n := uint32(len(a.Words))
	dist := func(m uint32) []float32 {
		p, sum := make([]float32, m), float32(0)
		for i := range p {
			p[i] = float32(math.Exp(2 * rng.NormFloat64()))
			sum += p[i]
		}
		for i := range p {
			p[i] = float32(math.Log(float64(p[i] / sum)))
		}
		return p
	}
	for i, p := range dist(n) {
		a.Grams[0] = append(a.Grams[0], Gram{Words: [3]uint32{uint32(i)}, Prob: p})
	}
	for i := range n {
		for j, p := range dist(n) {
			a.Grams[1] = append(a.Grams[1], Gram{Words: [3]uint32{i, uint32(j)}, Prob: p})
		}
	}
	for i := range n {
		for j := range n {
			for k, p := range dist(n)[:n/2] {
				a.Grams[2] = append(a.Grams[2], Gram{Words: [3]uint32{i, j, uint32(k)}, Prob: p})
			}
		}
	}
	a.renormalise(1)
	a.renormalise(2)
	return a
}

// After pruning probabilities still add up to 1 in every context, and the model is closer to the full one than one that was pruned
// the other way round.
func TestPrune(t *testing.T) {
	full := random(rand.New(rand.NewPCG(3, 4)), 5)
	pruned := random(rand.New(rand.NewPCG(3, 4)), 5)
	pruned.Prune(90, nil)
	if n := len(pruned.Grams[1]) + len(pruned.Grams[2]) + 8; n > 95 || n < 60 {
		t.Fatalf("%d n-grams", n)
	}
	n, divergence, unigram := uint32(8), 0.0, 0.0
	for i := range n {
		for j := range n {
			sum := 0.0
			for k := range n {
				p := math.Exp(float64(pruned.Score(i, j, k)))
				f := float64(full.Score(i, j, k))
				sum += p
				divergence += math.Exp(f) * (f - math.Log(p))
				unigram += math.Exp(f) * (f - float64(full.Score(k)))
			}
			if math.Abs(sum-1) > 1e-4 {
				t.Errorf("context %d %d sums to %v", i, j, sum)
			}
		}
	}
	if divergence > 0.75*unigram {
		t.Errorf("divergence %v from the full model, of unigrams alone %v", divergence, unigram)
	}
}

func TestErrors(t *testing.T) {
	for _, text := range []string{"", "\\1-grams:\n-1 a\n", "\\1-grams:\nx a\n\\end\\", "\\1-grams:\n-1 a\n-1 a\n\\end\\", "\\4-grams:\n\\end\\",
		"\\1-grams:\n-1 a\n\\2-grams:\n-1 a b\n\\end\\", "-1 a\n\\end\\"} {
		if _, err := ReadArpa(strings.NewReader(text)); err == nil {
			t.Errorf("no error for %q", text)
		}
	}
	a, _ := ReadArpa(strings.NewReader(strings.Replace(tiny, "-0.5	a b	-0.15\n", "", 1)))
	if _, err := a.Pack(); err == nil {
		t.Error("no error for a trigram without its bigram")
	}
}

func FuzzRead(f *testing.F) {
	a, _ := ReadArpa(strings.NewReader(tiny))
	data, _ := a.Pack()
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Read(data)
		if err != nil {
			return
		}
		s := m.Start()
		for w := range min(50, len(m.Words())) {
			_, s = m.Score(s, w)
		}
		m.End(s)
	})
}

func FuzzReadArpa(f *testing.F) {
	f.Add(tiny)
	f.Fuzz(func(t *testing.T, text string) {
		if a, err := ReadArpa(strings.NewReader(text)); err == nil {
			_, _ = a.Pack()
		}
	})
}

func BenchmarkScore(b *testing.B) {
	a := random(rand.New(rand.NewPCG(3, 4)), 20)
	data, _ := a.Pack()
	m, _ := Read(data)
	s := m.Start()
	for i := 0; b.Loop(); i++ {
		_, s = m.Score(s, i%23)
	}
}

// A word may have 255 bytes.
func TestLongWord(t *testing.T) {
	word := strings.Repeat("x", 255)
	a, err := ReadArpa(strings.NewReader("\\data\\\nngram 1=4\n\n\\1-grams:\n-1 <s> 0\n-1 </s>\n-1 <unk>\n-1 " + word + "\n\n\\end\\\n"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := a.Pack()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Read(data); err != nil {
		t.Error(err)
	}
}
