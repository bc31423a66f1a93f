package whisper

import (
	"slices"
	"testing"

	"github.com/parley-go/parley/audio"
)

// TestQuietWindow: a short sound filled up with silence is the same sound followed by zeros, also where frames reach over its end.
func TestQuietWindow(t *testing.T) {
	m := tiny(t, "multilingual")
	window := func(clip audio.Clip, quiet bool) (rows []float32, end int) {
		s := m.newSession()
		f := s.open(clip.Source())
		if err := f.fill(t.Context(), m.config.frames()); err != nil {
			t.Fatal(err)
		}
		end = min(f.end(), m.config.frames())
		f.window(s.window(), 0, end, quiet)
		return slices.Clone(s.window().Data), end
	}
	for _, samples := range []int{16000, 16080, 16159, 32000} {
		clip := sound(2)
		clip.Samples = clip.Samples[:samples]
		got, end := window(clip, true)
		clip.Samples = append(slices.Clone(clip.Samples), make([]float32, 32000)...)
		want, _ := window(clip, false)
		n := len(got)
		if samples == 32000 { // a full window: nothing is filled up
			n = end * m.config.Mels
		}
		for i, v := range got[:n] {
			if d := v - want[i]; d > 1e-5 || d < -1e-5 {
				t.Fatalf("%d samples, frame %d of %d: %v, want %v", samples, i/m.config.Mels, end, v, want[i])
			}
		}
	}
}

// Half a minute of sound to the log-mel of a window.
func BenchmarkFeatures(b *testing.B) {
	m := tiny(b, "multilingual")
	clip, s := sweep(30), m.newSession()
	for b.Loop() {
		f := s.open(clip.Source())
		if err := f.fill(b.Context(), 30*frameRate); err != nil {
			b.Fatal(err)
		}
		f.window(s.window(), 0, m.config.frames(), false)
	}
}
