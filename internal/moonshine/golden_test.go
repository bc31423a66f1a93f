package moonshine

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/transformer"
)

// What training/goldens/moonshine.py says. Comparison: states and logits to 1e-3, tokens and text exactly.
type golden struct {
	Tokens []int // with the start; of 3 s, at most 20
	Short  []int // of 1 s, at most 7
	Text   string
	*weights.File
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func tiny(t testing.TB, p kernel.Precision) *Model {
	t.Helper()
	f := must(weights.OpenDir("testdata/tiny"))(t)
	t.Cleanup(func() { f.Close() })
	return must(Open(os.DirFS("testdata/tiny"), weights.As(f, p)))(t)
}

func goldenOf(t testing.TB) *golden {
	t.Helper()
	g := &golden{}
	if err := json.Unmarshal(must(os.ReadFile("testdata/tiny/golden.json"))(t), g); err != nil {
		t.Fatal(err)
	}
	g.File = must(weights.Open("testdata/tiny/golden.safetensors"))(t)
	t.Cleanup(func() { g.Close() })
	return g
}

// sound is that of the script.
func sound(seconds float64) []float32 {
	x := make([]float32, int(16000*seconds))
	state := uint32(1)
	for i := range x {
		t := float64(i) / 16000
		v := 0.3*math.Sin(2*math.Pi*(200+40*t)*t) + 0.2*math.Sin(2*math.Pi*(900-30*t)*t)*math.Mod(math.Floor(3*t), 2)
		if math.Mod(math.Floor(7*t), 3) == 0 {
			v = 0
		}
		state = 1664525*state + 1013904223
		noise := float64(state)/(1<<31) - 1
		if math.Mod(math.Floor(5*t), 3) == 0 {
			v += 0.1 * noise
		}
		x[i] = float32(v + 0.001*noise)
	}
	return x
}

// near compares every step-th row of got with want.
func near(t *testing.T, got transformer.Mat, g *golden, name string, step int) {
	t.Helper()
	shape := g.Shape(name)
	want := transformer.MatOf(must(g.Float32(name, shape...))(t), shape[0], shape[1])
	if got.Cols != want.Cols || (got.Rows+step-1)/step != want.Rows {
		t.Fatalf("%s: (%d, %d), want of (%d, %d) one in %d", name, got.Rows, got.Cols, want.Rows, want.Cols, step)
	}
	for i := range want.Rows {
		for j, w := range want.Row(i) {
			if d := math.Abs(float64(got.Row(step * i)[j] - w)); !(d <= 1e-3*max(1, math.Abs(float64(w)))) {
				t.Fatalf("%s: row %d, column %d: %v, want %v", name, step*i, j, got.Row(step * i)[j], w)
			}
		}
	}
}

func TestGoldens(t *testing.T) {
	m, g, x := tiny(t, kernel.F32), goldenOf(t), sound(3)
	memory := must(m.encode(t.Context(), x))(t)
	near(t, memory, g, "states", 3)
	s := m.decoder.NewState(memory, 1)
	near(t, m.decoder.Logits(s, m.decoder.Feed(s, []int{1, 7, 12, 35})), g, "logits", 1)
	tokens := must(m.greedy(t.Context(), x, 20))(t)
	if want := trim(g.Tokens); !slices.Equal(tokens, want) || len(want) < 3 {
		t.Errorf("%v, want %v", tokens, want)
	}
	if text := m.vocab.Decode(tokens); text != g.Text {
		t.Errorf("%q, want %q", text, g.Text)
	}
	if short := must(m.greedy(t.Context(), x[:16000], 7))(t); !slices.Equal(short, trim(g.Short)) { // the state is used again
		t.Errorf("%v, want %v", short, trim(g.Short))
	}
}

// trim takes the start and the end away.
func trim(tokens []int) []int {
	tokens = tokens[1:]
	if n := len(tokens); n > 0 && tokens[n-1] == 2 {
		tokens = tokens[:n-1]
	}
	return tokens
}

// Sounds too short for a frame have no text, and the shortest that has one does no harm.
func TestShort(t *testing.T) {
	m := tiny(t, kernel.F32)
	for _, n := range []int{0, 1, 100, Shortest - 1} {
		if tokens := must(m.greedy(t.Context(), make([]float32, n), 20))(t); tokens != nil {
			t.Errorf("%d samples: %v", n, tokens)
		}
	}
	if y := must(m.encode(t.Context(), make([]float32, Shortest)))(t); y.Rows != 1 {
		t.Errorf("%d samples: %d frames, want 1", Shortest, y.Rows)
	}
}

// Other precisions run, and change the states little.
func TestPrecisions(t *testing.T) {
	want := must(tiny(t, kernel.F32).encode(t.Context(), sound(3)))(t)
	for p, most := range map[kernel.Precision]float64{kernel.BF16: 0.05, kernel.Int8: 0.15} {
		m := tiny(t, p)
		got := must(m.encode(t.Context(), sound(3)))(t)
		diff, scale := 0.0, 0.0
		for i, w := range want.Data {
			d := float64(got.Data[i] - w)
			diff, scale = diff+d*d, scale+float64(w)*float64(w)
		}
		if e := math.Sqrt(diff / scale); !(e < most) {
			t.Errorf("%v: relative error %v, want below %v", p, e, most)
		}
		must(m.Text(t.Context(), sound(3)))(t)
	}
}
