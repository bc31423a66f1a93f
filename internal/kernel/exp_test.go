package kernel

import (
	"math"
	"testing"
)

func phi(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

// exact holds the functions in float64 and the error that the documentation allows.
var exact = []struct {
	name  string
	apply func(x []float32)
	f     func(x float64) float64
	bound func(x, y float64) float64
}{
	{"Exp", Exp, func(x float64) float64 {
		if x < float64(float32(expMin)) {
			return 0
		}
		return math.Exp(x)
	}, func(_, y float64) float64 { return 2 * u * y }},
	{"GELU", act(GELU), func(x float64) float64 { return x * phi(x) },
		func(x, _ float64) float64 { return 8*u*math.Abs(x) + 1e-33 }},
	{"GELUTanh", act(GELUTanh), func(x float64) float64 {
		return x / (1 + math.Exp(-2*math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
	}, func(x, _ float64) float64 { return 8 * u * math.Abs(x) }},
	{"SiLU", act(SiLU), func(x float64) float64 { return x / (1 + math.Exp(-x)) },
		func(_, y float64) float64 { return 4*u*math.Abs(y) + 1e-36 }},
	{"Tanh", act(Tanh), math.Tanh, func(_, y float64) float64 { return 6 * u * math.Abs(y) }},
	{"Sigmoid", act(Sigmoid), func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
		func(_, y float64) float64 { return 4*u*y + 1e-37 }},
}

func act(a Act) func([]float32) { return func(x []float32) { Activate(a, x) } }

// grid covers the interesting range densely, everything else by magnitude, and normal float32 of all kinds.
func grid() []float32 {
	var x []float32
	for v := -110.0; v < 110; v += 0.0137 {
		x = append(x, float32(v))
	}
	for v := 1e-38; v < 1e38; v *= 1.01 {
		x = append(x, float32(v), float32(-v))
	}
	for v := -3.0; v < 3; v += 0.00037 {
		x = append(x, float32(v))
	}
	for bits := uint64(0); bits < 1<<32; bits += 16411 { // every so many float32 there are
		if v := math.Float32frombits(uint32(bits)); v-v == 0 && (v > 1e-37 || v < -1e-37) {
			x = append(x, v)
		}
	}
	return append(x, 0, 88.72283, 88.72284, -87.33654, -87.33655)
}

func TestFunctionsAgainstFloat64(t *testing.T) {
	x := grid()
	for _, e := range exact {
		eachTier(t, func(t *testing.T) {
			got := append([]float32(nil), x...)
			e.apply(got)
			worst := 0.0
			for i, v := range x {
				want := e.f(float64(v))
				bound := e.bound(float64(v), want)
				if math.Abs(want) > math.MaxFloat32 {
					want = math.Copysign(math.Inf(1), want)
				}
				if !within(got[i], want, bound) {
					t.Fatalf("%s(%g) = %g, want %g: error %g, bound %g", e.name, v, got[i], want, float64(got[i])-want, bound)
				}
				if bound > 0 && !math.IsInf(want, 0) {
					worst = max(worst, math.Abs(float64(got[i])-want)/bound)
				}
			}
			t.Logf("%s: worst error %.2f of the bound", e.name, worst)
		})
	}
}

func TestFunctionLengths(t *testing.T) {
	for _, e := range exact {
		eachTier(t, func(t *testing.T) {
			for _, n := range append(lengths, pastOneCall) {
				x := randoms(newRand(), n)
				got, check := guarded(t, x)
				e.apply(got)
				check()
				for i, v := range x {
					want := e.f(float64(v))
					if !within(got[i], want, e.bound(float64(v), want)) {
						t.Fatalf("%s, length %d: [%d] = %g, want %g", e.name, n, i, got[i], want)
					}
				}
			}
		})
	}
}

func TestFunctionSpecials(t *testing.T) {
	for _, c := range []struct {
		name        string
		apply       func([]float32)
		below, over float32 // at -Inf and +Inf
	}{
		{"Exp", Exp, 0, inf}, {"ReLU", act(ReLU), 0, inf}, {"Tanh", act(Tanh), -1, 1}, {"Sigmoid", act(Sigmoid), 0, 1},
		{"GELU", act(GELU), nan, inf}, {"GELUTanh", act(GELUTanh), nan, inf}, {"SiLU", act(SiLU), nan, inf}, // as x*0
	} {
		eachTier(t, func(t *testing.T) {
			for _, n := range []int{3, 8, 16, 19, 64} {
				x := make([]float32, n)
				x[0], x[1], x[n-1] = nan, -inf, inf
				c.apply(x)
				sameBits(t, c.name, []float32{x[0], x[1], x[n-1]}, []float32{nan, c.below, c.over})
			}
		})
	}
}

func TestSoftmax(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for _, n := range append(lengths[1:], 51865) {
			x := randoms(newRand(), n)
			Scale(x, 5)
			for i := range x {
				if i%5 == 2 {
					x[i] = -inf
				}
				x[i] += 300 // overflows without the maximum
			}
			got, check := guarded(t, x)
			logs, checkLogs := guarded(t, x)
			Softmax(got)
			LogSoftmax(logs)
			check()
			checkLogs()
			total := 0.0
			for _, v := range x {
				total += math.Exp(float64(v) - 300)
			}
			if want := 300 + math.Log(total); !within(LogSumExp(x), want, (float64(n)*u+8*u)+4*u*want) {
				t.Fatalf("LogSumExp, length %d: %g, want %g", n, LogSumExp(x), want)
			}
			for i, v := range x {
				want := math.Exp(float64(v)-300) / total
				if !within(got[i], want, (float64(n)*u+8*u)*want+1e-37) {
					t.Fatalf("Softmax, length %d: [%d] = %g, want %g", n, i, got[i], want)
				}
				lw := float64(v) - 300 - math.Log(total)
				if !within(logs[i], lw, (float64(n)*u+8*u)+4*u*math.Abs(lw)) {
					t.Fatalf("LogSoftmax, length %d: [%d] = %g, want %g", n, i, logs[i], lw)
				}
			}
			if i := n / 2; true {
				x[i] = nan
				Softmax(x)
				for j, v := range x {
					if v == v {
						t.Fatalf("Softmax with NaN at %d of %d: [%d] = %g", i, n, j, v)
					}
				}
			}
		}
	})
}
