package kernel

import (
	"math"
	"testing"
)

var (
	inf = float32(math.Inf(1))
	nan = float32(math.NaN())
)

// specials returns n values among which are NaN, infinities, zeros and tiny and huge numbers.
func specials(n int) []float32 {
	x := randoms(newRand(), n)
	for i, v := range []float32{nan, inf, -inf, 0, float32(math.Copysign(0, -1)), 1e-40, -3e38} {
		if j := i * 3; j < n {
			x[j] = v
		}
	}
	return x
}

func TestRoundedOnce(t *testing.T) {
	for _, op := range []struct {
		name      string
		got, want func(dst, x []float32)
	}{
		{"Add", Add, addGeneric},
		{"Mul", Mul, mulGeneric},
		{"Scale", func(d, _ []float32) { Scale(d, 1.7) }, func(d, _ []float32) { scaleGeneric(d, 1.7) }},
		{"shift", func(d, _ []float32) { shift(d, 1.7) }, func(d, _ []float32) { shiftGeneric(d, 1.7) }},
		{"ReLU", func(d, _ []float32) { Activate(ReLU, d) }, func(d, _ []float32) { activateGeneric(ReLU, d) }},
	} {
		eachTier(t, func(t *testing.T) {
			r := newRand()
			for _, n := range lengths {
				for _, x := range [][]float32{randoms(r, n), specials(n)} {
					d := randoms(r, n)
					if op.name == "ReLU" {
						copy(d, x)
					}
					want := append([]float32(nil), d...)
					got, check := guarded(t, d)
					in, _ := guarded(t, x)
					op.got(got, in)
					op.want(want, x)
					check()
					sameBits(t, op.name, got, want)
					alias, want := append([]float32(nil), x...), append([]float32(nil), x...)
					op.got(alias, alias)
					op.want(want, want)
					sameBits(t, op.name+" on itself", alias, want)
				}
			}
		})
	}
}

func TestMaxOf(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for _, n := range lengths {
			x := randoms(newRand(), n)
			for i := range x {
				x[i] -= 10 // a lane of zeros must not win
			}
			x, _ = guarded(t, x)
			sameBits(t, "maxOf", []float32{maxOf(x)}, []float32{maxOfGeneric(x)})
			for i := range x {
				y := append([]float32(nil), x...)
				y[i] = 5
				y[(i*7+1)%n] = nan
				want := maxOfGeneric(y)
				sameBits(t, "maxOf with NaN", []float32{maxOf(y)}, []float32{want})
			}
		}
	})
}

func TestAxpy(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		r := newRand()
		for _, n := range lengths {
			d, x := randoms(r, n), randoms(r, n)
			got, check := guarded(t, d)
			in, _ := guarded(t, x)
			Axpy(got, 1.3, in)
			check()
			for i := range d {
				p := float64(float32(1.3)) * float64(x[i])
				if want := float64(d[i]) + p; !within(got[i], want, 2*u*(math.Abs(p)+math.Abs(want))) {
					t.Fatalf("length %d: [%d] = %g, want %g", n, i, got[i], want)
				}
			}
			Axpy(got, inf, in)
			for i := range got {
				if want := inf * x[i]; got[i] != want {
					t.Fatalf("infinite factor: [%d] = %g, want %g", i, got[i], want)
				}
			}
		}
	})
}

func TestSums(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		r := newRand()
		for _, n := range append(lengths, 1000, 40000) { // beyond one assembly call
			x, _ := guarded(t, randoms(r, n))
			y, _ := guarded(t, randoms(r, n))
			var dotWant, dotSize, sumWant, sumSize, squares float64
			mean := float32(0.25)
			for i := range x {
				p := float64(x[i]) * float64(y[i])
				dotWant, dotSize = dotWant+p, dotSize+math.Abs(p)
				sumWant, sumSize = sumWant+float64(x[i]), sumSize+math.Abs(float64(x[i]))
				squares += (float64(x[i]) - 0.25) * (float64(x[i]) - 0.25)
			}
			bound := float64(n+4) * u
			if got := Dot(x, y); !within(got, dotWant, bound*dotSize) {
				t.Errorf("Dot, length %d: %g, want %g", n, got, dotWant)
			}
			if got := sum(x); !within(got, sumWant, bound*sumSize) {
				t.Errorf("sum, length %d: %g, want %g", n, got, sumWant)
			}
			if got := sumSquares(x, mean); !within(got, squares, bound*squares) {
				t.Errorf("sumSquares, length %d: %g, want %g", n, got, squares)
			}
			for _, special := range []float32{nan, inf} {
				for i := 0; i < n; i += 1 + n/40 {
					old := x[i]
					x[i] = special
					if got := Dot(x, y); !math.IsNaN(float64(special)) && y[i] != 0 && !math.IsInf(float64(got), 0) ||
						math.IsNaN(float64(special)) && got == got {
						t.Errorf("Dot with %g at %d of %d = %g", special, i, n, got)
					}
					x[i] = old
				}
			}
		}
	})
}

func TestShapesPanic(t *testing.T) {
	three, four := make([]float32, 3), make([]float32, 4)
	for name, f := range map[string]func(){
		"Dot":       func() { Dot(three, four) },
		"Axpy":      func() { Axpy(four, 1, three) },
		"Add":       func() { Add(four, three) },
		"Mul":       func() { Mul(three, four) },
		"Activate":  func() { Activate(Act(99), four) },
		"LayerNorm": func() { LayerNorm(four, four, three, nil, 1) },
		"RMSNorm":   func() { RMSNorm(four, four, three, 1) },
		"Pack":      func() { Pack(four, 3, 1) },
		"Gemm dst":  func() { Gemm(three, 2, four, 2, 2, Pack(four, 2, 2), Epilogue{}) },
		"Gemm ldd":  func() { Gemm(four, 1, four, 2, 2, Pack(four, 2, 2), Epilogue{}) },
		"Gemm x":    func() { Gemm(four, 2, three, 2, 2, Pack(four, 2, 2), Epilogue{}) },
		"Gemm bias": func() { Gemm(four, 2, four, 2, 2, Pack(four, 2, 2), Epilogue{Bias: three}) },
		"Gemm act":  func() { Gemm(four, 2, four, 2, 2, Pack(four, 2, 2), Epilogue{Act: -1}) },
		"Depthwise": func() { DepthwiseConv1d(0, four, four, 2, 2, four, 2, nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
