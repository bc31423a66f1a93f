package transformer

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/parley-go/parley/internal/weights"
)

func testDecoder(t testing.TB, cross bool, positions Positions) *Decoder {
	return must(LoadDecoder(random, "decoder.", DecoderConfig{
		Config: Config{D: 24, Heads: 3, Layers: 2, FFN: 32, Act: SiLU, Positions: positions, MaxPositions: 64, Buckets: 8, MaxDistance: 20, OneSided: true},
		Vocab:  30, EmbedScale: 4, Cross: cross, HeadBias: true,
	}))(t)
}

func randomTokens(r *rand.Rand, n int) []int {
	tokens := make([]int, n)
	for i := range tokens {
		tokens[i] = r.IntN(30)
	}
	return tokens
}

// TestFeedInPieces: however tokens arrive, and beside whatever other sequences, their states are the same.
func TestFeedInPieces(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, positions := range []Positions{NoPositions, Learned, RotaryHalves, RelativeBuckets} {
		d := testDecoder(t, true, positions)
		memory := randomMat(r, 17, 24)
		seqs := [][]int{randomTokens(r, 40), randomTokens(r, 11), randomTokens(r, 23)}
		all := d.NewState(memory, 3)
		states := d.Feed(all, seqs...)
		lo := 0
		for i, tokens := range seqs {
			one := d.NewState(memory, 1)
			got := NewMat(0, 24)
			for at := 0; at < len(tokens); {
				end := min(at+1+r.IntN(5), len(tokens))
				got = join(got, d.Feed(one, tokens[at:end]))
				at = end
			}
			near(t, fmt.Sprint(positions, " sequence ", i), got, states.Slice(lo, lo+len(tokens)))
			lo += len(tokens)
		}
	}
}

// TestReorder: beams that fork, die and are cut back go on as if fed from the start.
func TestReorder(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	d := testDecoder(t, true, Learned)
	memory := randomMat(r, 9, 24)
	s := d.NewState(memory, 2)
	past := [][]int{nil, nil}
	for step := range 30 {
		tokens := randomTokens(r, len(past))
		got := d.Step(s, tokens)
		for i := range past {
			past[i] = append(past[i], tokens[i])
			want := d.Feed(d.NewState(memory, 1), past[i])
			near(t, fmt.Sprint("step ", step), got.Slice(i, i+1), want.Slice(len(past[i])-1, len(past[i])))
		}
		from := make([]int, 1+r.IntN(4))
		next := make([][]int, len(from))
		for i := range from {
			from[i] = r.IntN(len(past))
			next[i] = append([]int{}, past[from[i]]...)
		}
		s.Reorder(from)
		past = next
		if step%7 == 6 {
			cut := len(past[0]) / 2
			s.Truncate(0, cut)
			past[0] = past[0][:cut]
		}
		if s.Beams() != len(past) || s.Len(0) != len(past[0]) {
			t.Fatalf("%d beams, first of %d tokens; want %d and %d", s.Beams(), s.Len(0), len(past), len(past[0]))
		}
	}
	s.Clear(1)
	near(t, "cleared", d.Step(s, []int{3}), d.Step(d.NewState(memory, 1), []int{3}))
	d.Restart(s, memory.Slice(0, 4), 1)
	near(t, "restarted", d.Step(s, []int{3}), d.Step(d.NewState(memory.Slice(0, 4), 1), []int{3}))
}

func TestDecoderStepAllocatesNothing(t *testing.T) {
	d := testDecoder(t, true, RotaryHalves)
	s := d.NewState(randomMat(rand.New(rand.NewPCG(3, 3)), 20, 24), 3)
	tokens, from := []int{1, 2, 3}, []int{0, 0, 2}
	step := func() {
		d.Logits(s, d.Step(s, tokens))
		s.Reorder(from)
		for i := range 3 {
			s.Truncate(i, 10)
		}
	}
	for range 30 {
		step()
	}
	allocatesNothing(t, step)
}

func TestGreedy(t *testing.T) {
	m := &EncoderDecoder{
		Source:  must(LoadEmbedding(random, "source", 30, 24))(t),
		Encoder: must(LoadEncoder(random, "encoder.", Config{D: 24, Heads: 3, Layers: 2, FFN: 32, Positions: Sinusoidal}))(t),
		Decoder: testDecoder(t, true, Learned),
	}
	source := []int{4, 8, 15, 16, 23}
	out := m.Greedy(nil, source, 1, -1, 12)
	if len(out) != 12 {
		t.Fatalf("%d tokens of 12", len(out))
	}
	memory := m.Encode(source)
	s := m.Decoder.NewState(memory, 1)
	logits := m.Decoder.Logits(s, m.Decoder.Feed(s, append([]int{1}, out...)))
	for i, token := range out {
		if best := Argmax(logits.Row(i)); best != token {
			t.Errorf("token %d: got %d, teacher-forced %d", i, token, best)
		}
	}
	if got := m.Greedy(s, source, 1, out[0], 12); len(got) != 0 {
		t.Errorf("went on after the end: %v", got)
	}
}

// missing lacks one tensor.
type missing struct {
	randomWeights
	name string
}

func (m missing) Float32(name string, shape ...int) ([]float32, error) {
	if name == m.name {
		return nil, fmt.Errorf("no tensor %s %v", name, shape)
	}
	return m.randomWeights.Float32(name, shape...)
}

func (m missing) Rows(name string, shape ...int) (weights.Rows, error) {
	if name == m.name {
		return nil, fmt.Errorf("no tensor %s %v", name, shape)
	}
	return m.randomWeights.Rows(name, shape...)
}

func TestLoadErrors(t *testing.T) {
	c := Config{D: 16, Heads: 2, Layers: 2, FFN: 24, ConvKernel: 3, Gated: true}
	for _, name := range []string{"norm.bias", "layers.1.qkv.weight", "layers.0.out.bias", "layers.1.depthwise.weight", "layers.1.pointwise.bias",
		"layers.0.conv_norm.weight", "layers.0.gate.weight", "layers.1.fc1.weight", "layers.1.fc2.bias", "layers.0.attn_norm.weight"} {
		_, err := LoadEncoder(As(missing{name: "e." + name}, F32), "e.", c)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
	for _, bad := range []Config{{}, {D: 16, Heads: 3, FFN: 4}, {D: 16, Heads: 2, FFN: 0}, {D: 15, Heads: 1, FFN: 4, Positions: Sinusoidal},
		{D: 16, Heads: 2, FFN: 4, Positions: "odd"}, {D: 16, Heads: 2, FFN: 4, Positions: RotaryHalves, RotaryDim: 10},
		{D: 16, Heads: 4, KVHeads: 3, FFN: 4}, {D: 16, Heads: 2, FFN: 4, Positions: Learned}} {
		if _, err := LoadEncoder(random, "", bad); err == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
}
