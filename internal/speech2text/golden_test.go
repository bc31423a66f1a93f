package speech2text

import (
	"os"
	"slices"
	"testing"

	"github.com/parley-go/parley/internal/golden"
	"github.com/parley-go/parley/internal/kernel"
)

// What training/goldens/speech2text.py says. Comparison: states and logits to 1e-3, tokens and text exactly.
type goldens struct {
	Tokens []int // with the start; of 3 s, at most 20
	Text   string
}

func tiny(t testing.TB, p kernel.Precision) *Model {
	t.Helper()
	return golden.Must(Open(os.DirFS("testdata/tiny"), golden.Model(t, "testdata/tiny", p)))(t)
}

func sound(seconds float64) []float32 { return golden.Sound(seconds, 0.01) }

func TestGoldens(t *testing.T) {
	m, x, g := tiny(t, kernel.F32), sound(3), goldens{}
	vectors := golden.Read(t, "testdata/tiny", &g)
	features := m.fbank.features(x)
	golden.Near(t, features, vectors, "features", 20)
	memory := golden.Must(m.encode(t.Context(), features))(t)
	golden.Near(t, memory, vectors, "states", 5)
	s := m.decoder.NewState(memory, 1)
	golden.Near(t, m.decoder.Logits(s, m.decoder.Feed(s, []int{2, 7, 12, 25})), vectors, "logits", 1)
	for range 2 { // the state is used again
		tokens := golden.Must(m.greedy(t.Context(), x, 20))(t)
		want := g.Tokens[1:]
		if n := len(want); want[n-1] == m.config.End {
			want = want[:n-1]
		}
		if !slices.Equal(tokens, want) || len(want) < 3 {
			t.Errorf("%v, want %v", tokens, want)
		}
	}
	m.config.MaxLength = 20
	if text := golden.Must(m.Text(t.Context(), x))(t); text != g.Text {
		t.Errorf("%q, want %q", text, g.Text)
	}
}

// Sounds too short for a frame have no text; the shortest that has one, silence, and very long ones do no harm.
func TestOddSounds(t *testing.T) {
	m := tiny(t, kernel.F32)
	for _, n := range []int{0, 1, 100, 399} {
		if tokens := golden.Must(m.greedy(t.Context(), make([]float32, n), 20))(t); tokens != nil {
			t.Errorf("%d samples: %v", n, tokens)
		}
	}
	for _, n := range []int{400, 560, 16000} {
		golden.Must(m.Text(t.Context(), make([]float32, n)))(t)
	}
	if _, err := m.Text(t.Context(), make([]float32, 30*SampleRate)); err == nil {
		t.Error("30 s where the model takes 24: no error")
	}
}
