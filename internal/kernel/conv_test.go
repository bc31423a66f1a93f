package kernel

import (
	"math"
	"testing"
)

func TestDepthwiseConv1d(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		r := newRand()
		for _, c := range []int{0, 1, 15, 16, 17, 32, 48, 50} {
			for _, steps := range []int{0, 1, 3, 4, 5, 7, 8, 9, 16, 21} {
				for _, k := range []int{1, 2, 3, 7, 15} {
					x, _ := guarded(t, randoms(r, (steps+k-1)*c))
					w, _ := guarded(t, randoms(r, k*c))
					bias, _ := guarded(t, randoms(r, c))
					if k == 3 {
						bias = nil
					}
					dst, check := guarded(t, make([]float32, steps*c))
					DepthwiseConv1d(dst, x, steps, c, w, k, bias)
					check()
					compareConv(t, dst, x, steps, c, w, k, bias)
				}
			}
		}
	})
}

func compareConv(t *testing.T, got, x []float32, steps, c int, w []float32, k int, bias []float32) {
	t.Helper()
	for i := range steps {
		for ch := range c {
			var want, size float64
			if bias != nil {
				want = float64(bias[ch])
				size = math.Abs(want)
			}
			for j := range k {
				p := float64(x[(i+j)*c+ch]) * float64(w[j*c+ch])
				want, size = want+p, size+math.Abs(p)
			}
			if g := got[i*c+ch]; !within(g, want, float64(k+4)*u*size) {
				t.Fatalf("t=%d c=%d k=%d: [%d, %d] = %g, want %g", steps, c, k, i, ch, g, want)
			}
		}
	}
}
