package moonshine

import (
	"math"
	"os"
	"slices"
	"testing"

	"github.com/parley-go/parley/internal/golden"
	"github.com/parley-go/parley/internal/kernel"
)

// What training/goldens/moonshine.py says. Comparison: states and logits to 1e-3, tokens and text exactly.
type goldens struct {
	Tokens []int // with the start; of 3 s, at most 20
	Short  []int // of 1 s, at most 7
	Text   string
}

func tiny(t testing.TB, p kernel.Precision) *Model {
	t.Helper()
	return golden.Must(Open(os.DirFS("testdata/tiny"), golden.Model(t, "testdata/tiny", p)))(t)
}

func sound(seconds float64) []float32 { return golden.Sound(seconds, 0.001) }

func TestGoldens(t *testing.T) {
	m, x, g := tiny(t, kernel.F32), sound(3), goldens{}
	vectors := golden.Read(t, "testdata/tiny", &g)
	memory := golden.Must(m.encode(t.Context(), x))(t)
	golden.Near(t, memory, vectors, "states", 3)
	s := m.decoder.NewState(memory, 1)
	golden.Near(t, m.decoder.Logits(s, m.decoder.Feed(s, []int{1, 7, 12, 35})), vectors, "logits", 1)
	tokens := golden.Must(m.greedy(t.Context(), x, 20))(t)
	if want := trim(g.Tokens); !slices.Equal(tokens, want) || len(want) < 3 {
		t.Errorf("%v, want %v", tokens, want)
	}
	if text := m.vocab.Decode(tokens); text != g.Text {
		t.Errorf("%q, want %q", text, g.Text)
	}
	if short := golden.Must(m.greedy(t.Context(), x[:16000], 7))(t); !slices.Equal(short, trim(g.Short)) { // the state is used again
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
		if tokens := golden.Must(m.greedy(t.Context(), make([]float32, n), 20))(t); tokens != nil {
			t.Errorf("%d samples: %v", n, tokens)
		}
	}
	if y := golden.Must(m.encode(t.Context(), make([]float32, Shortest)))(t); y.Rows != 1 {
		t.Errorf("%d samples: %d frames, want 1", Shortest, y.Rows)
	}
}

// Other precisions run, and change the states little.
func TestPrecisions(t *testing.T) {
	want := golden.Must(tiny(t, kernel.F32).encode(t.Context(), sound(3)))(t)
	for p, most := range map[kernel.Precision]float64{kernel.BF16: 0.05, kernel.Int8: 0.15} {
		m := tiny(t, p)
		got := golden.Must(m.encode(t.Context(), sound(3)))(t)
		diff, scale := 0.0, 0.0
		for i, w := range want.Data {
			d := float64(got.Data[i] - w)
			diff, scale = diff+d*d, scale+float64(w)*float64(w)
		}
		if e := math.Sqrt(diff / scale); !(e < most) {
			t.Errorf("%v: relative error %v, want below %v", p, e, most)
		}
		golden.Must(m.Text(t.Context(), sound(3)))(t)
	}
}
