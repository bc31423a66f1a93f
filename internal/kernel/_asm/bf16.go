package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A row of a bf16 panel is a pair of K: 32 columns of two values, in 128 bytes. Of the 32 bits of a column the low half
// is the even k and the high half the odd one, so a shift or a mask makes float32 of them.
const (
	pairBytes = 128
	oddMask   = 0xffff0000
)

// bf16Functions makes the packing of float32 into bf16 panels, their expansion, and the tiles of few rows.
func bf16Functions(a *asm) {
	if !a.wide {
		a.packPairs8()
	}
	a.expandPairs()
	for rows := 1; rows <= a.rows; rows++ {
		a.bf16Tile(rows)
	}
}

// oddHalf returns the mask of the odd values of pairs.
func (a *asm) oddHalf() reg.VecVirtual {
	bits, v := a.GP32(), a.vec()
	a.MOVL(operand.U32(oddMask), bits)
	a.VMOVD(bits, v.AsX())
	a.VPBROADCASTD(v.AsX(), v)
	return v
}

// evenOf and oddOf expand one half of the pairs at m.
func (a *asm) evenOf(m operand.Mem) reg.VecVirtual {
	v := a.vec()
	if a.wide {
		a.VPSLLD(operand.Imm(16), m, v)
	} else {
		a.VMOVDQU(m, v)
		a.VPSLLD(operand.Imm(16), v, v)
	}
	return v
}

func (a *asm) oddOf(m operand.Mem, mask reg.VecVirtual) reg.VecVirtual {
	v := a.vec()
	if a.wide {
		a.VPANDD(m, mask, v)
	} else {
		a.VPAND(m, mask, v)
	}
	return v
}

func (a *asm) expandPairs() {
	a.text("expandPairs", "func(dst *float32, w *uint16, pairs int)",
		"expands w (pairs, 32, 2) bf16 to dst (2 pairs, 32).")
	dst, w, pairs, odd := a.arg("dst"), a.arg("w"), a.arg("pairs"), a.oddHalf()
	a.Label("pair")
	for at := 0; at < pairBytes; at += a.bytes() {
		from := operand.Mem{Base: w, Disp: at}
		even := a.evenOf(from)
		a.VMOVUPS(even, operand.Mem{Base: dst, Disp: at})
		a.VMOVUPS(a.oddOf(from, odd), operand.Mem{Base: dst, Disp: pairBytes + at})
	}
	a.SUBQ(operand.I8(-128), w)
	a.ADDQ(operand.U32(2*pairBytes), dst)
	a.DECQ(pairs)
	a.JNE(operand.LabelRef("pair"))
	a.end()
}

// bf16Width is how many columns a tile computes: all 32 of the panel if its sums fit the registers.
func (a *asm) bf16Width(rows int) int {
	if a.wide || rows <= 2 {
		return 32
	}
	return 16
}

// bf16Tile makes dst (rows, width) = x (rows, K) w (K, width) + c + bias; strides are in values. The panel is always 32
// columns wide.
func (a *asm) bf16Tile(rows int) {
	width := a.bf16Width(rows)
	a.text(fmt.Sprintf("gemmBF16x%dx%d", rows, width),
		"func(dst *float32, ldd int, x *float32, ldx int, w *uint16, k int, c *float32, ldc int, bias *float32)",
		fmt.Sprintf("computes dst (%d, %d) = x (%[1]d, K) w + c (%[1]d, %[2]d) + bias (%[2]d); w is (ceil(K/2), 32, 2) bf16.", rows, width))
	ldx, w, k := a.arg("ldx"), a.arg("w"), a.arg("k")
	a.SHLQ(operand.Imm(2), ldx)
	x := a.rowBases(a.arg("x"), ldx, rows)
	vectors := width / a.lanes
	split := chains(rows)
	for split > 1 && split*rows*vectors > 12 { // AVX2 has 16 registers
		split /= 2
	}
	sums := make([][]reg.VecVirtual, split) // [chain][row*vectors+vector]
	for i := range sums {
		sums[i] = a.zeroed(rows * vectors)
	}
	odd := a.oddHalf()
	step := func(j int) { // adds row k+j of w
		if j%2 == 0 {
			for line := 0; line < pairBytes; line += 64 {
				a.PREFETCHT0(operand.Mem{Base: w, Disp: bf16Ahead + j/2*pairBytes + line})
			}
		}
		acc := sums[j%split]
		for v := 0; v < vectors; v += 2 {
			wide := make([]reg.VecVirtual, 2)
			for i := range wide {
				from := operand.Mem{Base: w, Disp: j/2*pairBytes + (v+i)*a.bytes()}
				if j%2 == 0 {
					wide[i] = a.evenOf(from)
				} else {
					wide[i] = a.oddOf(from, odd)
				}
			}
			for r := range rows {
				xr := a.vec()
				a.VBROADCASTSS(rowAt(x, ldx, r).Offset(4*j), xr)
				for i := range wide {
					a.VFMADD231PS(wide[i], xr, acc[r*vectors+v+i])
				}
			}
		}
	}
	advance := func(pairs int) {
		a.ADDQ(operand.U32(pairs*pairBytes), w)
		for _, base := range x {
			a.ADDQ(operand.Imm(uint64(8*pairs)), base)
		}
	}
	a.SUBQ(operand.Imm(4), k)
	a.JLT(operand.LabelRef("rest"))
	a.Label("four")
	for j := range 4 {
		step(j)
	}
	advance(2)
	a.SUBQ(operand.Imm(4), k)
	a.JGE(operand.LabelRef("four"))
	a.Label("rest")
	a.ADDQ(operand.Imm(2), k)
	a.JLT(operand.LabelRef("last"))
	step(0)
	step(1)
	advance(1)
	a.SUBQ(operand.Imm(2), k)
	a.Label("last")
	a.ADDQ(operand.Imm(2), k)
	a.JE(operand.LabelRef("finish"))
	step(0) // the odd half of the last pair is padding, and there is no x for it
	a.Label("finish")
	for i := 1; i < len(sums); i++ {
		for j, s := range sums[i] {
			a.VADDPS(s, sums[0][j], sums[0][j])
		}
	}
	a.bf16Finish(sums[0], rows, vectors)
	a.end()
}

// bf16Ahead is how far before its use a weight is asked for, in bytes: past the end of a panel the next one begins.
const bf16Ahead = 4096

// bf16Finish stores sums + c + bias. c may be dst.
func (a *asm) bf16Finish(sums []reg.VecVirtual, rows, vectors int) {
	ldd, ldc, bias := a.arg("ldd"), a.arg("ldc"), a.arg("bias")
	a.SHLQ(operand.Imm(2), ldd)
	a.SHLQ(operand.Imm(2), ldc)
	dst, c := a.arg("dst"), a.arg("c")
	for r := range rows {
		for v := range vectors {
			s := sums[r*vectors+v]
			a.VADDPS(operand.Mem{Base: c, Disp: v * a.bytes()}, s, s)
			a.VADDPS(operand.Mem{Base: bias, Disp: v * a.bytes()}, s, s)
			a.VMOVUPS(s, operand.Mem{Base: dst, Disp: v * a.bytes()})
		}
		a.ADDQ(ldd, dst)
		a.ADDQ(ldc, c)
	}
}

// packPairs8 is pack8 with pairs for values: 256-bit registers serve both tiers.
func (a *asm) packPairs8() {
	a.text("packPairs8", "func(panel *uint16, b *float32, ldb int, k int)",
		"rounds b (8, K), rows ldb apart, to bf16 and transposes its pairs into 8 columns of panel (K/2, 32, 2). K is a multiple of 16.")
	panel, b, ldb, k := a.arg("panel"), a.arg("b"), a.arg("ldb"), a.arg("k")
	a.SHLQ(operand.Imm(2), ldb)
	rows := a.rowBases(b, ldb, 8)
	r := a.newRounding()
	a.Label("loop")
	a.CMPQ(k, operand.Imm(16))
	a.JLT(operand.LabelRef("done"))
	in := make([]reg.VecVirtual, 8)
	for i := range in {
		in[i] = a.YMM()
		r.pairs(rowAt(rows, ldb, i), in[i])
	}
	for i, v := range a.transpose8(in) {
		a.VMOVDQU(v, operand.Mem{Base: panel, Disp: pairBytes * i})
	}
	for _, base := range rows {
		a.ADDQ(operand.Imm(64), base)
	}
	a.ADDQ(operand.U32(pairBytes*8), panel)
	a.SUBQ(operand.Imm(16), k)
	a.JMP(operand.LabelRef("loop"))
	a.Label("done")
	a.end()
}

// rounding holds the constants and the registers of rounding float32 to bf16.
type rounding struct {
	a                *asm
	one, half, quiet operand.Op
	halves           []reg.VecVirtual
	sum, isNaN       reg.VecVirtual
}

func (a *asm) newRounding() rounding {
	return rounding{
		a: a, one: a.integerMem(1), half: a.integerMem(0x7fff), quiet: a.integerMem(1 << 22),
		halves: a.vecs(2), sum: a.vec(), isNaN: a.vec(),
	}
}

// pairs rounds the 16 values at m to nearest even and packs them into v.
func (r rounding) pairs(m operand.Mem, v reg.VecVirtual) {
	a, sum, isNaN := r.a, r.sum, r.isNaN
	for i, h := range r.halves {
		a.VMOVUPS(m.Offset(16*i), h.AsX()) // values 0-3 and 8-11, then 4-7 and 12-15: VPACKUSDW works on 128 bits
		a.VINSERTF128(operand.Imm(1), m.Offset(32+16*i), h, h)
		a.VPSRLD(operand.Imm(16), h, sum)
		a.VPAND(r.one, sum, sum)
		a.VPADDD(r.half, sum, sum)
		a.VPADDD(h, sum, sum)
		a.VCMPPS(operand.Imm(unordered), h, h, isNaN)
		a.VPOR(r.quiet, h, h)
		a.VBLENDVPS(isNaN, h, sum, h) // rounding could make an infinity of a NaN
		a.VPSRLD(operand.Imm(16), h, h)
	}
	a.VPACKUSDW(r.halves[1], r.halves[0], v)
}

// unordered is the predicate of VCMPPS that finds NaN.
const unordered = 0x03

// integerMem returns an integer in eight lanes of memory.
func (a *asm) integerMem(value uint32) operand.Mem {
	return a.constantMem(float64(math.Float32frombits(value)))
}
