package main

import "math"

// Constants of exp in registers; the functions have V28 to V31 and V6 to V15 for theirs.
const (
	nLog2e = 16
	nLn2Hi = 17
	nLn2Lo = 18
	nPoly  = 19 // to 23: of r², r³ ...
	nOne   = 24
	nBias  = 25 // the integer 127
	nMost  = 26
	nLeast = 27
)

// constant loads bits into all lanes.
func (a *neon) constant(bits uint32, v int) {
	a.line("MOVD $0x%08x, R15", bits)
	a.line("VDUP R15, V%d.S4", v)
}

func (a *neon) float(value float64, v int) { a.constant(math.Float32bits(float32(value)), v) }

// expConstants loads the constants of an exp that is 0 below least.
func (a *neon) expConstants(least float64) {
	a.float(math.Log2E, nLog2e)
	a.float(ln2Hi, nLn2Hi)
	a.float(ln2Lo, nLn2Lo)
	for i, c := range expTaylor {
		a.float(c, nPoly+i)
	}
	a.float(1, nOne)
	a.constant(127, nBias)
	a.float(expMax, nMost)
	a.float(least, nLeast)
}

// horner evaluates the polynomial whose coefficients, lowest first, are in registers: at x, to d; t is overwritten.
func (a *neon) horner(coefficients []int, x, d, t int) {
	last := len(coefficients) - 1
	if last%2 == 1 { // the sum changes places with each step
		d, t = t, d
	}
	a.move(coefficients[last], d)
	for i := last - 1; i >= 0; i-- {
		d, t = t, d
		a.move(coefficients[i], d)
		a.mulAdd(x, t, d)
	}
}

// expm1 replaces V0 = n ln 2 + r by exp(r) - 1 and leaves n in V1; V2, V3 and V5 are overwritten.
func (a *neon) expm1() {
	a.fmul(nLog2e, 0, 1)
	a.frintn(1, 1)
	a.mulSub(nLn2Hi, 1, 0)
	a.mulSub(nLn2Lo, 1, 0)
	a.horner([]int{nPoly, nPoly + 1, nPoly + 2, nPoly + 3, nPoly + 4}, 0, 2, 3)
	a.fmul(0, 0, 5)
	a.mulAdd(2, 5, 0)
}

// exp replaces V0 by its exponential; V1 to V5 are overwritten. FMIN and FMAX keep NaN.
func (a *neon) exp() {
	a.above(0, nLeast, 4) // results that would not be normal
	a.fmin(nMost, 0, 0)
	a.fmax(nLeast, 0, 0)
	a.expm1()
	a.fadd(nOne, 0, 0)
	a.fcvtns(1, 1)
	a.line("WORD $0x%08x // VSSHR $1, V1.S4, V5.S4", 0x4f3f0400|1<<5|5) // 2^n in two steps: n reaches 128
	a.line("VSUB V5.S4, V1.S4, V1.S4")
	for _, n := range []int{5, 1} {
		a.power(n)
		a.fmul(n, 0, 0)
	}
	a.without(4, 0, 0)
}

// power turns the integers n into 2^n.
func (a *neon) power(n int) {
	a.add(nBias, n, n)
	a.line("VSHL $23, V%d.S4, V%[1]d.S4", n)
}

func writeNEONExp() {
	f := newNEONFile()
	a := &f.code
	a.expLoops(f)
	activation := func(name, doc string, prepare, apply func()) {
		f.declare(name+"NEON replaces x by "+doc, "func "+name+"NEON(x *float32, n int)")
		a.begin(name, 16, []string{"x+0"}, "n+8")
		prepare()
		a.loop("loop", 1, func(int) {
			a.line("VLD1 (R0), [V0.S4]")
			apply()
			a.line("VST1.P [V0.S4], 16(R0)")
		})
		a.line("RET")
	}
	plain := func() { a.expConstants(expMin) }
	activation("exp", "exp(x).", plain, a.exp)
	activation("relu", "max(x, 0).", func() {}, func() {
		a.negative(0, 1)
		a.without(1, 0, 0)
	})
	activation("silu", "x / (1 + exp(-x)).", plain, func() {
		a.move(0, 6)
		a.fneg(0, 0)
		a.exp()
		a.fadd(nOne, 0, 0)
		a.fdiv(0, 6, 0)
	})
	activation("sigmoid", "1 / (1 + exp(-x)).", plain, func() {
		a.fneg(0, 0)
		a.exp()
		a.fadd(nOne, 0, 0)
		a.fdiv(0, nOne, 0)
	})
	scale := -2 * math.Sqrt(2/math.Pi)
	activation("geluTanh", "x / (1 + exp(-2u)), u = sqrt(2/π) (x + 0.044715 x³).", func() {
		plain()
		a.float(scale, 28)
		a.float(scale*0.044715, 29)
	}, func() {
		a.move(0, 6)
		a.fmul(0, 0, 7)
		a.move(28, 0)
		a.mulAdd(29, 7, 0)
		a.fmul(6, 0, 0)
		a.exp()
		a.fadd(nOne, 0, 0)
		a.fdiv(0, 6, 0)
	})
	activation("gelu", "x Φ(x).", a.geluConstants, a.gelu)
	activation("tanh", "tanh(x).", func() {
		plain()
		a.float(40, 28)
		a.float(-40, 29)
		a.float(2, 30)
	}, func() {
		a.fadd(0, 0, 0)
		a.fmin(28, 0, 0)
		a.fmax(29, 0, 0)
		a.expm1()
		a.fcvtns(1, 1)
		a.power(1)
		a.fsub(nOne, 1, 5) // m = 2^n (exp(r) - 1) + (2^n - 1)
		a.mulAdd(1, 0, 5)
		a.fadd(30, 5, 0)
		a.fdiv(0, 5, 0)
	})
	f.write("exp")
}

// expLoops makes the sums of exp(x - top), with and without storing.
func (a *neon) expLoops(f *neonFile) {
	for _, name := range []string{"expSum", "sumExp"} {
		doc := "returns the sum of exp(x - top)."
		if name == "expSum" {
			doc = "replaces x by exp(x - top) and returns the sum."
		}
		f.declare(name+"NEON "+doc, "func "+name+"NEON(x *float32, top float32, n int) float32")
		a.begin(name, 28, []string{"x+0"}, "n+16")
		a.expConstants(expMin)
		a.splat("top+8", 28)
		a.zeros(29, 1)
		a.loop("loop", 1, func(int) {
			a.line("VLD1 (R0), [V0.S4]")
			a.fsub(28, 0, 0)
			a.exp()
			a.fadd(0, 29, 29)
			if name == "expSum" {
				a.line("VST1.P [V0.S4], 16(R0)")
			} else {
				a.line("ADD $16, R0, R0")
			}
		})
		a.lanes(29, 1, "ret+24")
	}
}

// geluPoly are the registers of Q/2.
var geluPoly = []int{6, 7, 8, 9, 10, 11, 12, 30, 31}

func (a *neon) geluConstants() {
	a.expConstants(geluMin)
	a.float(erfcScale/math.Sqrt2, 28)
	a.float(-0.5, 29)
	for i, c := range erfcPoly {
		a.float(c/2, geluPoly[i])
	}
}

// gelu is as in generic_exp.go: Φ(x) = erfc(-x/√2)/2 and erfc(z) = t Q(t) exp(-z²), t = 1/(1 + 0.3 z), for z >= 0.
func (a *neon) gelu() {
	const x, t, q = 13, 14, 15
	a.move(0, x)
	a.fabs(0, 0)
	a.move(nOne, t)
	a.mulAdd(28, 0, t)
	a.fdiv(t, nOne, t)
	a.horner(geluPoly, t, q, 0)
	a.fmul(t, q, q)
	a.fmul(x, x, 0)
	a.fmul(29, 0, 0)
	a.exp()
	a.fmul(q, 0, 0) // Φ(-|x|)
	a.negative(x, 1)
	a.fsub(0, nOne, 2)
	a.line("VBIT V1.B16, V0.B16, V2.B16")
	a.fmul(2, x, 0)
}
