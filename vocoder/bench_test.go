package vocoder

import (
	"math"
	"testing"

	"github.com/parley-go/parley/internal/tensor"
)

// BenchmarkHarmonic makes a second of voiced sound with a network of the size of the default voice's; x/real-time is how much
// faster than speech that is.
func BenchmarkHarmonic(b *testing.B) {
	h, err := Open("../models/en/voice")
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		frames int
	}{{"chunk=1", 1}, {"chunk=8", 8}, {"chunk=32", 32}} {
		b.Run(c.name, func(b *testing.B) { benchmark(b, h, c.frames) })
	}
}

func BenchmarkGriffinLim(b *testing.B) { benchmark(b, NewGriffinLim(0), 80) }

func benchmark(b *testing.B, v Vocoder, chunk int) {
	frames := v.Rate() / v.Hop()
	mel, f0 := tensor.New(frames, v.Mels()), make([]float32, frames)
	for i := range f0 {
		f0[i] = 200
	}
	for i := range mel.Data {
		mel.Data[i] = float32(-4 + math.Sin(float64(i)))
	}
	s, dst := v.NewStream(), make([]float32, 0, 2*v.Rate())
	b.ReportAllocs()
	for b.Loop() {
		dst = dst[:0]
		for t := 0; t < frames; t += chunk {
			end := min(t+chunk, frames)
			dst = s.Push(dst, mel.Slice(t, end), f0[t:end])
		}
		if _, slow := v.(*GriffinLim); slow {
			dst = s.Flush(dst)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "x/real-time")
}
