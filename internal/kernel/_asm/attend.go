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

// attendFunctions makes the inner loops of attention: tiles for keys and values in float32 and in bf16, and what comes
// between the products.
func attendFunctions(a *asm) {
	few, many := []int{1, 2, 3}, []int{6}
	if a.wide {
		few, many = []int{1, 2, 3, 4, 5, 6}, []int{8, 10, 12, 14}
	}
	for _, rows := range few { // whole panels, which are read once
		a.attendTile(rows, panelCols, false)
		a.attendTile(rows, panelCols, true)
	}
	for _, rows := range many {
		a.attendTile(rows, 2*a.lanes, false)
	}
	a.attendExp()
	a.attendScale()
	if !a.wide {
		a.attendHalve()
	}
	a.attendExpand()
}

// attendTile makes the product of a few rows with several panels of w, one after the other: queries with keys, where step
// is the size of a panel and decay nil, or weights with values, where step is the width of a panel and the sums so far,
// times decay, are in dst. In a half tile w is bf16: 16 words hold 32 values, i in the low half of word i, i+16 in the high.
func (a *asm) attendTile(rows, width int, half bool) {
	vectors, name, kind := width/a.lanes, "attend", "float32"
	if half {
		name, kind = "attendHalf", "uint32"
	}
	a.text(fmt.Sprintf("%s%dx%d", name, rows, width),
		"func(dst *float32, ldd int, x *float32, ldx int, w *"+kind+", ldw int, step int, k int, panels int, decay *float32)",
		fmt.Sprintf("computes dst (%d, %d) = x (%[1]d, K) w (K, %[2]d) + decay (%[1]d) dst, or without the last term if decay is nil; "+
			"then the same 32 columns further in dst and step words further in w; panels times.", rows, width))
	ldx, ldw, start, panels := a.arg("ldx"), a.arg("ldw"), a.arg("w"), a.arg("panels")
	dst, ldd := a.arg("dst"), a.arg("ldd")
	a.SHLQ(operand.Imm(2), ldx)
	a.SHLQ(operand.Imm(2), ldw)
	a.SHLQ(operand.Imm(2), ldd)
	x := a.rowBases(a.arg("x"), ldx, rows)

	split := chains(rows)
	for split > 1 && split*rows*vectors > 12 { // AVX2 has 16 registers
		split /= 2
	}
	sums := make([][]reg.VecVirtual, split) // [chain][vectors*row+vector]
	for i := range sums {
		sums[i] = a.vecs(vectors * rows)
	}
	var odd reg.VecVirtual
	if half {
		odd = a.oddHalf()
	}
	a.Label("panel")
	k, w, ahead := a.arg("k"), a.GP64(), a.GP64()
	a.MOVQ(start, w)
	a.attendStart(sums, rows, vectors, dst, ldd)
	prefetch := rows <= prefetchRows
	if prefetch {
		a.MOVQ(ldw, ahead)
		a.SHLQ(operand.Imm(prefetchShift), ahead)
		a.ADDQ(w, ahead)
	}
	add := func(j, v, apart int, pair []reg.VecVirtual) { // adds vectors v and v+apart of row k+j
		acc := sums[j%len(sums)]
		for r := range rows {
			b := a.vec()
			a.VBROADCASTSS(rowAt(x, ldx, r).Offset(4*j), b)
			for i, p := range pair {
				a.VFMADD231PS(p, b, acc[vectors*r+v+i*apart])
			}
		}
	}
	step := func(j int) { // adds the next row of w
		for v := range vectors / 2 {
			if half {
				from := operand.Mem{Base: w, Disp: v * a.bytes()}
				add(j, v, vectors/2, []reg.VecVirtual{a.evenOf(from), a.oddOf(from, odd)})
			} else {
				from := operand.Mem{Base: w, Disp: 2 * v * a.bytes()}
				add(j, 2*v, 1, []reg.VecVirtual{a.load(from, nil), a.load(from.Offset(a.bytes()), nil)})
			}
		}
		a.ADDQ(ldw, w)
		if prefetch {
			a.PREFETCHT0(operand.Mem{Base: ahead})
			if width == panelCols && !half {
				a.PREFETCHT0(operand.Mem{Base: ahead, Disp: 64})
			}
			a.ADDQ(ldw, ahead)
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
		for v := range vectors {
			a.VMOVUPS(sums[0][vectors*r+v], operand.Mem{Base: row, Disp: v * a.bytes()})
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
func (a *asm) attendStart(sums [][]reg.VecVirtual, rows, vectors int, dst, ldd reg.GPVirtual) {
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
		for i := range vectors {
			a.VMULPS(operand.Mem{Base: row, Disp: i * a.bytes()}, v, sums[0][vectors*r+i])
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

// aheadRows is how many rows ahead attendScale and the packing of keys and values ask for: rows of queries, keys and results lie in
// pages of their own, out of reach of the processor's own prefetching.
const aheadRows = 8

// attendScale makes the copy of queries into the working memory and of results out of it.
func (a *asm) attendScale() {
	a.text("attendScale", "func(dst *float32, ldd int, src *float32, lds int, n int, rows int, by *float32)",
		"computes dst (rows, N) = by (rows) src, rows ldd and lds apart.")
	dst, ldd, src, lds := a.arg("dst"), a.arg("ldd"), a.arg("src"), a.arg("lds")
	rows, by, ahead, to := a.arg("rows"), a.arg("by"), a.GP64(), a.GP64()
	a.SHLQ(operand.Imm(2), ldd)
	a.SHLQ(operand.Imm(2), lds)
	a.LEAQ(operand.Mem{Base: src, Index: lds, Scale: aheadRows}, ahead)
	a.LEAQ(operand.Mem{Base: dst, Index: ldd, Scale: aheadRows}, to)
	a.Label("row")
	factor, n := a.vec(), a.arg("n")
	a.VBROADCASTSS(operand.Mem{Base: by}, factor)
	a.loop("scale", n, 1, func(_ int, at address, t *tail) {
		a.PREFETCHT0(at(ahead))
		a.PREFETCHT0(at(to))
		v := a.load(at(src), t)
		a.VMULPS(factor, v, v)
		a.store(v, at(dst), t)
	})
	a.ADDQ(ldd, dst)
	a.ADDQ(lds, src)
	a.ADDQ(lds, ahead)
	a.ADDQ(ldd, to)
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

// attendHalve makes the rounding of keys and values to bf16.
func (a *asm) attendHalve() {
	a.text("attendHalve", "func(dst *uint32, x *float32, groups int)",
		"rounds x (groups, 32) to bf16: value i goes to the low half of word i, value i+16 to the high half.")
	dst, x, groups := a.arg("dst"), a.arg("x"), a.arg("groups")
	one, half, quiet, odd := a.integerMem(1), a.integerMem(0x7fff), a.integerMem(1<<22), a.oddHalf()
	rounded := func(m operand.Mem) reg.VecVirtual {
		v, sum, isNaN := a.load(m, nil), a.vec(), a.vec()
		a.VPSRLD(operand.Imm(16), v, sum)
		a.VPAND(one, sum, sum)
		a.VPADDD(half, sum, sum)
		a.VPADDD(v, sum, sum)
		a.VCMPPS(operand.Imm(unordered), v, v, isNaN)
		a.VPOR(quiet, v, v)
		a.VBLENDVPS(isNaN, v, sum, v) // rounding could make an infinity of a NaN
		return v
	}
	a.Label("group")
	for i := range 2 {
		low, high := rounded(operand.Mem{Base: x, Disp: 32 * i}), rounded(operand.Mem{Base: x, Disp: 64 + 32*i})
		a.VPSRLD(operand.Imm(16), low, low)
		a.VPAND(odd, high, high)
		a.VPOR(low, high, high)
		a.VMOVUPS(high, operand.Mem{Base: dst, Disp: 32 * i})
	}
	a.SUBQ(operand.I8(-128), x)
	a.ADDQ(operand.Imm(64), dst)
	a.DECQ(groups)
	a.JNE(operand.LabelRef("group"))
	a.end()
}

// attendExpand makes the inverse of attendHalve.
func (a *asm) attendExpand() {
	a.text("attendExpand", "func(dst *float32, x *uint32, groups int)", "expands x (groups, 16), as attendHalve makes it, to dst (groups, 32).")
	dst, x, groups, odd := a.arg("dst"), a.arg("x"), a.arg("groups"), a.oddHalf()
	a.Label("group")
	for at := 0; at < 64; at += a.bytes() {
		from := operand.Mem{Base: x, Disp: at}
		a.VMOVUPS(a.evenOf(from), operand.Mem{Base: dst, Disp: at})
		a.VMOVUPS(a.oddOf(from, odd), operand.Mem{Base: dst, Disp: 64 + at})
	}
	a.SUBQ(operand.I8(-128), dst)
	a.ADDQ(operand.Imm(64), x)
	a.DECQ(groups)
	a.JNE(operand.LabelRef("group"))
	a.end()
}
