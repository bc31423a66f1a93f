package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

func randoms(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func TestGemmQuick(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		m, n, k := r.IntN(40), r.IntN(100), r.IntN(600)
		x, w, b, res := randoms(r, m*k), randoms(r, n*k), randoms(r, n), randoms(r, m*n)
		dst := make([]float32, m*n)
		Gemm(dst, n, x, k, m, Pack(w, n, k), Epilogue{b, SiLU, res})
		nn := make([]float32, m*n)
		MatMulNT(nn, n, x, k, w, k, m, n, k, 0.5)
		for i := range m {
			for j := range n {
				s := 0.0
				for l := range k {
					s += float64(x[i*k+l]) * float64(w[j*k+l])
				}
				if math.Abs(s/2-float64(nn[i*n+j])) > 1e-3 {
					t.Fatal("nt", m, n, k, s/2, nn[i*n+j])
				}
				s += float64(b[j])
				s = s/(1+math.Exp(-s)) + float64(res[i*n+j])
				if math.Abs(s-float64(dst[i*n+j])) > 1e-3 {
					t.Fatal(m, n, k, s, dst[i*n+j])
				}
			}
		}
	}
}
