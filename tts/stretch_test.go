package tts

import (
	"slices"
	"testing"

	"github.com/parley-go/parley/internal/tensor"
)

// line returns frames whose values are their places.
func line(n int) (tensor.Mat, []float32) {
	mel, f0 := tensor.New(n, 2), make([]float32, n)
	for t := range n {
		mel.Row(t)[0], mel.Row(t)[1], f0[t] = float32(t), -float32(t), 100+float32(t)
	}
	return mel, f0
}

func TestStretchInterpolates(t *testing.T) {
	for _, speed := range []float64{1, 1.25, 1.6, 1.68, 2, 3.7} {
		for _, n := range []int{1, 2, 16, 37, 547} {
			mel, f0 := line(n)
			var s stretch
			s.start(speed)
			var values, pitch []float32
			for at := 0; at < n; at += 5 {
				end := min(at+5, n)
				m, f := s.push(mel.Slice(at, end), f0[at:end])
				values, pitch = append(values, m.Data...), append(pitch, f...)
			}
			if len(pitch) != stretched(n, speed) || len(values) != 2*len(pitch) {
				t.Fatalf("speed %v: %d frames of %d, want %d", speed, len(pitch), n, stretched(n, speed))
			}
			want := make([]float32, len(pitch))
			for k := range want {
				want[k] = float32(float64(k) * speed)
				near(t, "mel", values[2*k:2*k+2], []float32{want[k], -want[k]}, 1e-5)
				near(t, "f0", pitch[k:k+1], []float32{100 + want[k]}, 1e-5)
			}
		}
	}
}

func TestStretchKeepsVoicing(t *testing.T) {
	mel, _ := line(4)
	var s stretch
	s.start(1.25)
	_, f0 := s.push(mel, []float32{0, 200, 100, 0})
	if want := []float32{0, 175, 0}; !slices.Equal(f0, want) { // places 0, 1.25, 2.5
		t.Errorf("F0 %v, want %v", f0, want)
	}
}
