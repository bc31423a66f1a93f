package kernel

import (
	"math"
	"math/rand/v2"
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
					DepthwiseConv1d(0, dst, x, steps, c, w, k, bias)
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

// convCase is one call of Conv1d.
type convCase struct {
	t, n  int
	c     Conv
	ep    int // 0: bias and GELU; 1: residual in place
	extra int // rows that no result sees
}

func (v convCase) run(t *testing.T, r *rand.Rand) {
	t.Helper()
	k := v.c.Taps * v.c.In
	rows := max(v.t-1, 0)*v.c.Stride + v.c.Reach() + v.extra
	x, _ := guarded(t, randoms(r, rows*v.c.In))
	w, bias, res := randoms(r, v.n*k), randoms(r, v.n), randoms(r, v.t*v.n)
	ldd := v.n + 3
	dst, check := strided(t, rowsOf(res, v.t, v.n), ldd)
	ep := Epilogue{Bias: bias, Act: GELU}
	if v.ep == 1 {
		ep = Epilogue{Residual: dst}
	}
	Conv1d(dst, ldd, x, v.t, Pack(w, v.n, k), v.c, ep)
	check()
	for i := range v.t {
		for j := range v.n {
			var want, size float64
			for tap := range v.c.Taps {
				for ch := range v.c.In {
					p := float64(x[(i*v.c.Stride+tap*v.c.Dilation)*v.c.In+ch]) * float64(w[j*k+tap*v.c.In+ch])
					want, size = want+p, size+math.Abs(p)
				}
			}
			bound := float64(k+8) * u * (size + 4)
			if v.ep == 1 {
				want += float64(res[i*v.n+j])
			} else {
				want, bound = finish64(GELU, want+float64(bias[j]), bound)
			}
			if got := dst[i*ldd+j]; !within(got, want, bound) {
				t.Fatalf("%+v: [%d, %d] = %g, want %g", v, i, j, got, want)
			}
		}
	}
}

func TestConv1d(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		r := newRand()
		for range 60 {
			convCase{t: r.IntN(100), n: 1 + r.IntN(40), ep: r.IntN(2), extra: r.IntN(3),
				c: Conv{In: 1 + r.IntN(9), Taps: 1 + r.IntN(5), Stride: 1 + r.IntN(4), Dilation: 1 + r.IntN(5)}}.run(t, r)
		}
		convCase{t: 2500, n: 20, c: Conv{In: 130, Taps: 3, Stride: 1, Dilation: 5}}.run(t, r) // several blocks
		convCase{t: 90, n: 33, c: Conv{In: 24, Taps: 7, Stride: 2, Dilation: 3}, ep: 1}.run(t, r)
	})
}

func TestConv1dAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes sync.Pool drop values")
	}
	r := newRand()
	x, w, dst := randoms(r, 2100*32), Pack(randoms(r, 32*96), 32, 96), make([]float32, 2000*32)
	for _, dilation := range []int{1, 5} {
		c := Conv{In: 32, Taps: 3, Stride: 1, Dilation: dilation}
		if n := testing.AllocsPerRun(5, func() { Conv1d(dst, 32, x, 2000, w, c, Epilogue{}) }); n >= 1 {
			t.Errorf("dilation %d: %g allocations", dilation, n)
		}
	}
}
