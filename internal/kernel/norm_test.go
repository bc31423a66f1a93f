package kernel

import (
	"math"
	"testing"
)

func TestNorms(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		r := newRand()
		for _, n := range append(lengths[1:], pastOneCall) {
			x, _ := guarded(t, randoms(r, n))
			gamma, _ := guarded(t, randoms(r, n))
			beta, _ := guarded(t, randoms(r, n))
			for i := range x {
				x[i] = 2*x[i] + 3
			}
			for _, b := range [][]float32{beta, nil} {
				dst, check := guarded(t, make([]float32, n))
				LayerNorm(dst, x, gamma, b, 1e-5)
				check()
				compareNorm(t, "LayerNorm", dst, x, gamma, b, true)
			}
			dst, check := guarded(t, make([]float32, n))
			RMSNorm(dst, x, gamma, 1e-5)
			check()
			compareNorm(t, "RMSNorm", dst, x, gamma, nil, false)
			alias := append([]float32(nil), x...)
			RMSNorm(alias, alias, gamma, 1e-5)
			sameBits(t, "RMSNorm in place", alias, dst)
			x[n-1] = nan
			LayerNorm(dst, x, gamma, beta, 1e-5)
			for i, v := range dst {
				if v == v {
					t.Fatalf("LayerNorm of a row with NaN, length %d: [%d] = %g", n, i, v)
				}
			}
		}
	})
}

func compareNorm(t *testing.T, what string, got, x, gamma, beta []float32, centred bool) {
	t.Helper()
	n := float64(len(x))
	var mean, variance float64
	for _, v := range x {
		if centred {
			mean += float64(v) / n
		}
	}
	for _, v := range x {
		variance += (float64(v) - mean) * (float64(v) - mean) / n
	}
	scale := 1 / math.Sqrt(variance+1e-5)
	for i, v := range x {
		want := (float64(v) - mean) * scale * float64(gamma[i])
		size := math.Abs(want) + (math.Abs(float64(v))+math.Abs(mean))*scale*math.Abs(float64(gamma[i]))
		if beta != nil {
			want += float64(beta[i])
		}
		if !within(got[i], want, (n+8)*u*size+4*u*math.Abs(want)) {
			t.Fatalf("%s, length %d: [%d] = %g, want %g", what, len(x), i, got[i], want)
		}
	}
}
