package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// int8Exact makes what the sums of a tile start from if VPMADDUBSW may saturate: -128 times the sums of the weights, and
// for pairs of weights that are large where the activations are, what saturation takes away.
func (a *asm) int8Exact() {
	a.text("int8Exact", "func(init *int32, ldi int, offset *int32, q *int8, ldq int, w *int8, tops, limit *uint8, n int, rows int)",
		"writes to init (rows, 16), rows ldi apart, offset (16) and what saturation takes from q (rows, 2 n) w (2 n, 16), which can happen for pairs with tops[r, i] > limit[i]; n is a positive multiple of 32 and the stride of tops.")
	init, q, ldq, w := a.arg("init"), a.arg("q"), a.arg("ldq"), a.arg("w")
	tops, limit, n, rows := a.arg("tops"), a.arg("limit"), a.arg("n"), a.arg("rows")
	i, offset := a.GP64(), a.arg("offset")
	start, sums := a.vecs(2), a.vecs(2)
	for half, s := range start {
		a.VMOVUPS(operand.Mem{Base: offset, Disp: 32 * half}, s)
	}
	e := a.newExcess()
	a.Label("row")
	any, v := a.zeroed(1)[0], a.vec()
	a.XORQ(i, i)
	a.Label("scan")
	a.VMOVUPS(operand.Mem{Base: tops, Index: i, Scale: 1}, v)
	a.VPSUBUSB(operand.Mem{Base: limit, Index: i, Scale: 1}, v, v)
	a.VPOR(v, any, any)
	a.ADDQ(operand.Imm(32), i)
	a.CMPQ(i, n)
	a.JLT(operand.LabelRef("scan"))
	for half := range sums {
		a.VMOVAPS(start[half], sums[half])
	}
	a.VPTEST(any, any)
	a.JE(operand.LabelRef("store"))
	e.row(q, w, tops, limit, n, i, sums)
	a.Label("store")
	for half, s := range sums {
		a.VMOVUPS(s, operand.Mem{Base: init, Disp: 32 * half})
	}
	ldi := a.arg("ldi")
	a.LEAQ(operand.Mem{Base: init, Index: ldi, Scale: 4}, init)
	a.ADDQ(ldq, q)
	a.ADDQ(n, tops)
	a.DECQ(rows)
	a.JNE(operand.LabelRef("row"))
	a.end()
}

// excess holds the constants of what saturation takes away.
type excess struct {
	*asm
	ones, most, least, zero reg.VecVirtual
}

func (a *asm) newExcess() *excess {
	e := &excess{a, a.vec(), a.vec(), a.vec(), a.zeroed(1)[0]}
	a.VPCMPEQW(e.ones, e.ones, e.ones)
	a.VPSRLW(operand.Imm(15), e.ones, e.ones)
	a.int8Splat(64, e.most)
	a.int8Splat(-64, e.least)
	return e
}

// row adds to sums for the steps of a row that have a pair with tops > limit.
func (e *excess) row(q, w, tops, limit, n, i reg.GPVirtual, sums []reg.VecVirtual) {
	bits, s, at := e.GP64(), e.GP64(), e.GP64()
	e.XORQ(i, i)
	e.Label("pairs")
	over := e.vec()
	e.VMOVUPS(operand.Mem{Base: tops, Index: i, Scale: 1}, over)
	e.VPSUBUSB(operand.Mem{Base: limit, Index: i, Scale: 1}, over, over)
	e.VPCMPEQB(e.zero, over, over)
	e.VPMOVMSKB(over, bits.As32())
	e.XORL(operand.I32(-1), bits.As32())
	e.JE(operand.LabelRef("next"))
	e.Label("step")
	e.TZCNTL(bits.As32(), s.As32())
	e.ANDL(operand.I32(-2), s.As32()) // the first of two pairs
	e.MOVL(operand.I32(-4), at.As32())
	e.SHLXL(s.As32(), at.As32(), at.As32())
	e.ANDL(at.As32(), bits.As32()) // both are done
	e.ADDQ(i, s)
	e.MOVQ(s, at)
	e.SHLQ(operand.Imm(6), at)
	e.step(operand.Mem{Base: q, Index: s, Scale: 2}, operand.Mem{Base: w, Index: at, Scale: 1}, sums)
	e.TESTL(bits.As32(), bits.As32())
	e.JNE(operand.LabelRef("step"))
	e.Label("next")
	e.ADDQ(operand.Imm(32), i)
	e.CMPQ(i, n)
	e.JLT(operand.LabelRef("pairs"))
}

// step adds what saturation takes from q (4) w (4, 16). The weights are cut in two: sums of two products with 255 and 64
// at most do not saturate.
func (e *excess) step(q, w operand.Mem, sums []reg.VecVirtual) {
	x := e.vec()
	e.VPBROADCASTD(q, x)
	for half, acc := range sums {
		v, low, all := e.load(w.Offset(32*half), nil), e.vec(), e.vec()
		e.VPMADDUBSW(v, x, all)
		e.VPMINSB(e.most, v, low)
		e.VPMAXSB(e.least, low, low)
		e.VPSUBB(low, v, v)
		e.VPMADDUBSW(low, x, low)
		e.VPMADDUBSW(v, x, v)
		e.VPSUBW(all, low, low) // both parts less the saturated whole fit 16 bits
		e.VPADDW(low, v, v)
		e.VPMADDWD(e.ones, v, v)
		e.VPADDD(v, acc, acc)
	}
}

// int8PairSums makes the scan of a panel for what int8Exact needs: how much a pair of weights adds at most, in magnitude,
// per unit of activations, positive and negative weights apart.
func (a *asm) int8PairSums() {
	a.text("int8PairSums", "func(sums *uint16, w *int8, steps int)",
		"writes to sums (2 steps) the largest magnitude of the positive or the negative part of the pairs of w (4 steps, 16).")
	sums, w, steps := a.arg("sums"), a.arg("w"), a.arg("steps")
	zero, ones := a.zeroed(1)[0], a.vec()
	a.int8Splat(1, ones)
	a.Label("loop")
	tops := a.vecs(2)
	for half, v := range tops {
		positive := a.vec()
		a.VMOVUPS(operand.Mem{Base: w, Disp: 32 * half}, v)
		a.VPMAXSB(zero, v, positive)
		a.VPSUBB(v, positive, v)
		a.VPMADDUBSW(positive, ones, positive)
		a.VPMADDUBSW(v, ones, v)
		a.VPMAXSW(positive, v, v)
	}
	a.VPMAXSW(tops[0], tops[1], tops[1])
	high, low := a.XMM(), tops[1].AsX()
	a.VEXTRACTI128(operand.Imm(1), tops[1], high)
	a.VPMAXSW(high, low, low)
	for _, order := range []uint64{0x4e, 0xb1} {
		a.VPSHUFD(operand.Imm(order), low, high)
		a.VPMAXSW(high, low, low)
	}
	a.VMOVD(low, operand.Mem{Base: sums})
	a.ADDQ(operand.Imm(4), sums)
	a.ADDQ(operand.U32(128), w)
	a.DECQ(steps)
	a.JNE(operand.LabelRef("loop"))
	a.end()
}

// int8Splat sets all bytes of v.
func (a *asm) int8Splat(value int8, v reg.VecVirtual) {
	bits := a.GP32()
	a.MOVL(operand.U32(uint32(uint8(value))*0x01010101), bits)
	a.VMOVD(bits, v.AsX())
	a.VPBROADCASTD(v.AsX(), v)
}
