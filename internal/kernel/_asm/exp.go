package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Coefficients; generic_exp.go has the same and says where they come from.
var (
	expTaylor = []float64{0.5, 0.16666518, 0.041666206, 0.00836889, 0.0013950489} // of r², r³ ...
	erfcScale = 0.3
	erfcPoly  = []float64{0.16918917, 0.17069827, 0.14844349, 0.21456924, -0.09390776, 0.5467541, -0.51151127, 0.4852228, -0.12945811}
)

const (
	expMax  = 89
	expMin  = -87.33654 // smaller results are not normal
	geluMin = -80       // and here their products with x and Q would not be
	ln2Hi   = 0.693359375
	ln2Lo   = -2.12194440e-4
)

// Predicates of VCMPPS and the rounding mode of VROUNDPS and VRNDSCALEPS.
const (
	notLess = 0x05
	less    = 0x01
	nearest = 0x00
)

func expFunctions(a *asm) {
	a.expLoop("exp", "func(x *float32, n int)", "replaces x by exp(x).", true, false)
	a.expLoop("expSum", "func(x *float32, top float32, n int) float32", "replaces x by exp(x - top) and returns the sum.", true, true)
	a.expLoop("sumExp", "func(x *float32, top float32, n int) float32", "returns the sum of exp(x - top).", false, true)
	a.relu()
	a.activation("gelu", "replaces x by x Φ(x).", a.gelu)
	a.activation("geluTanh", "replaces x by x / (1 + exp(-2u)), u = sqrt(2/π) (x + 0.044715 x³).", a.geluTanh)
	a.activation("silu", "replaces x by x / (1 + exp(-x)).", a.silu)
	a.activation("sigmoid", "replaces x by 1 / (1 + exp(-x)).", a.sigmoid)
	a.activation("tanh", "replaces x by tanh(x).", a.tanh)
}

// expLoop makes the loops around exp: over x or x - top, storing, summing or both.
func (a *asm) expLoop(name, signature, doc string, stores, sums bool) {
	a.text(name, signature, doc)
	x, n := a.arg("x"), a.arg("n")
	var top, total reg.VecVirtual
	if sums {
		top, total = a.splat("top"), a.vec()
		a.zero(total)
	}
	e := a.newExp(expMin)
	a.loop(name, n, 1, func(_ int, at address, t *tail) {
		v := a.load(at(x), t)
		if sums {
			a.VSUBPS(top, v, v)
		}
		y := e.apply(v)
		if stores {
			a.store(y, at(x), t)
		}
		if sums {
			a.clearTail(y, t)
			a.VADDPS(y, total, total)
		}
	})
	if sums {
		a.ret(a.sumLanes([]reg.VecVirtual{total}))
		return
	}
	a.end()
}

// relu keeps NaN: VMAXPS returns its first operand here, x, if either is NaN.
func (a *asm) relu() {
	a.text("relu", "func(x *float32, n int)", "replaces x by max(x, 0).")
	x, n, zero := a.arg("x"), a.arg("n"), a.vec()
	a.zero(zero)
	a.loop("relu", n, unroll, func(_ int, at address, t *tail) {
		v := a.load(at(x), t)
		a.VMAXPS(v, zero, v)
		a.store(v, at(x), t)
	})
	a.end()
}

// activation makes a loop over x; prepare loads constants and returns the function of one vector.
func (a *asm) activation(name, doc string, prepare func() func(v reg.VecVirtual) reg.VecVirtual) {
	a.text(name, "func(x *float32, n int)", doc)
	x, n := a.arg("x"), a.arg("n")
	f := prepare()
	a.loop(name, n, 1, func(_ int, at address, t *tail) {
		a.store(f(a.load(at(x), t)), at(x), t)
	})
	a.end()
}

// expConstants are the constants of exp, loaded before a loop.
type expConstants struct {
	a             *asm
	log2e, hi, lo operand.Op
	poly          []operand.Op
	one, bias     operand.Op
	most, least   reg.VecVirtual
}

// newExp loads the constants of an exp that is 0 below least.
func (a *asm) newExp(least float64) *expConstants {
	return &expConstants{
		a: a, log2e: a.constant(math.Log2E), hi: a.constant(ln2Hi), lo: a.constant(ln2Lo), poly: a.constantsOf(expTaylor),
		one: a.constant(1), bias: a.exponentBias(), most: a.constantReg(expMax), least: a.constantReg(least),
	}
}

func (a *asm) constantsOf(values []float64) []operand.Op {
	ops := make([]operand.Op, len(values))
	for i, v := range values {
		ops[i] = a.constant(v)
	}
	return ops
}

// exponentBias is the integer 127 in each lane, which only AVX2 needs.
func (a *asm) exponentBias() operand.Op {
	if a.wide {
		return nil
	}
	return a.constantMem(float64(math.Float32frombits(127)))
}

// horner evaluates a polynomial, lowest coefficient first, at v.
func (a *asm) horner(poly []operand.Op, v reg.VecVirtual) reg.VecVirtual {
	p := a.vec()
	a.VMOVUPS(poly[len(poly)-1], p)
	for i := len(poly) - 2; i >= 0; i-- {
		a.VFMADD213PS(poly[i], v, p)
	}
	return p
}

// split writes x = n ln 2 + r and returns n and r; x is overwritten.
func (e *expConstants) split(x reg.VecVirtual) (n, r reg.VecVirtual) {
	a := e.a
	n = a.vec()
	a.VMULPS(e.log2e, x, n)
	a.round(n)
	a.VFNMADD231PS(e.hi, n, x)
	a.VFNMADD231PS(e.lo, n, x)
	return n, x
}

// round rounds to the nearest integer, ties to even.
func (a *asm) round(v reg.VecVirtual) {
	if a.wide {
		a.VRNDSCALEPS(operand.Imm(nearest), v, v)
	} else {
		a.VROUNDPS(operand.Imm(nearest), v, v)
	}
}

// expm1 returns exp(r) - 1 for a reduced r.
func (e *expConstants) expm1(r reg.VecVirtual) reg.VecVirtual {
	a := e.a
	p, square := a.horner(e.poly, r), a.vec()
	a.VMULPS(r, r, square)
	a.VFMADD213PS(r, square, p)
	return p
}

// apply returns exp(x); x is overwritten. The clamps keep NaN: VMINPS and VMAXPS return their first operand here, x.
func (e *expConstants) apply(x reg.VecVirtual) reg.VecVirtual {
	a := e.a
	if a.wide {
		normal := a.K()
		a.VCMPPS(operand.Imm(notLess), e.least, x, normal)
		n, p := e.clamped(x)
		y := a.vec()
		a.VSCALEFPS_Z(n, p, normal, y)
		return y
	}
	normal := a.vec()
	a.VCMPPS(operand.Imm(notLess), e.least, x, normal)
	n, p := e.clamped(x)
	a.VCVTPS2DQ(n, n)
	half := a.vec()
	a.VPSRAD(operand.Imm(1), n, half) // 2^n in two steps: n reaches 128
	a.VPSUBD(half, n, n)
	a.VMULPS(e.power(half), p, p)
	a.VMULPS(e.power(n), p, p)
	a.VANDPS(normal, p, p)
	return p
}

// clamped returns n and exp(r) for x limited to the range of exp.
func (e *expConstants) clamped(x reg.VecVirtual) (n, p reg.VecVirtual) {
	a := e.a
	a.VMINPS(x, e.most, x)
	a.VMAXPS(x, e.least, x)
	n, r := e.split(x)
	p = e.expm1(r)
	a.VADDPS(e.one, p, p)
	return n, p
}

// power turns the integers n into 2^n (AVX2).
func (e *expConstants) power(n reg.VecVirtual) reg.VecVirtual {
	e.a.VPADDD(e.bias, n, n)
	e.a.VPSLLD(operand.Imm(23), n, n)
	return n
}

func (a *asm) signBit() reg.VecVirtual { return a.constantReg(math.Copysign(0, -1)) }

func (a *asm) silu() func(reg.VecVirtual) reg.VecVirtual {
	e, sign := a.newExp(expMin), a.signBit()
	return func(x reg.VecVirtual) reg.VecVirtual {
		v := a.vec()
		a.VXORPS(sign, x, v)
		y := e.apply(v)
		a.VADDPS(e.one, y, y)
		a.VDIVPS(y, x, x)
		return x
	}
}

func (a *asm) sigmoid() func(reg.VecVirtual) reg.VecVirtual {
	e, sign, one := a.newExp(expMin), a.signBit(), a.constantReg(1)
	return func(x reg.VecVirtual) reg.VecVirtual {
		a.VXORPS(sign, x, x)
		y := e.apply(x)
		a.VADDPS(one, y, y)
		a.VDIVPS(y, one, y)
		return y
	}
}

func (a *asm) geluTanh() func(reg.VecVirtual) reg.VecVirtual {
	scale := -2 * math.Sqrt(2/math.Pi)
	e, linear, cubic := a.newExp(expMin), a.constant(scale), a.constant(scale*0.044715)
	return func(x reg.VecVirtual) reg.VecVirtual {
		v, square := a.vec(), a.vec()
		a.VMULPS(x, x, square)
		a.VMOVUPS(linear, v)
		a.VFMADD231PS(cubic, square, v)
		a.VMULPS(x, v, v)
		y := e.apply(v)
		a.VADDPS(e.one, y, y)
		a.VDIVPS(y, x, x)
		return x
	}
}

// tanh is m / (m + 2) with m = exp(2x) - 1 = 2^n (exp(r) - 1) + (2^n - 1).
func (a *asm) tanh() func(reg.VecVirtual) reg.VecVirtual {
	e, most, least := a.newExp(expMin), a.constantReg(40), a.constantReg(-40)
	one, two := a.constantReg(1), a.constant(2)
	return func(x reg.VecVirtual) reg.VecVirtual {
		a.VADDPS(x, x, x)
		a.VMINPS(x, most, x)
		a.VMAXPS(x, least, x)
		n, r := e.split(x)
		p := e.expm1(r)
		if a.wide {
			a.VSCALEFPS(n, one, n)
		} else {
			a.VCVTPS2DQ(n, n)
			n = e.power(n)
		}
		m := a.vec()
		a.VSUBPS(one, n, m)
		a.VFMADD231PS(p, n, m)
		a.VADDPS(two, m, p)
		a.VDIVPS(p, m, m)
		return m
	}
}
