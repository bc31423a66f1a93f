package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// convertFunctions makes the widening of 16-bit weights to float32. Every processor with AVX2 has F16C.
func convertFunctions(a *asm) {
	a.widen("f16ToF32", "widens n binary16 values; n is a multiple of 32.", func(from operand.Mem, to reg.VecVirtual) {
		a.VCVTPH2PS(from, to)
	})
	a.widen("bf16ToF32", "widens n bfloat16 values; n is a multiple of 32.", func(from operand.Mem, to reg.VecVirtual) {
		a.VPMOVZXWD(from, to)
		a.VPSLLD(operand.Imm(16), to, to)
	})
}

// widen writes a loop over 32 values of two bytes.
func (a *asm) widen(name, doc string, convert func(from operand.Mem, to reg.VecVirtual)) {
	a.text(name, "func(dst *float32, src *byte, n int)", doc)
	dst, src, n := a.arg("dst"), a.arg("src"), a.arg("n")
	a.Label("loop")
	a.CMPQ(n, operand.Imm(32))
	a.JLT(operand.LabelRef("done"))
	for i := 0; i < 32; i += a.lanes {
		v := a.vec()
		convert(operand.Mem{Base: src, Disp: 2 * i}, v)
		a.VMOVUPS(v, operand.Mem{Base: dst, Disp: 4 * i})
	}
	a.ADDQ(operand.Imm(64), src)
	a.ADDQ(operand.U32(128), dst)
	a.SUBQ(operand.Imm(32), n)
	a.JMP(operand.LabelRef("loop"))
	a.Label("done")
	a.end()
}
