package transformer

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestRestartEach: sequences with memories of their own go on as if each were alone, also when they fork.
func TestRestartEach(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	d := testDecoder(t, true, Learned)
	memories := []Mat{randomMat(r, 9, 24), randomMat(r, 17, 24), randomMat(r, 9, 24)}
	s := d.NewState(randomMat(r, 5, 24), 4)
	d.RestartEach(s, 2, memories...)
	past, of := make([][]int, 6), []int{0, 0, 1, 1, 2, 2}
	for step := range 10 {
		tokens := randomTokens(r, len(past))
		got := d.Step(s, tokens)
		for i := range past {
			past[i] = append(past[i], tokens[i])
			alone := d.Feed(d.NewState(memories[of[i]], 1), past[i])
			near(t, fmt.Sprint("step ", step, " sequence ", i), got.Slice(i, i+1), alone.Slice(step, step+1))
		}
		from := []int{5, 5, 0, 2, 2, 3}
		s.Reorder(from)
		var next [][]int
		var nextOf []int
		for _, f := range from {
			next, nextOf = append(next, append([]int{}, past[f]...)), append(nextOf, of[f])
		}
		past, of = next, nextOf
	}
}

// TestWatch: the scores are those that the softmax of cross attention gets.
func TestWatch(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	d := testDecoder(t, true, Learned)
	memory := randomMat(r, 9, 24)
	tokens := randomTokens(r, 7)
	want := d.Feed(d.NewState(memory, 1), tokens)
	c := CrossScores{Heads: []CrossHead{{0, 2}, {1, 0}}}
	s := d.NewState(memory, 1)
	near(t, "states", must(d.Watch(t.Context(), s, &c, tokens))(t), want)
	for i, h := range c.Heads {
		keys := s.memory[0][h.Layer].Len()
		if m := c.Scores[i]; m.Rows != len(tokens) || m.Cols != memory.Rows || keys != memory.Rows {
			t.Fatalf("head %v: scores (%d, %d)", h, m.Rows, m.Cols)
		}
	}
	// The first layer by hand: embed, normalise, attend, normalise, project.
	b, w := d.blocks[0], newWorkspace()
	w.begin()
	w.add(len(tokens), 0, make([]cache, 2), s.memory[0])
	x := NewMat(len(tokens), 24)
	d.Embed.Forward(x, tokens)
	d.begin(w, x)
	b.Attn.self(w, 0, x, b.before(w, b.AttnNorm, x), Causal)
	q := NewMat(len(tokens), 24)
	b.Cross.Q.Forward(q, b.before(w, b.CrossNorm, x))
	kv := NewMat(memory.Rows, 48)
	b.Cross.KV.Forward(kv, memory)
	for i := range q.Rows {
		for j := range memory.Rows {
			sum := 0.0
			for k := 16; k < 24; k++ { // head 2
				sum += float64(q.Row(i)[k]) * float64(kv.Row(j)[k])
			}
			if got, want := float64(c.Scores[0].Row(i)[j]), sum/math.Sqrt(8); math.Abs(got-want) > 1e-4 {
				t.Fatalf("row %d, key %d: %v, want %v", i, j, got, want)
			}
		}
	}
}
