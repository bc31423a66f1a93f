package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// exp2Poly are the coefficients of r, r², ... in 2^r on [0, 1); generic_attend.go says where they come from.
var exp2Poly = []float64{0.6931513, 0.24016444, 0.055799913, 0.009017031, 0.00186713}

// exp2Min keeps the exponent of the result in range (AVX2).
const exp2Min = -127

const floor = 0x01 // rounding mode of VROUNDPS and VREDUCEPS

// attendFunctions makes the inner loops of attention: a tile for each height in attendRows and the exponentials between.
func attendFunctions(a *asm) {
	heights := []int{1, 2, 3, 4, 5, 6}
	if a.wide {
		heights = []int{1, 2, 3, 4, 5, 6, 8, 10, 12, 14}
	}
	for _, rows := range heights {
		a.attendTile(rows)
	}
	a.attendExp()
	a.attendScale()
}

// attendTile makes the product of a few rows with several panels of w, one after the other: queries with keys, where step
// is the size of a panel and decay nil, or weights with values, where step is the width of a panel and the sums so far,
// times decay, are in dst.
func (a *asm) attendTile(rows int) {
	width := 2 * a.lanes
	a.text(fmt.Sprintf("attend%dx%d", rows, width),
		"func(dst *float32, ldd int, x *float32, ldx int, w *float32, ldw int, step int, k int, panels int, decay *float32)",
		fmt.Sprintf("computes dst (%d, %d) = x (%[1]d, K) w (K, %[2]d) + decay (%[1]d) dst, or without the last term if decay is nil; "+
			"then the same 32 columns further in dst and step values further in w; panels times.", rows, width))
	ldx, ldw, start, panels := a.arg("ldx"), a.arg("ldw"), a.arg("w"), a.arg("panels")
	dst, ldd := a.arg("dst"), a.arg("ldd")
	a.SHLQ(operand.Imm(2), ldx)
	a.SHLQ(operand.Imm(2), ldw)
	a.SHLQ(operand.Imm(2), ldd)
	x := a.rowBases(a.arg("x"), ldx, rows)

	sums := make([][]reg.VecVirtual, chains(rows)) // [chain][2*row+half]
	for i := range sums {
		sums[i] = a.vecs(2 * rows)
	}
	a.Label("panel")
	k, w, ahead := a.arg("k"), a.GP64(), a.GP64()
	a.MOVQ(start, w)
	a.attendStart(sums, rows, dst, ldd)
	prefetch := rows <= prefetchRows
	if prefetch {
		a.MOVQ(ldw, ahead)
		a.SHLQ(operand.Imm(prefetchShift), ahead)
		a.ADDQ(w, ahead)
	}
	step := func(j int) { // adds the next row of w
		w0, w1 := a.load(operand.Mem{Base: w}, nil), a.load(operand.Mem{Base: w, Disp: a.bytes()}, nil)
		a.ADDQ(ldw, w)
		if prefetch {
			for line := 0; line < 2*a.bytes(); line += 64 {
				a.PREFETCHT0(operand.Mem{Base: ahead, Disp: line})
			}
			a.ADDQ(ldw, ahead)
		}
		acc := sums[j%len(sums)]
		for r := range rows {
			v := a.vec()
			a.VBROADCASTSS(rowAt(x, ldx, r).Offset(4*j), v)
			a.VFMADD231PS(w0, v, acc[2*r])
			a.VFMADD231PS(w1, v, acc[2*r+1])
		}
	}
	advance := func(bytes int) {
		for _, base := range x {
			a.ADDQ(operand.Imm(uint64(bytes)), base)
		}
	}
	a.SUBQ(operand.Imm(4), k)
	a.JLT(operand.LabelRef("rest"))
	a.Label("four")
	for j := range 4 {
		step(j)
	}
	advance(16)
	a.SUBQ(operand.Imm(4), k)
	a.JGE(operand.LabelRef("four"))
	a.Label("rest")
	a.ADDQ(operand.Imm(4), k)
	a.JE(operand.LabelRef("finish"))
	a.Label("one")
	step(0)
	advance(4)
	a.DECQ(k)
	a.JNE(operand.LabelRef("one"))
	a.Label("finish")
	for i := 1; i < len(sums); i++ {
		for j, s := range sums[i] {
			a.VADDPS(s, sums[0][j], sums[0][j])
		}
	}
	row := a.GP64()
	a.MOVQ(dst, row)
	for r := range rows {
		for half := range 2 {
			a.VMOVUPS(sums[0][2*r+half], operand.Mem{Base: row, Disp: half * a.bytes()})
		}
		if r < rows-1 {
			a.ADDQ(ldd, row)
		}
	}
	a.ADDQ(operand.U32(4*panelCols), dst)
	next := a.arg("step")
	a.LEAQ(operand.Mem{Base: start, Index: next, Scale: 4}, start)
	back := a.arg("k")
	a.SHLQ(operand.Imm(2), back)
	for _, base := range x {
		a.SUBQ(back, base)
	}
	a.DECQ(panels)
	a.JNE(operand.LabelRef("panel"))
	a.end()
}

// panelCols is the width of a panel of keys or values.
const panelCols = 32

// attendStart sets the first chain of sums to decay dst, or zero, and the others to zero.
func (a *asm) attendStart(sums [][]reg.VecVirtual, rows int, dst, ldd reg.GPVirtual) {
	for _, chain := range sums {
		for _, s := range chain {
			a.zero(s)
		}
	}
	decay := a.arg("decay")
	a.TESTQ(decay, decay)
	a.JE(operand.LabelRef("started"))
	row := a.GP64()
	a.MOVQ(dst, row)
	for r := range rows {
		v := a.vec()
		a.VBROADCASTSS(operand.Mem{Base: decay, Disp: 4 * r}, v)
		for half := range 2 {
			a.VMULPS(operand.Mem{Base: row, Disp: half * a.bytes()}, v, sums[0][2*r+half])
		}
		if r < rows-1 {
			a.ADDQ(ldd, row)
		}
	}
	a.Label("started")
}

// attendExp makes the pass between the two products; see attendExpGeneric.
func (a *asm) attendExp() {
	a.text("attendExp", "func(s *float32, lds int, n int, rows int, top, sum, decay *float32)",
		"raises top to the largest of n scores, sets decay to 2^(old top - top), replaces scores by 2^(score - top), "+
			"and adds them to sum * decay; for each row.")
	s, lds, rows := a.arg("s"), a.arg("lds"), a.arg("rows")
	top, sum, decay := a.arg("top"), a.arg("sum"), a.arg("decay")
	a.SHLQ(operand.Imm(2), lds)
	e := a.newExp2()
	a.Label("row")
	old, most, n := a.vec(), a.vecs(unroll), a.arg("n")
	a.VBROADCASTSS(operand.Mem{Base: top}, old)
	for _, m := range most {
		a.VMOVAPS(old, m)
	}
	a.loop("top", n, unroll, func(u int, at address, t *tail) {
		v := a.load(at(s), t)
		switch {
		case t == nil:
			a.VMAXPS(most[u], v, most[u])
		case a.wide:
			a.VMAXPS(most[u], v, t.k, most[u])
		default:
			a.VBLENDVPS(t.v, v, old, v)
			a.VMAXPS(most[u], v, most[u])
		}
	})
	largest := a.vec()
	a.VBROADCASTSS(a.reduce(most, func(x, y, dst operand.Op) { a.VMAXPS(x, y, dst) }).AsX(), largest)
	a.VMOVSS(largest.AsX(), operand.Mem{Base: top})
	a.VSUBPS(largest, old, old)
	factor := e.apply(old)
	a.VMOVSS(factor.AsX(), operand.Mem{Base: decay})
	before := a.vec()
	a.VMOVSS(operand.Mem{Base: sum}, before.AsX())
	a.VMULSS(factor.AsX(), before.AsX(), before.AsX())
	totals := a.zeroed(2)
	count := a.arg("n")
	a.loop("exp", count, 2, func(u int, at address, t *tail) {
		v := a.load(at(s), t)
		a.VSUBPS(largest, v, v)
		y := e.apply(v)
		a.store(y, at(s), t)
		a.clearTail(y, t)
		a.VADDPS(y, totals[u], totals[u])
	})
	total := a.sumLanes(totals)
	a.VADDSS(before.AsX(), total.AsX(), total.AsX())
	a.VMOVSS(total.AsX(), operand.Mem{Base: sum})
	a.ADDQ(lds, s)
	for _, p := range []reg.GPVirtual{top, sum, decay} {
		a.ADDQ(operand.Imm(4), p)
	}
	a.DECQ(rows)
	a.JNE(operand.LabelRef("row"))
	a.end()
}

// aheadRows is how many rows ahead attendScale asks for: rows of queries lie in pages of their own, out of reach of the
// processor's own prefetching.
const aheadRows = 8

// attendScale makes the copy of queries into the working memory and of results out of it.
func (a *asm) attendScale() {
	a.text("attendScale", "func(dst *float32, ldd int, src *float32, lds int, n int, rows int, by *float32)",
		"computes dst (rows, N) = by (rows) src, rows ldd and lds apart.")
	dst, ldd, src, lds := a.arg("dst"), a.arg("ldd"), a.arg("src"), a.arg("lds")
	rows, by, ahead := a.arg("rows"), a.arg("by"), a.GP64()
	a.SHLQ(operand.Imm(2), ldd)
	a.SHLQ(operand.Imm(2), lds)
	a.LEAQ(operand.Mem{Base: src, Index: lds, Scale: aheadRows}, ahead)
	a.Label("row")
	factor, n := a.vec(), a.arg("n")
	a.VBROADCASTSS(operand.Mem{Base: by}, factor)
	a.loop("scale", n, 1, func(_ int, at address, t *tail) {
		a.PREFETCHT0(at(ahead))
		v := a.load(at(src), t)
		a.VMULPS(factor, v, v)
		a.store(v, at(dst), t)
	})
	a.ADDQ(ldd, dst)
	a.ADDQ(lds, src)
	a.ADDQ(lds, ahead)
	a.ADDQ(operand.Imm(4), by)
	a.DECQ(rows)
	a.JNE(operand.LabelRef("row"))
	a.end()
}

// exp2Constants are the constants of 2^x for x <= 0, loaded before a loop.
type exp2Constants struct {
	a     *asm
	poly  []operand.Op
	one   operand.Op
	least reg.VecVirtual // AVX2
}

func (a *asm) newExp2() *exp2Constants {
	e := &exp2Constants{a: a, poly: a.constantsOf(exp2Poly), one: a.constant(1)}
	if !a.wide {
		e.least = a.constantReg(exp2Min)
	}
	return e
}

// apply returns 2^x; x is overwritten.
func (e *exp2Constants) apply(x reg.VecVirtual) reg.VecVirtual {
	a := e.a
	if a.wide {
		r := a.vec()
		a.VREDUCEPS(operand.Imm(floor), x, r)
		p := a.horner(e.poly, r)
		a.VFMADD213PS(e.one, r, p)
		a.VSCALEFPS(x, p, p) // 2^floor(x) p
		return p
	}
	n := a.vec()
	a.VMAXPS(x, e.least, x) // keeps NaN, which is the first operand
	a.VROUNDPS(operand.Imm(floor), x, n)
	a.VSUBPS(n, x, x)
	p := a.horner(e.poly, x)
	a.VFMADD213PS(e.one, x, p)
	a.VCVTPS2DQ(n, n) // NaN gives 2^31, which the shift removes
	a.VPSLLD(operand.Imm(23), n, n)
	a.VPADDD(n, p, p)
	return p
}
