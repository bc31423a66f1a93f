package kernel

import "math"

var negInf = float32(math.Inf(-1))

// Constants of exp. ln2Hi has few enough bits that n*ln2Hi is exact for every exponent n.
const (
	expMax = 88.72284  // above: +Inf
	expMin = -87.33654 // below: 0
	log2E  = 1.44269504
	ln2Hi  = 0.693359375
	ln2Lo  = -2.12194440e-4
	// exp(r) ~ 1 + r + r² (p2 + p3 r + p4 r² + p5 r³ + p6 r⁴) on |r| <= ln(2)/2: minimax fit.
	expP2 = 0.5
	expP3 = 0.16666667
	expP4 = 0.041666668
	expP5 = 0.008333334
	expP6 = 0.0013888889
)

// exp1 returns exp(x).
func exp1(x float32) float32 {
	switch {
	case x != x:
		return x
	case x > expMax:
		return float32(math.Inf(1))
	case x < expMin:
		return 0
	}
	n := roundEven(x * log2E)
	r := x - n*ln2Hi - n*ln2Lo
	p := r*r*(expP2+r*(expP3+r*(expP4+r*(expP5+r*expP6)))) + r
	half := int32(n) >> 1 // 2^n in two steps: n reaches 128
	return (p + 1) * pow2(half) * pow2(int32(n)-half)
}

// roundEven rounds to the nearest integer; |x| < 2^22.
func roundEven(x float32) float32 {
	const magic = 3 << 22
	return float32(x+magic) - magic
}

func pow2(n int32) float32 { return math.Float32frombits(uint32(n+127) << 23) }

func expGeneric(x []float32) {
	for i, v := range x {
		x[i] = exp1(v)
	}
}

// expSumGeneric replaces x by exp(x - top) and returns the sum.
func expSumGeneric(x []float32, top float32) float32 {
	var s float32
	for i, v := range x {
		x[i] = exp1(v - top)
		s += x[i]
	}
	return s
}

// sumExpGeneric returns the sum of exp(x).
func sumExpGeneric(x []float32) float32 {
	var s float32
	for _, v := range x {
		s += exp1(v)
	}
	return s
}

func activateGeneric(a Act, x []float32) {
	switch a {
	case ReLU:
		for i, v := range x {
			if v < 0 {
				x[i] = 0
			}
		}
	case GELU:
		for i, v := range x {
			x[i] = gelu1(v)
		}
	case GELUTanh:
		for i, v := range x {
			x[i] = geluTanh1(v)
		}
	case SiLU:
		for i, v := range x {
			x[i] = v / (1 + exp1(-v))
		}
	case Tanh:
		for i, v := range x {
			x[i] = tanh1(v)
		}
	case Sigmoid:
		for i, v := range x {
			x[i] = 1 / (1 + exp1(-v))
		}
	}
}

func gelu1(x float32) float32 {
	return x * 0.5 * float32(1+math.Erf(float64(x)*math.Sqrt2/2))
}

func geluTanh1(x float32) float32 {
	const a, b = 1.5957691, 0.044715 // 2 sqrt(2/π)
	return x / (1 + exp1(-a*(x+b*x*x*x)))
}

func tanh1(x float32) float32 { return float32(math.Tanh(float64(x))) }
