package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gemmFunctions makes one tile function per number of rows. A tile is two vectors wide: 16 columns with AVX2, 32 with
// AVX-512.
func gemmFunctions(a *asm) {
	for rows := 1; rows <= a.rows; rows++ {
		a.gemmTile(rows)
	}
}

// chains is how many partial sums each element of a short tile gets, so that enough FMA are in flight to hide their
// latency of 4 cycles on 2 ports.
func chains(rows int) int {
	switch rows {
	case 1, 2:
		return 4 / rows
	case 3:
		return 2
	}
	return 1
}

// A tile of up to prefetchRows rows waits for w rather than for arithmetic, and so asks for it 1 << prefetchShift steps of K ahead.
const (
	prefetchRows  = 8
	prefetchShift = 5
)

// rowGroup is how many rows share a base register: row i is base i/3 plus 0, 1 or 2 strides.
const rowGroup = 3

// gemmTile makes dst (rows, width) = alpha * x (rows, K) w (K, width) + c + bias. Strides are in values.
func (a *asm) gemmTile(rows int) {
	width := 2 * a.lanes
	a.text(fmt.Sprintf("gemm%dx%d", rows, width),
		"func(dst *float32, ldd int, x *float32, ldx int, w *float32, ldw int, k int, c *float32, ldc int, bias *float32, alpha float32)",
		fmt.Sprintf("computes dst (%d, %d) = alpha * x (%[1]d, K) w (K, %[2]d) + c (%[1]d, %[2]d) + bias (%[2]d).", rows, width))
	ldx, w, ldw, k := a.arg("ldx"), a.arg("w"), a.arg("ldw"), a.arg("k")
	a.SHLQ(operand.Imm(2), ldx)
	a.SHLQ(operand.Imm(2), ldw)
	x := a.rowBases(a.arg("x"), ldx, rows)
	ldw3 := a.GP64()
	a.LEAQ(operand.Mem{Base: ldw, Index: ldw, Scale: 2}, ldw3)

	ahead := a.GP64()
	if rows <= prefetchRows {
		a.MOVQ(ldw, ahead)
		a.SHLQ(operand.Imm(prefetchShift), ahead)
		a.ADDQ(w, ahead)
	}

	sums := make([][]reg.VecVirtual, chains(rows)) // [chain][2*row+half]
	for i := range sums {
		sums[i] = a.vecs(2 * rows)
		for _, s := range sums[i] {
			a.zero(s)
		}
	}
	step := func(j int) { // adds row k+j of w
		row := operand.Mem{Base: w}
		switch j {
		case 1, 2:
			row.Index, row.Scale = ldw, uint8(j)
		case 3:
			row.Index, row.Scale = ldw3, 1
		}
		w0, w1 := a.load(row, nil), a.load(row.Offset(a.bytes()), nil)
		if rows <= prefetchRows {
			for line := 0; line < 2*a.bytes(); line += 64 {
				next := row
				next.Base = ahead
				a.PREFETCHT0(next.Offset(line))
			}
		}
		acc := sums[j%len(sums)]
		for r := range rows {
			v := a.vec()
			a.VBROADCASTSS(rowAt(x, ldx, r).Offset(4*j), v)
			a.VFMADD231PS(w0, v, acc[2*r])
			a.VFMADD231PS(w1, v, acc[2*r+1])
		}
	}
	a.SUBQ(operand.Imm(4), k)
	a.JLT(operand.LabelRef("rest"))
	a.Label("four")
	for j := range 4 {
		step(j)
	}
	a.LEAQ(operand.Mem{Base: w, Index: ldw, Scale: 4}, w)
	if rows <= prefetchRows {
		a.LEAQ(operand.Mem{Base: ahead, Index: ldw, Scale: 4}, ahead)
	}
	for _, base := range x {
		a.ADDQ(operand.Imm(16), base)
	}
	a.SUBQ(operand.Imm(4), k)
	a.JGE(operand.LabelRef("four"))
	a.Label("rest")
	a.ADDQ(operand.Imm(4), k)
	a.JE(operand.LabelRef("finish"))
	a.Label("one")
	step(0)
	a.ADDQ(ldw, w)
	for _, base := range x {
		a.ADDQ(operand.Imm(4), base)
	}
	a.DECQ(k)
	a.JNE(operand.LabelRef("one"))
	a.Label("finish")
	for i := 1; i < len(sums); i++ {
		for j, s := range sums[i] {
			a.VADDPS(s, sums[0][j], sums[0][j])
		}
	}
	a.gemmFinish(sums[0], rows)
	a.end()
}

// gemmFinish stores alpha * sums + c + bias. c may be dst.
func (a *asm) gemmFinish(sums []reg.VecVirtual, rows int) {
	ldd, ldc, bias, alpha := a.arg("ldd"), a.arg("ldc"), a.arg("bias"), a.splat("alpha")
	a.SHLQ(operand.Imm(2), ldd)
	a.SHLQ(operand.Imm(2), ldc)
	dst, c := a.arg("dst"), a.arg("c")
	for r := range rows {
		for half := range 2 {
			v := a.load(operand.Mem{Base: c, Disp: half * a.bytes()}, nil)
			a.VADDPS(operand.Mem{Base: bias, Disp: half * a.bytes()}, v, v)
			a.VFMADD231PS(alpha, sums[2*r+half], v)
			a.VMOVUPS(v, operand.Mem{Base: dst, Disp: half * a.bytes()})
		}
		a.ADDQ(ldd, dst)
		a.ADDQ(ldc, c)
	}
}

// rowBases returns a register for every third row.
func (a *asm) rowBases(base, stride reg.GPVirtual, rows int) []reg.GPVirtual {
	bases := []reg.GPVirtual{base}
	if rows <= rowGroup {
		return bases
	}
	stride3 := a.GP64()
	a.LEAQ(operand.Mem{Base: stride, Index: stride, Scale: 2}, stride3)
	for r := rowGroup; r < rows; r += rowGroup {
		next := a.GP64()
		a.LEAQ(operand.Mem{Base: bases[len(bases)-1], Index: stride3, Scale: 1}, next)
		bases = append(bases, next)
	}
	return bases
}

// rowAt returns the address of row r.
func rowAt(bases []reg.GPVirtual, stride reg.GPVirtual, r int) operand.Mem {
	m := operand.Mem{Base: bases[r/rowGroup]}
	if r%rowGroup > 0 {
		m.Index, m.Scale = stride, uint8(r%rowGroup)
	}
	return m
}
