package audio

import (
	"math"
	"math/cmplx"
	"testing"
)

func TestSTFTReconstruction(t *testing.T) {
	for _, size := range [][2]int{{400, 100}, {400, 200}, {1024, 256}, {1024, 512}, {16, 4}, {1200, 300}} {
		s := NewSTFT(size[0], size[1])
		for _, n := range []int{0, 1, 2, 99, 1000, 5001} {
			x := (&endless{seed: 3}).take(n)
			spec := s.Forward(x)
			if len(spec) != s.Frames(n)*s.Bins() {
				t.Errorf("%v: %d samples make %d values", size, n, len(spec))
			}
			y := s.Inverse(spec, n)
			if len(y) != n || maxDiff(x, y) > 1e-6 {
				t.Errorf("%v: %d samples come back as %d, maximal difference %g", size, n, len(y), maxDiff(x, y))
			}
		}
	}
}

// TestSTFTAnalyze compares with the sum that defines the transform.
func TestSTFTAnalyze(t *testing.T) {
	const n = 40
	s := NewSTFT(n, 10)
	x := (&endless{seed: 5}).take(n)
	got := make([]complex128, s.Bins())
	s.Analyze(got, x)
	w := Hann(n)
	for k, v := range got {
		var want complex128
		for i := range n {
			want += complex(w[i]*float64(x[i]), 0) * cmplx.Exp(complex(0, -2*math.Pi*float64(k*i)/n))
		}
		if cmplx.Abs(v-want) > 1e-12 {
			t.Errorf("bin %d: got %v, want %v", k, v, want)
		}
	}
}

// TestSTFTStreaming checks that Synthesize frame by frame is Inverse.
func TestSTFTStreaming(t *testing.T) {
	s := NewSTFT(64, 16)
	x := (&endless{seed: 9}).take(1000)
	spec := s.Forward(x)
	want := s.Inverse(spec, len(x))
	var got []float32
	for i := range s.Frames(len(x)) {
		got = s.Synthesize(got, spec[i*s.Bins():(i+1)*s.Bins()])
		if len(got) != (i+1)*16 {
			t.Fatalf("%d samples after %d frames", len(got), i+1)
		}
	}
	if d := maxDiff(got[64-16:], want); d != 0 {
		t.Errorf("differs by %g", d)
	}
}

func TestSTFTAllocs(t *testing.T) {
	s := NewSTFT(1024, 256)
	x := (&endless{}).take(1024)
	spec, dst := make([]complex128, s.Bins()), make([]float32, 0, 256)
	if n := testing.AllocsPerRun(20, func() {
		s.Analyze(spec, x)
		s.Synthesize(dst[:0], spec)
	}); n > 0 {
		t.Errorf("%g allocations a frame", n)
	}
}

func BenchmarkSTFT(b *testing.B) {
	s := NewSTFT(1024, 256)
	x := (&endless{}).take(1024)
	spec, dst := make([]complex128, s.Bins()), make([]float32, 0, 256)
	for b.Loop() {
		s.Analyze(spec, x)
		s.Synthesize(dst[:0], spec)
	}
}
