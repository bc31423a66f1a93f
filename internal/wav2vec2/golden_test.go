package wav2vec2

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/golden"
	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/transformer"
)

// What training/goldens/wav2vec2.py says. Comparison: stem, states and ln P to 1e-3, units, text and times exactly.
type goldens struct {
	Units []int
	Text  string
	Words [][3]any // text, first frame, end
	Long  string   // text of 10 s in windows of 3 s
}

var names = []string{"group", "stable", "hubert"}

func tiny(t testing.TB, name string, p kernel.Precision) *Model {
	t.Helper()
	return golden.Must(Open(os.DirFS("testdata/"+name), golden.Model(t, "testdata/"+name, p)))(t)
}

func sound(seconds float64) []float32 { return golden.Sound(seconds, 0.001) }

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
		m, g := tiny(t, name, kernel.F32), goldens{}
		vectors := golden.Read(t, "testdata/"+name, &g)
		x := sound(3)
		in := x
		if m.config.Normalize {
			in = normalize(x)
		}
		golden.Near(t, golden.Must(m.stem.frames(t.Context(), in))(t), vectors, "stem", 5)
		golden.Near(t, golden.Must(m.encode(t.Context(), x))(t), vectors, "states", 5)
		y := golden.Must(m.LogProbs(t.Context(), x))(t)
		pad := m.config.Pad
		units, lo, hi := collapse(y)
		for i := range y.Rows { // the order of the files
			y.Row(i)[0], y.Row(i)[pad] = y.Row(i)[pad], y.Row(i)[0]
		}
		golden.Near(t, y, vectors, "logits", 5)
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
		var g goldens
		golden.Read(t, "testdata/"+name, &g)
		want := strings.Join(strings.Fields(g.Long), " ")
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
		want := golden.Must(tiny(t, name, kernel.F32).LogProbs(t.Context(), sound(10)))(t)
		for p, most := range map[kernel.Precision]int{kernel.BF16: 15, kernel.Int8: 50} { // of 499; the letters of random models lie close together, and AMX rounds activations and keys as well
			got := golden.Must(tiny(t, name, p).LogProbs(t.Context(), sound(10)))(t)
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
