package kernel

import (
	"math"
	"testing"
)

// quantized64 returns the row as Int8 sees it: its integers and its scale.
func quantized64(x []float32) (q []int8, scale float64) {
	q = make([]int8, len(x))
	var top float64
	for _, v := range x {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return q, math.NaN()
		}
		top = max(top, math.Abs(float64(v)))
	}
	if top < leastInt8 {
		return q, 0
	}
	inverse := 127 / float32(top)
	for i, v := range x {
		q[i] = int8(math.RoundToEven(float64(v * inverse)))
	}
	return q, float64(float32(top) / 127)
}

// runInt8 checks a case of Gemm with int8 weights against exact integers and float64.
func (c gemmCase) runInt8(t *testing.T, x, w []float32) {
	t.Helper()
	m, n, k := c.m, c.n, c.k
	r := newRand()
	res := randoms(r, m*n)
	xs, _ := strided(t, rowsOf(x, m, k), k+c.padX)
	ldd := n + c.padD
	dst, check := strided(t, rowsOf(res, m, n), ldd)
	ep := Epilogue{Act: c.act}
	if c.bias {
		ep.Bias, _ = guarded(t, randoms(r, n))
	}
	switch c.residual {
	case 1:
		ep.Residual, _ = strided(t, rowsOf(res, m, n), ldd)
	case 2:
		ep.Residual = dst
	}
	Gemm(dst, ldd, xs, k+c.padX, m, PackAs(Int8, w, n, k), ep)
	check()
	qw, sw := make([][]int8, n), make([]float64, n)
	for j := range n {
		qw[j], sw[j] = quantized64(w[j*k : (j+1)*k])
	}
	for i := range m {
		qx, sx := quantized64(x[i*k : (i+1)*k])
		for j := range n {
			var sum int64
			for l, v := range qx {
				sum += int64(v) * int64(qw[j][l])
			}
			s := float64(sum) * sx * sw[j]
			size := math.Abs(s)
			if ep.Bias != nil {
				s += float64(ep.Bias[j])
				size += math.Abs(float64(ep.Bias[j]))
			}
			s, bound := finish64(c.act, s, 6*u*size)
			if c.residual > 0 {
				s += float64(res[i*n+j])
				bound += 3 * u * (math.Abs(s) + math.Abs(float64(res[i*n+j])))
			}
			if got := dst[i*ldd+j]; !within(got, s, bound+1e-37) {
				t.Fatalf("%+v: [%d, %d] = %g, want %g, error %g, bound %g", c, i, j, got, s, float64(got)-s, bound)
			}
		}
	}
}

func TestInt8EveryHeightAndWidth(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		r := newRand()
		for m := 0; m <= 17; m++ {
			for _, n := range []int{0, 1, 15, 16, 17, 31, 32, 33, 64, 65} {
				c := gemmCase{m: m, n: n, k: 1 + r.IntN(40), padX: r.IntN(5), padD: r.IntN(5), bias: m%2 == 0, residual: (m + n) % 3}
				c.runInt8(t, randoms(r, m*c.k), randoms(r, n*c.k))
			}
		}
	})
}
