package kernel

import "math"

var negInf = float32(math.Inf(-1))

// Constants of exp. ln2Hi has few enough bits that n*ln2Hi is exact for every exponent n.
const (
	expMax  = 88.72284  // above: +Inf
	expMin  = -87.33654 // below: 0, as no result would be normal
	geluMin = -80       // the same where exp is multiplied by Q and x
	log2E   = 1.44269504
	ln2Hi   = 0.693359375
	ln2Lo   = -2.12194440e-4
	// exp(r) ~ 1 + r + r² (p2 + p3 r + p4 r² + p5 r³ + p6 r⁴) on |r| <= ln(2)/2: least relative error, 3e-9 before rounding.
	expP2 = 0.5
	expP3 = 0.16666518
	expP4 = 0.041666206
	expP5 = 0.00836889
	expP6 = 0.0013950489
)

// erfcPoly is Q in erfc(z) ~ t Q(t) exp(-z²), t = 1/(1 + 0.3 z), z >= 0, lowest coefficient first: the form of Abramowitz and
// Stegun 7.1.26, fitted for least relative error (2e-8 before rounding) on 0 <= z <= 9.6.
var erfcPoly = [...]float32{
	0.16918917, 0.17069827, 0.14844349, 0.21456924, -0.09390776, 0.5467541, -0.51151127, 0.4852228, -0.12945811,
}

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
	n, r := splitExp(x)
	half := int32(n) >> 1 // 2^n in two steps: n reaches 128
	return (expm1Reduced(r) + 1) * pow2(half) * pow2(int32(n)-half)
}

// splitExp writes x = n ln 2 + r with |r| <= ln(2)/2.
func splitExp(x float32) (n, r float32) {
	n = roundEven(x * log2E)
	return n, x - n*ln2Hi - n*ln2Lo
}

// expm1Reduced returns exp(r) - 1 for |r| <= ln(2)/2.
func expm1Reduced(r float32) float32 {
	return r*r*(expP2+r*(expP3+r*(expP4+r*(expP5+r*expP6)))) + r
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

// sumExpGeneric returns the sum of exp(x - top).
func sumExpGeneric(x []float32, top float32) float32 {
	var s float32
	for _, v := range x {
		s += exp1(v - top)
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

// gelu1 is x Φ(x), Φ(x) = erfc(-x/√2)/2.
func gelu1(x float32) float32 {
	t := 1 / (1 + 0.3/math.Sqrt2*float32(math.Abs(float64(x))))
	q := erfcPoly[8]*t + erfcPoly[7]
	q = ((q*t+erfcPoly[6])*t+erfcPoly[5])*t + erfcPoly[4]
	q = (((q*t+erfcPoly[3])*t+erfcPoly[2])*t+erfcPoly[1])*t + erfcPoly[0]
	y := float32(0) // Φ(-|x|)
	if v := -0.5 * (x * x); !(v < geluMin) {
		y = 0.5 * q * t * exp1(v)
	}
	if x >= 0 {
		y = 1 - y
	}
	return x * y
}

func geluTanh1(x float32) float32 {
	const linear, cubic = -1.5957691216, -1.5957691216 * 0.044715 // -2 sqrt(2/π)
	return x / (1 + exp1(x*(linear+cubic*(x*x))))
}

// tanh1 is m / (m + 2) with m = exp(2x) - 1 = 2^n (exp(r) - 1) + (2^n - 1).
func tanh1(x float32) float32 {
	if x != x {
		return x
	}
	n, r := splitExp(min(max(2*x, -40), 40))
	s := pow2(int32(n))
	m := s*expm1Reduced(r) + (s - 1)
	return m / (m + 2)
}
