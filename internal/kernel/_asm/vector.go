package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

type address = func(base reg.GPVirtual) operand.Mem

// unroll is how many vectors a pass of a simple loop handles.
const unroll = 4

func vectorFunctions(a *asm) {
	a.dot()
	a.axpy()
	a.inPlace("add", "adds x to dst.", func(x, d reg.VecVirtual) { a.VADDPS(x, d, d) })
	a.inPlace("mul", "multiplies dst by x.", func(x, d reg.VecVirtual) { a.VMULPS(x, d, d) })
	a.withScalar("scale", "multiplies dst by a.", func(s, d reg.VecVirtual) { a.VMULPS(s, d, d) })
	a.withScalar("shift", "adds a to dst.", func(s, d reg.VecVirtual) { a.VADDPS(s, d, d) })
	a.sum()
	a.sumSquares()
	a.maxOf()
	a.normalize()
}

func (a *asm) zeroed(n int) []reg.VecVirtual {
	v := a.vecs(n)
	for _, r := range v {
		a.zero(r)
	}
	return v
}

func (a *asm) dot() {
	a.text("dot", "func(a, b *float32, n int) float32", "returns the sum of a[i]*b[i].")
	x, y, n := a.arg("a"), a.arg("b"), a.arg("n")
	sums := a.zeroed(unroll)
	a.loop("dot", n, unroll, func(u int, at address, t *tail) {
		v := a.load(at(x), t)
		if t == nil {
			a.VFMADD231PS(at(y), v, sums[u])
		} else {
			a.VFMADD231PS(a.load(at(y), t), v, sums[u])
		}
	})
	a.ret(a.sumLanes(sums))
}

func (a *asm) axpy() {
	a.text("axpy", "func(dst *float32, a float32, x *float32, n int)", "adds a*x to dst.")
	dst, x, n, s := a.arg("dst"), a.arg("x"), a.arg("n"), a.splat("a")
	a.loop("axpy", n, unroll, func(_ int, at address, t *tail) {
		d := a.load(at(dst), t)
		a.VFMADD231PS(a.load(at(x), t), s, d)
		a.store(d, at(dst), t)
	})
	a.end()
}

// inPlace makes dst = op(x, dst).
func (a *asm) inPlace(name, doc string, op func(x, d reg.VecVirtual)) {
	a.text(name, "func(dst, x *float32, n int)", doc)
	dst, x, n := a.arg("dst"), a.arg("x"), a.arg("n")
	a.loop(name, n, unroll, func(_ int, at address, t *tail) {
		d := a.load(at(dst), t)
		op(a.load(at(x), t), d)
		a.store(d, at(dst), t)
	})
	a.end()
}

// withScalar makes dst = op(a, dst).
func (a *asm) withScalar(name, doc string, op func(s, d reg.VecVirtual)) {
	a.text(name, "func(dst *float32, a float32, n int)", doc)
	dst, n, s := a.arg("dst"), a.arg("n"), a.splat("a")
	a.loop(name, n, unroll, func(_ int, at address, t *tail) {
		d := a.load(at(dst), t)
		op(s, d)
		a.store(d, at(dst), t)
	})
	a.end()
}

func (a *asm) sum() {
	a.text("sum", "func(x *float32, n int) float32", "returns the sum of x.")
	x, n := a.arg("x"), a.arg("n")
	sums := a.zeroed(unroll)
	a.loop("sum", n, unroll, func(u int, at address, t *tail) {
		a.VADDPS(a.load(at(x), t), sums[u], sums[u])
	})
	a.ret(a.sumLanes(sums))
}

func (a *asm) sumSquares() {
	a.text("sumSquares", "func(x *float32, mean float32, n int) float32", "returns the sum of (x[i]-mean)².")
	x, n, mean := a.arg("x"), a.arg("n"), a.splat("mean")
	sums := a.zeroed(unroll)
	a.loop("squares", n, unroll, func(u int, at address, t *tail) {
		v := a.load(at(x), t)
		a.VSUBPS(mean, v, v)
		a.clearTail(v, t)
		a.VFMADD231PS(v, v, sums[u])
	})
	a.ret(a.sumLanes(sums))
}

// maxOf relies on VMAXPS returning its first operand here, the maximum so far, when the other is NaN.
func (a *asm) maxOf() {
	a.text("maxOf", "func(x *float32, n int) float32", "returns the largest value, ignoring NaN; -Inf if there is none.")
	x, n := a.arg("x"), a.arg("n")
	least := a.vec()
	bits := a.GP32()
	a.MOVL(operand.U32(0xff800000), bits)
	a.VMOVD(bits, least.AsX())
	a.VBROADCASTSS(least.AsX(), least)
	tops := a.vecs(unroll)
	for _, top := range tops {
		a.VMOVAPS(least, top)
	}
	a.loop("max", n, unroll, func(u int, at address, t *tail) {
		v := a.load(at(x), t)
		switch {
		case t == nil:
			a.VMAXPS(tops[u], v, tops[u])
		case a.wide:
			a.VMAXPS(tops[u], v, t.k, tops[u])
		default:
			a.VBLENDVPS(t.v, v, least, v)
			a.VMAXPS(tops[u], v, tops[u])
		}
	})
	a.ret(a.reduce(tops, func(x, y, dst operand.Op) { a.VMAXPS(x, y, dst) }))
}

func (a *asm) normalize() {
	a.text("normalize", "func(dst, x, gamma, beta *float32, mean, scale float32, n int)",
		"computes dst = (x - mean) * scale * gamma + beta; beta may be nil.")
	dst, x, gamma, beta, n := a.arg("dst"), a.arg("x"), a.arg("gamma"), a.arg("beta"), a.arg("n")
	mean, scale := a.splat("mean"), a.splat("scale")
	scaled := func(at address, t *tail) reg.VecVirtual {
		v := a.load(at(x), t)
		a.VSUBPS(mean, v, v)
		a.VMULPS(scale, v, v)
		return v
	}
	a.TESTQ(beta, beta)
	a.JE(operand.LabelRef("unbiased"))
	a.loop("biased", n, 2, func(_ int, at address, t *tail) {
		v, b := scaled(at, t), a.load(at(beta), t)
		a.VFMADD231PS(a.load(at(gamma), t), v, b)
		a.store(b, at(dst), t)
	})
	a.end()
	a.Label("unbiased")
	a.loop("plain", n, 2, func(_ int, at address, t *tail) {
		v := scaled(at, t)
		a.VMULPS(a.load(at(gamma), t), v, v)
		a.store(v, at(dst), t)
	})
	a.end()
}
