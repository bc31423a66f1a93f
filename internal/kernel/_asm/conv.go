package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// convRows is how many time steps the depthwise convolution computes at once.
const convRows = 8

// convFunctions makes the depthwise convolution of 16 channels.
func convFunctions(a *asm) {
	a.text("depthwise16", "func(dst, x, w, bias *float32, t, c, k int)",
		"computes dst (T, 16) = bias + sum over j < k of x[t+j] * w[j]; all rows are c values apart.")
	dst, x, w, bias := a.arg("dst"), a.arg("x"), a.arg("w"), a.arg("bias")
	t, c, k := a.arg("t"), a.arg("c"), a.arg("k")
	a.SHLQ(operand.Imm(2), c)
	a.convPass("many", convRows/(16/a.lanes), dst, x, w, bias, t, c, k)
	a.convPass("single", 1, dst, x, w, bias, t, c, k)
	a.end()
}

// convPass computes rows time steps at a time while as many remain.
func (a *asm) convPass(name string, rows int, dst, x, w, bias, t, c, k reg.GPVirtual) {
	vectors := 16 / a.lanes
	a.Label(name)
	a.CMPQ(t, operand.Imm(uint64(rows)))
	a.JLT(operand.LabelRef(name + "_end"))
	sums := a.vecs(rows * vectors)
	for i, s := range sums {
		a.VMOVUPS(operand.Mem{Base: bias, Disp: i % vectors * a.bytes()}, s)
	}
	from, tap, j := a.GP64(), a.GP64(), a.GP64()
	a.MOVQ(x, from)
	a.MOVQ(w, tap)
	a.MOVQ(k, j)
	a.Label(name + "_tap")
	taps := make([]reg.VecVirtual, vectors)
	for v := range taps {
		taps[v] = a.load(operand.Mem{Base: tap, Disp: v * a.bytes()}, nil)
	}
	row := a.GP64()
	a.MOVQ(from, row)
	for r := range rows {
		for v := range vectors {
			a.VFMADD231PS(operand.Mem{Base: row, Disp: v * a.bytes()}, taps[v], sums[r*vectors+v])
		}
		if r < rows-1 {
			a.ADDQ(c, row)
		}
	}
	a.ADDQ(c, from)
	a.ADDQ(c, tap)
	a.DECQ(j)
	a.JNE(operand.LabelRef(name + "_tap"))
	for r := range rows {
		for v := range vectors {
			a.VMOVUPS(sums[r*vectors+v], operand.Mem{Base: dst, Disp: v * a.bytes()})
		}
		a.ADDQ(c, dst)
		a.ADDQ(c, x)
	}
	a.SUBQ(operand.Imm(uint64(rows)), t)
	a.JMP(operand.LabelRef(name))
	a.Label(name + "_end")
}
