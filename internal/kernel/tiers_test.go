package kernel

// Comparison policy, by class of operation:
//
//   - moves and operations rounded once (add, mul, scale, shift, relu, max, pack): bit-identical in every tier;
//   - axpy: FMA rounds once, plain Go twice: within one rounding of the product and one of the sum;
//   - accumulations (dot, sums, products, convolution): |got - exact| <= (n+4) u * sum of magnitudes, exact in float64;
//   - functions (exp, activations, softmax, norms): the error that their documentation states, against float64.
//
// Lengths straddle every vector width and unrolled body; slices lie between guard bands at odd offsets.

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/parley-go/parley/internal/cpu"
)

// u is the rounding unit of float32.
const u = 1.0 / (1 << 24)

var lengths = []int{
	0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 23, 24, 25, 31, 32, 33, 47, 48, 49, 63, 64, 65, 79, 80, 95, 96, 97, 127, 128, 129, 255, 257,
}

// pastOneCall is a length that takes two calls of the assembly.
const pastOneCall = 1<<14 + 3

// eachTier runs test once per tier that this machine and build have.
func eachTier(t *testing.T, test func(t *testing.T)) {
	defer use(cpu.Current())
	for _, tier := range cpu.Tiers() {
		use(tier)
		t.Run(tier.String(), test)
	}
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(7, 11)) }

// randoms returns n normal deviates.
func randoms(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

const (
	guard  = 67
	canary = 0x7fc12345 // a NaN: reading it by mistake spoils the result
)

// guarded returns a copy of x at an odd offset between guard bands, and a check that the bands are untouched.
func guarded(t *testing.T, x []float32) (copied []float32, check func()) {
	t.Helper()
	all := make([]float32, len(x)+2*guard)
	for i := range all {
		all[i] = math.Float32frombits(canary)
	}
	copied = all[guard : guard+len(x) : guard+len(x)]
	copy(copied, x)
	return copied, func() {
		t.Helper()
		for i, v := range all {
			if (i < guard || i >= guard+len(x)) && math.Float32bits(v) != canary {
				t.Fatalf("length %d: wrote at %d, outside", len(x), i-guard)
			}
		}
	}
}

// sameBits fails unless the slices are identical; NaN equals NaN.
func sameBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) && (got[i] == got[i] || want[i] == want[i]) {
			t.Fatalf("%s, length %d: [%d] = %g, want %g", what, len(want), i, got[i], want[i])
		}
	}
}

// within reports whether got is want up to bound; NaN and infinities must be equal.
func within(got float32, want, bound float64) bool {
	g := float64(got)
	if math.IsNaN(want) || math.IsNaN(g) {
		return math.IsNaN(want) && math.IsNaN(g)
	}
	if math.IsInf(want, 0) || math.IsInf(g, 0) {
		return g == float64(float32(want))
	}
	return math.Abs(g-want) <= bound
}
