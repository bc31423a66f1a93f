package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// packFunctions makes the transposition of unpacked matrices into panels; 256-bit registers serve both tiers.
func packFunctions(a *asm) {
	if a.wide {
		return
	}
	a.text("pack8", "func(panel *float32, b *float32, ldb int, k int)",
		"transposes b (8, K), rows ldb apart, into 8 columns of panel (K, 32). K is a multiple of 8.")
	panel, b, ldb, k := a.arg("panel"), a.arg("b"), a.arg("ldb"), a.arg("k")
	a.SHLQ(operand.Imm(2), ldb)
	rows := a.rowBases(b, ldb, 8)
	a.Label("loop")
	a.CMPQ(k, operand.Imm(8))
	a.JLT(operand.LabelRef("done"))
	in := make([]reg.VecVirtual, 8)
	for i := range in {
		in[i] = a.load(rowAt(rows, ldb, i), nil)
	}
	for i, v := range a.transpose8(in) {
		a.VMOVUPS(v, operand.Mem{Base: panel, Disp: 128 * i})
	}
	for _, r := range rows {
		a.ADDQ(operand.Imm(32), r)
	}
	a.ADDQ(operand.U32(128*8), panel)
	a.SUBQ(operand.Imm(8), k)
	a.JMP(operand.LabelRef("loop"))
	a.Label("done")
	a.end()
}

// transpose8 transposes an 8 by 8 matrix: pairs of values, pairs of pairs, halves.
func (a *asm) transpose8(in []reg.VecVirtual) []reg.VecVirtual {
	pairs, quads, out := a.vecs(8), make([]reg.VecVirtual, 8), make([]reg.VecVirtual, 8)
	for i := 0; i < 8; i += 2 {
		a.VUNPCKLPS(in[i+1], in[i], pairs[i])
		a.VUNPCKHPS(in[i+1], in[i], pairs[i+1])
	}
	for i := 0; i < 8; i += 4 {
		for j := range 2 {
			quads[i+2*j], quads[i+2*j+1] = a.vec(), a.vec()
			a.VUNPCKLPD(pairs[i+j+2], pairs[i+j], quads[i+2*j])
			a.VUNPCKHPD(pairs[i+j+2], pairs[i+j], quads[i+2*j+1])
		}
	}
	for i := range 4 {
		out[i], out[i+4] = a.vec(), a.vec()
		a.VPERM2F128(operand.Imm(0x20), quads[i+4], quads[i], out[i])
		a.VPERM2F128(operand.Imm(0x31), quads[i+4], quads[i], out[i+4])
	}
	return out
}
