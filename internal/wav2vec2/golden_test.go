package wav2vec2

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/transformer"
)

// What training/goldens/wav2vec2.py says. Comparison: stem, states and ln P to 1e-3, units, text and times exactly.
type golden struct {
	Units []int
	Text  string
	Words [][3]any // text, first frame, end
	Long  string   // text of 10 s in windows of 3 s
	*weights.File
}

var names = []string{"group", "stable", "hubert"}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func tiny(t testing.TB, name string, p kernel.Precision) *Model {
	t.Helper()
	f := must(weights.OpenDir("testdata/" + name))(t)
	t.Cleanup(func() { f.Close() })
	return must(Open(os.DirFS("testdata/"+name), weights.As(f, p)))(t)
}

func goldenOf(t testing.TB, name string) *golden {
	t.Helper()
	g := &golden{}
	if err := json.Unmarshal(must(os.ReadFile("testdata/"+name+"/golden.json"))(t), g); err != nil {
		t.Fatal(err)
	}
	g.File = must(weights.Open("testdata/" + name + "/golden.safetensors"))(t)
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

// near compares every fifth row of got with want.
func near(t *testing.T, what string, got transformer.Mat, g *golden, name string) {
	t.Helper()
	shape := g.Shape(name)
	want := transformer.MatOf(must(g.Float32(name, shape...))(t), shape[0], shape[1])
	if got.Cols != want.Cols || (got.Rows+4)/5 != want.Rows {
		t.Fatalf("%s: (%d, %d), want every fifth of (%d, %d)", what, got.Rows, got.Cols, want.Rows, want.Cols)
	}
	for i := range want.Rows {
		for j, w := range want.Row(i) {
			if d := math.Abs(float64(got.Row(5 * i)[j] - w)); !(d <= 1e-3*max(1, math.Abs(float64(w)))) {
				t.Fatalf("%s: row %d, column %d: %v, want %v", what, 5*i, j, got.Row(5 * i)[j], w)
			}
		}
	}
}

// collapse returns the units of the likeliest path, and the frames of each.
func collapse(y transformer.Mat) (units, lo, hi []int) {
	last := 0
	for t := range y.Rows {
		u := transformer.Argmax(y.Row(t))
		switch {
		case u != 0 && u != last:
			units, lo, hi = append(units, u), append(lo, t), append(hi, t+1)
		case u != 0:
			hi[len(hi)-1] = t + 1
		}
		last = u
	}
	return units, lo, hi
}

func TestGoldens(t *testing.T) {
	for _, name := range names {
		m, g := tiny(t, name, kernel.F32), goldenOf(t, name)
		x := sound(3)
		in := x
		if m.config.Normalize {
			in = normalize(x)
		}
		near(t, name+" stem", must(m.stem.frames(t.Context(), in))(t), g, "stem")
		near(t, name+" states", must(m.encode(t.Context(), x))(t), g, "states")
		y := must(m.LogProbs(t.Context(), x))(t)
		pad := m.config.Pad
		units, lo, hi := collapse(y)
		for i := range y.Rows { // the order of the files
			y.Row(i)[0], y.Row(i)[pad] = y.Row(i)[pad], y.Row(i)[0]
		}
		near(t, name+" ln P", y, g, "logits")
		ids := make([]int, len(units))
		for i, u := range units {
			ids[i] = swapped(u, pad)
		}
		if !slices.Equal(ids, g.Units) {
			t.Errorf("%s: units %v, want %v", name, ids, g.Units)
		}
		words := m.Words(units)
		if len(words) != len(g.Words) || len(words) < 2 {
			t.Fatalf("%s: %d words, want %d", name, len(words), len(g.Words))
		}
		var texts []string
		for i, w := range words {
			texts = append(texts, w.Text)
			if want := g.Words[i]; want != [3]any{w.Text, float64(lo[w.Lo]), float64(hi[w.Hi-1])} {
				t.Errorf("%s: word %v of frames %d to %d, want %v", name, w, lo[w.Lo], hi[w.Hi-1], want)
			}
		}
		if text := strings.Join(texts, " "); text != strings.Join(strings.Fields(g.Text), " ") {
			t.Errorf("%s: %q, want %q", name, text, g.Text)
		}
	}
}

// listen returns the text of a sound heard in windows of 3 s.
func listen(t testing.TB, m *Model, x []float32) (text string, frames int) {
	t.Helper()
	var all []float32
	err := m.Windows(t.Context(), audio.Clip{Rate: SampleRate, Samples: x}.Source(), 3*SampleRate, func(y transformer.Mat) error {
		all = append(all, y.Data...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	y := transformer.MatOf(all, len(all)/m.config.Vocab, m.config.Vocab)
	units, _, _ := collapse(y)
	var texts []string
	for _, w := range m.Words(units) {
		texts = append(texts, w.Text)
	}
	return strings.Join(texts, " "), y.Rows
}

func TestWindowsAreThoseOfTransformers(t *testing.T) {
	for _, name := range names {
		want := strings.Join(strings.Fields(goldenOf(t, name).Long), " ")
		if got, n := listen(t, tiny(t, name, kernel.F32), sound(10)); got != want || n != 499 {
			t.Errorf("%s: %d frames, %q, want %q", name, n, got, want)
		}
	}
}

// Every length of sound gives the frames of one window over all of it.
func TestWindowsLeaveNoGap(t *testing.T) {
	m := tiny(t, "group", kernel.F32)
	x := sound(9)
	for _, n := range []int{0, 1, 100, 399, 400, 719, 720, 47999, 48000, 48001, 48320, 80000, 80001, 80399, 80400, 144000} {
		want := 0
		if n >= 400 {
			want = (n-400)/320 + 1
		}
		if _, got := listen(t, m, x[:n]); got != want {
			t.Errorf("%d samples: %d frames, want %d", n, got, want)
		}
	}
}

// Other precisions change few of the letters.
func TestPrecisions(t *testing.T) {
	for _, name := range names {
		want := must(tiny(t, name, kernel.F32).LogProbs(t.Context(), sound(10)))(t)
		for p, most := range map[kernel.Precision]int{kernel.BF16: 10, kernel.Int8: 50} { // of 499; the letters of random models lie close together
			got := must(tiny(t, name, p).LogProbs(t.Context(), sound(10)))(t)
			changed := 0
			for i := range want.Rows {
				if transformer.Argmax(want.Row(i)) != transformer.Argmax(got.Row(i)) {
					changed++
				}
			}
			if changed > most {
				t.Errorf("%s, %v: %d of %d frames changed, want at most %d", name, p, changed, want.Rows, most)
			}
		}
	}
}
