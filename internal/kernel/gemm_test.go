package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// product64 returns x (M, K) w (N, K)ᵀ + bias in float64 and the sums of magnitudes.
func product64(x []float32, ldx int, w, bias []float32, m, n, k int) (want, size []float64) {
	want, size = make([]float64, m*n), make([]float64, m*n)
	for i := range m {
		for j := range n {
			var s, a float64
			for l := range k {
				p := float64(x[i*ldx+l]) * float64(w[j*k+l])
				s, a = s+p, a+math.Abs(p)
			}
			if bias != nil {
				s, a = s+float64(bias[j]), a+math.Abs(float64(bias[j]))
			}
			want[i*n+j], size[i*n+j] = s, a
		}
	}
	return want, size
}

// strided returns rows of cols values, stride apart, between guard bands; the gaps hold NaN.
func strided(t *testing.T, rows [][]float32, stride int) (m []float32, check func()) {
	t.Helper()
	if len(rows) == 0 {
		return guarded(t, nil)
	}
	cols := len(rows[0])
	flat := make([]float32, (len(rows)-1)*stride+cols)
	for i := range flat {
		flat[i] = math.Float32frombits(canary)
	}
	for i, row := range rows {
		copy(flat[i*stride:], row)
	}
	m, bands := guarded(t, flat)
	return m, func() {
		t.Helper()
		bands()
		for i, v := range m {
			if i%stride >= cols && math.Float32bits(v) != canary {
				t.Fatalf("wrote between rows at %d", i)
			}
		}
	}
}

func rowsOf(x []float32, rows, cols int) [][]float32 {
	out := make([][]float32, rows)
	for i := range out {
		out[i] = x[i*cols : (i+1)*cols]
	}
	return out
}

// gemmCase is one call of Gemm with everything that may vary.
type gemmCase struct {
	precision           Precision // F32 or BF16
	m, n, k, padX, padD int
	bias                bool
	residual            int // 0 none, 1 apart, 2 dst itself
	act                 Act
}

func (c gemmCase) run(t *testing.T, r *rand.Rand) {
	t.Helper()
	m, n, k := c.m, c.n, c.k
	xr, w, res := randoms(r, m*k), randoms(r, n*k), randoms(r, m*n)
	if c.precision == BF16 {
		w = rounded(w)
	}
	x, _ := strided(t, rowsOf(xr, m, k), k+c.padX)
	ldd := n + c.padD
	dst, check := strided(t, rowsOf(res, m, n), ldd)
	var ep Epilogue
	ep.Act = c.act
	if c.bias {
		ep.Bias, _ = guarded(t, randoms(r, n))
	}
	switch c.residual {
	case 1:
		ep.Residual, _ = strided(t, rowsOf(res, m, n), ldd)
	case 2:
		ep.Residual = dst
	}
	Gemm(dst, ldd, x, k+c.padX, m, PackAs(c.precision, w, n, k), ep)
	check()
	if c.precision == BF16 && useAMX && m >= amxLeast {
		xr = rounded(xr)
	}
	want, size := product64(xr, k, w, ep.Bias, m, n, k)
	for i := range m {
		for j := range n {
			s, bound := want[i*n+j], float64(k+6)*u*size[i*n+j]
			s, bound = finish64(c.act, s, bound)
			if c.residual > 0 {
				s += float64(res[i*n+j])
				bound += 2 * u * (math.Abs(s) + math.Abs(float64(res[i*n+j])))
			}
			if got := dst[i*ldd+j]; !within(got, s, bound) {
				t.Fatalf("%+v: [%d, %d] = %g, want %g, error %g, bound %g", c, i, j, got, s, float64(got)-s, bound)
			}
		}
	}
}

// finish64 applies an activation to a value known up to bound. No slope of the activations exceeds 1.13.
func finish64(a Act, s, bound float64) (float64, float64) {
	y := s
	switch a {
	case None:
		return s, bound
	case ReLU:
		return max(s, 0), bound
	case GELU:
		y = s * phi(s)
	case GELUTanh:
		y = s / (1 + math.Exp(-2*math.Sqrt(2/math.Pi)*(s+0.044715*s*s*s)))
	case SiLU:
		y = s / (1 + math.Exp(-s))
	case Tanh:
		y = math.Tanh(s)
	case Sigmoid:
		y = 1 / (1 + math.Exp(-s))
	}
	return y, 1.13*bound + 8*u*math.Abs(s) + 8*u*math.Abs(y)
}

func TestGemmEveryHeightAndWidth(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		r := newRand()
		for m := 0; m <= 30; m++ {
			for _, n := range []int{0, 1, 15, 16, 17, 31, 32, 33, 64, 65} {
				gemmCase{m: m, n: n, k: 1 + r.IntN(40), padX: r.IntN(5), padD: r.IntN(5), bias: m%2 == 0, residual: (m + n) % 3}.run(t, r)
			}
		}
	})
}

func TestGemmEveryDepth(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		r := newRand()
		for _, k := range append(lengths, 256, 511, 512, 513, 1025) {
			for _, m := range []int{1, 2, 3, 5, 14} {
				gemmCase{m: m, n: 37, k: k, padX: 3, bias: true, residual: k % 3}.run(t, r)
			}
		}
	})
}

func TestGemmEpilogues(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		r := newRand()
		for act := None; act <= Sigmoid; act++ {
			for residual := range 3 {
				for _, bias := range []bool{false, true} {
					gemmCase{m: 5, n: 70, k: 300, padD: 3, bias: bias, residual: residual, act: act}.run(t, r)
				}
			}
		}
	})
}

// TestGemmParallel is large enough for several row blocks, groups of panels and threads.
func TestGemmParallel(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		r := newRand()
		gemmCase{m: 230, n: 70, k: 600, bias: true, residual: 2, act: GELU}.run(t, r)
		gemmCase{m: 1, n: 2000, k: 500, bias: true, act: SiLU}.run(t, r)
		gemmCase{m: 300, n: 40, k: 520, residual: 1}.run(t, r)
	})
}

func TestGemmPropagatesNaN(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		const m, n, k = 15, 33, 9
		x, w, dst := randoms(newRand(), m*k), randoms(newRand(), n*k), make([]float32, m*n)
		x[7*k+3], w[20*k+4] = nan, nan
		Gemm(dst, n, x, k, m, Pack(w, n, k), Epilogue{Act: GELU})
		for i, v := range dst {
			if want := i/n == 7 || i%n == 20; (v != v) != want {
				t.Fatalf("[%d, %d] = %g", i/n, i%n, v)
			}
		}
	})
}

func TestPackIsExact(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for _, n := range lengths {
			for _, k := range []int{1, 7, 8, 9, 16, 41} {
				w := randoms(newRand(), n*k)
				p := Pack(w, n, k)
				if p.N() != n || p.K() != k {
					t.Fatalf("shape (%d, %d), want (%d, %d)", p.N(), p.K(), n, k)
				}
				for j := range (n + panelCols - 1) / panelCols * panelCols {
					for i := range k {
						want := float32(0)
						if j < n {
							want = w[j*k+i]
						}
						if got := p.panel(j / panelCols)[i*panelCols+j%panelCols]; got != want {
							t.Fatalf("(%d, %d): w[%d, %d] = %g, want %g", n, k, j, i, got, want)
						}
					}
				}
			}
		}
	})
}

func TestNothingToSum(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for _, m := range []int{1, 2, 20} {
			const n = 40
			dst, bias := randoms(newRand(), m*n), randoms(newRand(), n)
			Gemm(dst, n, nil, 100, m, Pack(nil, n, 0), Epilogue{Bias: bias})
			for i := range m {
				sameBits(t, "Gemm with K = 0", dst[i*n:(i+1)*n], bias)
			}
		}
	})
}
