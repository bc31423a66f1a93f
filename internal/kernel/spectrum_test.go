package kernel

import (
	"math"
	"math/cmplx"
	"testing"
)

// binsOf returns |DFT| of x times window by its definition, bins 0..len/2.
func binsOf(x []float32, window []float64) []float64 {
	n := len(window)
	out, roots := make([]float64, n/2+1), make([]complex128, n)
	for i := range roots {
		roots[i] = cmplx.Rect(1, -2*math.Pi*float64(i)/float64(n))
	}
	for k := range out {
		var sum complex128
		for i, w := range window {
			sum += complex(w*float64(x[i]), 0) * roots[k*i%n]
		}
		out[k] = cmplx.Abs(sum)
	}
	return out
}

func TestFilterbank(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		r := newRand()
		for _, n := range []int{2, 4, 6, 8, 10, 14, 16, 20, 22, 24, 30, 50, 64, 100, 126, 400} {
			window := make([]float64, n)
			for i := range window {
				window[i] = 0.3 + r.Float64()
			}
			c := FilterbankConfig{Window: window, Root: n%4 == 0, Floor: 1e-300}
			if n%3 == 0 {
				c.Log = 1 / math.Ln10
			}
			for k := range n/2 + 1 { // single bins, then all, then none
				c.Bands = append(c.Bands, Band{k, []float64{1}})
			}
			all := make([]float64, n/2+1)
			for i := range all {
				all[i] = r.Float64()
			}
			c.Bands = append(c.Bands, Band{0, all}, Band{First: n / 2})
			f := NewFilterbank(c)
			for _, frames := range []int{0, 1, 3, 4, 5, 8, 9, 31, 32, 33, 70} {
				hop := 1 + r.IntN(n)
				x, _ := guarded(t, randoms(r, max(frames-1, 0)*hop+n))
				dst, check := guarded(t, make([]float32, frames*len(c.Bands)))
				f.Frames(dst, x, hop, frames)
				check()
				for i := range frames {
					compareBands(t, c, dst[i*len(c.Bands):], x[i*hop:])
				}
			}
		}
	})
}

func compareBands(t *testing.T, c FilterbankConfig, got, x []float32) {
	t.Helper()
	bins, largest := binsOf(x, c.Window), 0.0
	for _, v := range bins {
		largest = max(largest, v)
	}
	for i, b := range c.Bands {
		want := 0.0
		for j, w := range b.Weights {
			v := bins[b.First+j]
			if !c.Root {
				v *= v
			}
			want += w * v
		}
		want = max(want, c.Floor)
		bound := u*want + 1e-13*(largest+1)*(largest+1)
		if c.Log != 0 {
			bound = bound/want + u*math.Abs(math.Log(want))*3
			want = math.Log(want) * c.Log
		}
		if !within(got[i], want, bound) {
			t.Fatalf("%d samples, band %d: %g, want %g, bound %g", len(c.Window), i, got[i], want, bound)
		}
	}
}

// TestSpectrumLog covers all exponents, and the borders of the reduction.
func TestSpectrumLog(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		x := []float64{math.Sqrt2 / 2, math.Nextafter(math.Sqrt2/2, 0), 1, math.Nextafter(1, 0), math.Nextafter(1, 2), math.Sqrt2, 2, 1e-300}
		for v := 1e-300; v < 1e300; v *= 1.37 {
			x = append(x, v)
		}
		x = append(x, 0, -1, 1e-310, math.NaN(), math.Inf(1), math.Inf(-1))
		x = x[:len(x)/8*8]
		got := make([]float32, len(x))
		spectrumLog(got, x, 1e-300, 1)
		for i, v := range x {
			want := math.Log(max(v, 1e-300)) + (v - v)
			if !within(got[i], want, u*math.Abs(want)+1e-10) {
				t.Errorf("log(%g) = %g, want %g", v, got[i], want)
			}
		}
	})
}

func BenchmarkFilterbank(b *testing.B) {
	window := make([]float64, 400)
	for i := range window {
		window[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/400)
	}
	c := FilterbankConfig{Window: window, Floor: 1e-10, Log: 1}
	for m := range 80 {
		c.Bands = append(c.Bands, Band{2 * m, []float64{0.1, 0.2, 0.3, 0.2, 0.1}})
	}
	f := NewFilterbank(c)
	x, dst := randoms(newRand(), 480400), make([]float32, 3000*80)
	for b.Loop() {
		f.Frames(dst, x, 160, 3000)
	}
}
