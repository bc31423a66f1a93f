package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
)

// quantizeFunctions makes the conversion of float32 rows to bytes; 256-bit registers serve both tiers.
func quantizeFunctions(a *asm) {
	if a.wide {
		return
	}
	a.maxAbs()
	a.quantize()
}

// maxAbs compares magnitudes as integers, which puts infinity and NaN on top.
func (a *asm) maxAbs() {
	a.text("maxAbs", "func(x *float32, n int) float32",
		"returns the largest magnitude, infinity and NaN included; n is a positive multiple of 32.")
	x, n, mask := a.arg("x"), a.arg("n"), a.vec()
	a.VPCMPEQD(mask, mask, mask)
	a.VPSRLD(operand.Imm(1), mask, mask)
	tops := a.zeroed(4)
	a.Label("loop")
	for i, top := range tops {
		v := a.vec()
		a.VPAND(operand.Mem{Base: x, Disp: 32 * i}, mask, v)
		a.VPMAXUD(v, top, top)
	}
	a.ADDQ(operand.U32(128), x)
	a.SUBQ(operand.Imm(32), n)
	a.JNE(operand.LabelRef("loop"))
	a.ret(a.reduce(tops, func(x, y, dst operand.Op) { a.VPMAXUD(x, y, dst) }))
}

// quantize rounds 32 values at a time; the order that packing leaves is mended by a permutation.
func (a *asm) quantize() {
	a.text("quantize", "func(q *int8, x *float32, n int, inverse float32, flip uint32) int32",
		"writes q = round(x * inverse), its four-byte groups xored with flip, and returns the sum of the rounded values; n is a positive multiple of 32.")
	q, x, n, inverse := a.arg("q"), a.arg("x"), a.arg("n"), a.splat("inverse")
	flip := a.splat("flip")
	order := a.load(a.quantizeOrder(), nil)
	sums, next := a.zeroed(4), a.GP64()
	a.MOVQ(n, next)
	a.SHLQ(operand.Imm(2), next)
	a.Label("loop")
	v := a.vecs(4)
	for line := 0; line < 128; line += 64 { // of the next row, if rows follow each other
		a.PREFETCHT0(operand.Mem{Base: x, Index: next, Scale: 1, Disp: line})
	}
	for i := range v {
		a.VMULPS(operand.Mem{Base: x, Disp: 32 * i}, inverse, v[i])
		a.VCVTPS2DQ(v[i], v[i])
		a.VPADDD(v[i], sums[i], sums[i])
	}
	a.VPACKSSDW(v[1], v[0], v[0])
	a.VPACKSSDW(v[3], v[2], v[2])
	a.VPACKSSWB(v[2], v[0], v[0])
	a.VPERMD(v[0], order, v[0])
	a.VPXOR(flip, v[0], v[0])
	a.VMOVUPS(v[0], operand.Mem{Base: q})
	a.ADDQ(operand.U32(128), x)
	a.ADDQ(operand.Imm(32), q)
	a.SUBQ(operand.Imm(32), n)
	a.JNE(operand.LabelRef("loop"))
	total := a.reduce(sums, func(x, y, dst operand.Op) { a.VPADDD(x, y, dst) })
	out := a.GP32()
	a.VMOVD(total.AsX(), out)
	a.Store(out, a.ReturnIndex(0))
	a.end()
}

// quantizeOrder undoes the interleaving of 128-bit halves by two packs.
func (a *asm) quantizeOrder() operand.Mem { return a.indices("quantizeOrder", 0, 4, 1, 5, 2, 6, 3, 7) }

// indices returns eight integers in memory.
func (a *asm) indices(name string, values ...uint32) operand.Mem {
	if m, ok := a.constants[name]; ok {
		return m
	}
	m := a.StaticGlobal(name)
	a.DataAttributes(attr.RODATA | attr.NOPTR)
	for i, v := range values {
		a.AddDatum(4*i, operand.U32(v))
	}
	a.constants[name] = m
	return m
}
