package speech2text

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

// What training/goldens/speech2text.py says. Comparison: states and logits to 1e-3, tokens and text exactly.
type golden struct {
	Tokens []int // with the start; of 3 s, at most 20
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
		x[i] = float32(v + 0.01*noise)
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
	features := m.fbank.features(x)
	near(t, features, g, "features", 20)
	memory := must(m.encode(t.Context(), features))(t)
	near(t, memory, g, "states", 5)
	s := m.decoder.NewState(memory, 1)
	near(t, m.decoder.Logits(s, m.decoder.Feed(s, []int{2, 7, 12, 25})), g, "logits", 1)
	for range 2 { // the state is used again
		tokens := must(m.greedy(t.Context(), x, 20))(t)
		want := g.Tokens[1:]
		if n := len(want); want[n-1] == m.config.End {
			want = want[:n-1]
		}
		if !slices.Equal(tokens, want) || len(want) < 3 {
			t.Errorf("%v, want %v", tokens, want)
		}
	}
	m.config.MaxLength = 20
	if text := must(m.Text(t.Context(), x))(t); text != g.Text {
		t.Errorf("%q, want %q", text, g.Text)
	}
}

// Sounds too short for a frame have no text; the shortest that has one, silence, and very long ones do no harm.
func TestOddSounds(t *testing.T) {
	m := tiny(t, kernel.F32)
	for _, n := range []int{0, 1, 100, 399} {
		if tokens := must(m.greedy(t.Context(), make([]float32, n), 20))(t); tokens != nil {
			t.Errorf("%d samples: %v", n, tokens)
		}
	}
	for _, n := range []int{400, 560, 16000} {
		must(m.Text(t.Context(), make([]float32, n)))(t)
	}
	if _, err := m.Text(t.Context(), make([]float32, 30*SampleRate)); err == nil {
		t.Error("30 s where the model takes 24: no error")
	}
}
