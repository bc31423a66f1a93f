package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/parley-go/parley/internal/cpu"
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
			var sum int
			for l, v := range qx {
				sum += int(v) * int(qw[j][l])
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

// eachInt8 runs test once per way that this machine and build have to multiply bytes.
func eachInt8(t *testing.T, test func(t *testing.T)) {
	for _, way := range int8Ways() {
		t.Run(way.name, func(t *testing.T) {
			defer use(cpu.Current())
			way.use()
			test(t)
		})
	}
}

type int8Way struct {
	name string
	use  func()
}

// int8Ways lists every tier with all its extras, and AVX2 and NEON without.
func int8Ways() []int8Way {
	var ways []int8Way
	for _, tier := range cpu.Tiers() {
		ways = append(ways, int8Way{tier.String(), func() { use(tier) }})
		if (tier == cpu.AVX2 || tier == cpu.NEON) && cpu.Has(tier) != (cpu.Extras{}) {
			ways = append(ways, int8Way{tier.String() + " alone", func() {
				use(tier)
				useExtras(cpu.Extras{})
			}})
		}
	}
	return ways
}

// extremes returns values of which many are as large as any: in 16 bits, sums of their products saturate.
func extremes(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(max(-1, min(1, 3*r.NormFloat64()+0.5*math.Sin(float64(i/50)))))
	}
	return x
}

func TestInt8EveryHeightAndWidth(t *testing.T) {
	eachInt8(t, func(t *testing.T) {
		r := newRand()
		for _, m := range []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 17, 28, 29} {
			for _, n := range []int{0, 1, 15, 16, 17, 31, 32, 33, 64, 65} {
				c := gemmCase{m: m, n: n, k: 1 + r.IntN(40), padX: r.IntN(5), padD: r.IntN(5), bias: m%2 == 0, residual: (m + n) % 3}
				c.runInt8(t, randoms(r, m*c.k), randoms(r, n*c.k))
			}
		}
	})
}

func TestInt8EveryDepth(t *testing.T) {
	eachInt8(t, func(t *testing.T) {
		r := newRand()
		for _, k := range append(lengths, 384, 511, 512, 513, 1025) {
			for _, m := range []int{1, 3, 5, 14} {
				c := gemmCase{m: m, n: 37, k: k, padX: 3, bias: true, residual: k % 3}
				c.runInt8(t, randoms(r, m*k), randoms(r, 37*k))
				c.runInt8(t, extremes(r, m*k), extremes(r, 37*k))
			}
		}
	})
}

func TestInt8Epilogues(t *testing.T) {
	eachInt8(t, func(t *testing.T) {
		r := newRand()
		for act := None; act <= Sigmoid; act++ {
			for residual := range 3 {
				for _, bias := range []bool{false, true} {
					c := gemmCase{m: 5, n: 70, k: 300, padD: 3, bias: bias, residual: residual, act: act}
					c.runInt8(t, randoms(r, 5*300), extremes(r, 70*300))
				}
			}
		}
	})
}

func TestInt8Parallel(t *testing.T) {
	eachInt8(t, func(t *testing.T) {
		r := newRand()
		for _, c := range []gemmCase{
			{m: 230, n: 70, k: 600, bias: true, residual: 2, act: GELU}, {m: 1, n: 2000, k: 500, bias: true, act: SiLU}, {m: 5, n: 3000, k: 384, residual: 1},
		} {
			c.runInt8(t, randoms(r, c.m*c.k), randoms(r, c.n*c.k))
		}
	})
}

// TestInt8Rows has rows that are not numbers, zeros, tiny and huge, on either side.
func TestInt8Rows(t *testing.T) {
	eachInt8(t, func(t *testing.T) {
		const m, n, k = 9, 40, 70
		r := newRand()
		for _, special := range []float32{nan, float32(math.Inf(1)), float32(math.Inf(-1)), 0, 1e-40, 1e-37, 1e30} {
			for at := range 3 {
				x, w := randoms(r, m*k), randoms(r, n*k)
				for _, row := range [][]float32{x[at*k:][:k], x[7*k:][:k], w[(n-1-at)*k:][:k]} {
					if special == special && !math.IsInf(float64(special), 0) {
						Scale(row, special)
					} else {
						row[at*34] = special
					}
				}
				gemmCase{m: m, n: n, k: k, bias: true}.runInt8(t, x, w)
			}
		}
	})
}

// TestInt8Ties demands rounding to even of values half way between two integers.
func TestInt8Ties(t *testing.T) {
	eachInt8(t, func(t *testing.T) {
		x := make([]float32, 67)
		for i := range x {
			x[i] = float32(i%20) - 10.5
		}
		x[66] = 127
		q := make([]int8, len(x))
		if scale, _ := quantizeRow(q, x, 0); scale != 1 {
			t.Fatalf("scale %g", scale)
		}
		for i, v := range x {
			if want := int8(math.RoundToEven(float64(v))); q[i] != want {
				t.Fatalf("round(%g) = %d, want %d", v, q[i], want)
			}
		}
	})
}

func TestPackInt8Rows(t *testing.T) {
	eachInt8(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 32, 45} {
			for _, k := range []int{0, 1, 6, 64} {
				w := randoms(newRand(), n*k)
				q, scale := make([]int8, n*k), make([]float32, n)
				for i := range n {
					scale[i], _ = quantizeRow(q[i*k:(i+1)*k], w[i*k:(i+1)*k], 0)
				}
				a, b := PackInt8Rows(0, n, k, func(dst []int8, i int) float32 {
					copy(dst, q[i*k:(i+1)*k])
					return scale[i]
				}), PackAs(Int8, w, n, k)
				if !slices.Equal(a.q, b.q) || !slices.Equal(a.offset, b.offset) || !slices.Equal(a.scale, b.scale) {
					t.Fatalf("(%d, %d): packings differ", n, k)
				}
				if most := 1.1*float64(n*k) + 5000; float64(a.Bytes()) > most {
					t.Fatalf("(%d, %d): %d bytes", n, k, a.Bytes())
				}
			}
		}
	})
}
