package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa is an instruction set: AVX2 with FMA on 256-bit registers, or AVX-512 F, BW, DQ, VL on 512-bit ones.
type isa struct {
	suffix string
	wide   bool // 512 bits
	lanes  int  // float32 values per vector
	rows   int  // tallest gemm tile
}

var (
	avx2   = isa{"AVX2", false, 8, 6}
	avx512 = isa{"AVX512", true, 16, 14}
)

func (s isa) bytes() int { return 4 * s.lanes }

// asm is an avo context that speaks in vectors of the instruction set.
type asm struct {
	*build.Context
	isa
	constants map[string]operand.Mem
}

// vec returns a new vector register.
func (a *asm) vec() reg.VecVirtual {
	if a.wide {
		return a.ZMM()
	}
	return a.YMM()
}

func (a *asm) vecs(n int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = a.vec()
	}
	return v
}

func (a *asm) zero(v reg.VecVirtual) {
	if a.wide {
		a.VPXORD(v, v, v)
	} else {
		a.VXORPS(v, v, v)
	}
}

// splat returns parameter name in all lanes.
func (a *asm) splat(name string) reg.VecVirtual {
	v := a.vec()
	p, err := a.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	a.VBROADCASTSS(p.Addr, v)
	return v
}

// constant returns a value as operand: memory for AVX2, whose registers are few, else a register loaded here. Call it
// before the loop. Memory may only be the first operand of an instruction.
func (a *asm) constant(value float64) operand.Op {
	if a.wide {
		return a.constantReg(value)
	}
	return a.constantMem(value)
}

// constantReg returns a value in all lanes of a register.
func (a *asm) constantReg(value float64) reg.VecVirtual {
	v := a.vec()
	if a.wide {
		a.VBROADCASTSS(a.constantMem(value), v)
	} else {
		a.VMOVUPS(a.constantMem(value), v)
	}
	return v
}

// constantMem returns a value in memory: once for AVX-512, in eight lanes for AVX2.
func (a *asm) constantMem(value float64) operand.Mem {
	bits := math.Float32bits(float32(value))
	name := fmt.Sprintf("f32%s_%08x", a.suffix, bits)
	if m, ok := a.constants[name]; ok {
		return m
	}
	lanes := 8
	if a.wide {
		lanes = 1
	}
	m := a.StaticGlobal(name)
	a.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range lanes {
		a.AddDatum(4*i, operand.U32(bits))
	}
	a.constants[name] = m
	return m
}

// tail is the mask of the last n % lanes values of a vector loop.
type tail struct {
	k reg.OpmaskVirtual // AVX-512
	v reg.VecVirtual    // AVX2: all bits of the lanes that count
}

// newTail makes the mask for n values, 0 < n < lanes.
func (a *asm) newTail(n reg.GPVirtual) tail {
	if a.wide {
		bits, k := a.GP64(), a.K()
		a.MOVQ(operand.I64(-1), bits)
		a.BZHIQ(n, bits, bits)
		a.KMOVW(bits.As32(), k)
		return tail{k: k}
	}
	const name = "tailMask"
	m, ok := a.constants[name]
	if !ok {
		m = a.StaticGlobal(name)
		a.DataAttributes(attr.RODATA | attr.NOPTR)
		for i := range 16 {
			bits := uint32(0)
			if i < 8 {
				bits = 0xffffffff
			}
			a.AddDatum(4*i, operand.U32(bits))
		}
		a.constants[name] = m
	}
	base, v := a.GP64(), a.vec()
	a.LEAQ(m.Offset(32), base)
	shift := a.GP64()
	a.MOVQ(n, shift)
	a.SHLQ(operand.Imm(2), shift)
	a.SUBQ(shift, base)
	a.VMOVUPS(operand.Mem{Base: base}, v)
	return tail{v: v}
}

// load reads a vector, or with t the lanes that count and zeros for the others.
func (a *asm) load(m operand.Mem, t *tail) reg.VecVirtual {
	v := a.vec()
	switch {
	case t == nil:
		a.VMOVUPS(m, v)
	case a.wide:
		a.VMOVUPS_Z(m, t.k, v)
	default:
		a.VMASKMOVPS(m, t.v, v)
	}
	return v
}

// store writes a vector, or with t the lanes that count.
func (a *asm) store(v reg.VecVirtual, m operand.Mem, t *tail) {
	switch {
	case t == nil:
		a.VMOVUPS(v, m)
	case a.wide:
		a.VMOVUPS(v, t.k, m)
	default:
		a.VMASKMOVPS(v, t.v, m)
	}
}

// clearTail zeroes the lanes of v that do not count.
func (a *asm) clearTail(v reg.VecVirtual, t *tail) {
	switch {
	case t == nil:
	case a.wide:
		a.VMOVAPS_Z(v, t.k, v)
	default:
		a.VANDPS(t.v, v, v)
	}
}

// loop walks n values with index register i counting bytes: body is emitted for unroll vectors at a time, then for one,
// then for the masked rest. It gets the number u of the vector within the pass and its byte offset.
func (a *asm) loop(name string, n reg.GPVirtual, unroll int, body func(u int, at func(base reg.GPVirtual) operand.Mem, t *tail)) {
	i := a.GP64()
	a.XORQ(i, i)
	at := func(u int) func(base reg.GPVirtual) operand.Mem {
		return func(base reg.GPVirtual) operand.Mem {
			return operand.Mem{Base: base, Index: i, Scale: 1, Disp: u * a.bytes()}
		}
	}
	pass := func(label string, count int) {
		a.Label(label)
		a.CMPQ(n, operand.U32(count*a.lanes))
		a.JLT(operand.LabelRef(label + "_end"))
		for u := range count {
			body(u, at(u), nil)
		}
		a.ADDQ(operand.U32(count*a.bytes()), i)
		a.SUBQ(operand.U32(count*a.lanes), n)
		a.JMP(operand.LabelRef(label))
		a.Label(label + "_end")
	}
	if unroll > 1 {
		pass(name+"_unrolled", unroll)
	}
	pass(name+"_single", 1)
	a.TESTQ(n, n)
	a.JE(operand.LabelRef(name + "_done"))
	t := a.newTail(n)
	body(0, at(0), &t)
	a.Label(name + "_done")
}

// sumLanes adds up accumulators and their lanes and returns the sum in a 128-bit register.
func (a *asm) sumLanes(accs []reg.VecVirtual) reg.VecVirtual {
	return a.reduce(accs, func(x, y, dst operand.Op) { a.VADDPS(x, y, dst) })
}

// reduce folds accumulators and then lanes with op.
func (a *asm) reduce(accs []reg.VecVirtual, op func(x, y, dst operand.Op)) reg.VecVirtual {
	for n := len(accs); n > 1; n = (n + 1) / 2 {
		for i := range n / 2 {
			op(accs[n-1-i], accs[i], accs[i])
		}
	}
	y := accs[0].AsY()
	if a.wide {
		high := a.YMM()
		a.VEXTRACTF64X4(operand.Imm(1), accs[0], high)
		op(high, y, y)
	}
	x, high := accs[0].AsX(), a.XMM()
	a.VEXTRACTF128(operand.Imm(1), y, high)
	op(high, x, x)
	a.VPERMILPS(operand.Imm(0x4e), x, high)
	op(high, x, x)
	a.VPERMILPS(operand.Imm(0xb1), x, high)
	op(high, x, x)
	return accs[0]
}

// ret returns lane 0 of v.
func (a *asm) ret(v reg.VecVirtual) {
	a.Store(v.AsX(), a.ReturnIndex(0))
	a.VZEROUPPER()
	a.RET()
}

func (a *asm) end() {
	a.VZEROUPPER()
	a.RET()
}
