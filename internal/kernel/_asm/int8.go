package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Ways to multiply bytes. Activations are bytes x + 128, weights signed bytes.
var (
	int8AVX2    = int8Set{"AVX2", 6, (*asm).dotMaddubs}
	int8AVXVNNI = int8Set{"AVXVNNI", 6, (*asm).dotVNNI}
	int8VNNI    = int8Set{"VNNI", 14, (*asm).dotVNNI}
)

// int8Set is a way to multiply bytes.
type int8Set struct {
	name string
	rows int                                                // tallest tile of two vectors
	dot  func(a *asm, t *int8Scratch, w, x, acc operand.Op) // adds the sums of four products to acc
}

// weights returns a vector of them as VPMADDUBSW or VPDPBUSD takes it; the latter's encoding here knows only registers.
func (set int8Set) weights(a *asm, m operand.Mem) operand.Op {
	if set.name == "AVX2" {
		return m
	}
	return a.load(m, nil)
}

// int8Scratch are the registers of a step of K.
type int8Scratch struct{ x, product, ones reg.VecVirtual }

// int8Functions makes the tiles of quantised activations and weights.
func int8Functions(a *asm) {
	if a.wide {
		a.int8Tiles(int8VNNI)
		return
	}
	a.int8Tiles(int8AVX2)
	a.int8Tiles(int8AVXVNNI)
	a.int8PairSums()
	a.int8Unsafe()
	a.int8Excess()
}

// int8Tiles makes tiles of two vectors and, of short ones, such that are a panel wide.
func (a *asm) int8Tiles(set int8Set) {
	for rows := 1; rows <= set.rows; rows++ {
		a.int8Tile(set, rows, 2)
	}
	for rows := 1; rows <= 3 && !a.wide; rows++ {
		a.int8Tile(set, rows, 4)
	}
}

// int8Ahead is how many bytes ahead weights are fetched: from memory for a few rows, else from the second-level cache.
func int8Ahead(rows int) int {
	if rows <= prefetchRows {
		return 1024
	}
	return 2048
}

// int8Tile makes dst (rows, width) = float32(q w + init) * sx * sw + c + bias for q (rows, 4 steps) and w (steps, 32, 4), of
// which width columns are used. Strides are in values.
func (a *asm) int8Tile(set int8Set, rows, vectors int) {
	width := vectors * a.lanes
	a.begin(fmt.Sprintf("int8x%dx%d%s", rows, width, set.name),
		"func(dst *float32, ldd int, q *int8, ldq int, w *int8, steps int, init *int32, ldi int, sx, sw, c *float32, ldc int, bias *float32)",
		fmt.Sprintf("computes dst (%d, %d) = (q (%[1]d, K) w (K, %[2]d) + init (%[1]d, %[2]d)) * sx (%[1]d) * sw (%[2]d) + c (%[1]d, %[2]d) + bias (%[2]d), K = 4 steps.", rows, width))
	ldq, w, steps := a.arg("ldq"), a.arg("w"), a.arg("steps")
	q := a.rowBases(a.arg("q"), ldq, rows)
	sums := make([][]reg.VecVirtual, max(1, 2*chains(rows)/vectors)) // [chain][vectors*row+vector]
	for i := range sums {
		sums[i] = a.vecs(vectors * rows)
	}
	a.int8Init(sums, rows, vectors)
	t := &int8Scratch{x: a.vec(), product: a.vec()}
	if set.name == "AVX2" {
		t.ones = a.vec()
		a.VPCMPEQW(t.ones, t.ones, t.ones)
		a.VPSRLW(operand.Imm(15), t.ones, t.ones)
	}
	step := func(j int) {
		m := operand.Mem{Base: w, Disp: 4 * 32 * j}
		if a.wide || rows < set.rows {
			for line := 0; line < vectors*a.bytes(); line += 64 {
				a.PREFETCHT0(m.Offset(int8Ahead(rows) + line))
			}
		}
		acc := sums[j%len(sums)]
		if rows < vectors && set.name != "AVX2" { // registers for the shorter side
			xs := a.vecs(rows)
			for r, x := range xs {
				a.VPBROADCASTD(rowAt(q, ldq, r).Offset(4*j), x)
			}
			for v := range vectors {
				w := set.weights(a, m.Offset(v*a.bytes()))
				for r, x := range xs {
					set.dot(a, t, w, x, acc[vectors*r+v])
				}
			}
			return
		}
		ws := make([]operand.Op, vectors)
		for v := range ws {
			ws[v] = set.weights(a, m.Offset(v*a.bytes()))
		}
		for r := range rows {
			a.VPBROADCASTD(rowAt(q, ldq, r).Offset(4*j), t.x)
			for v, w := range ws {
				set.dot(a, t, w, t.x, acc[vectors*r+v])
			}
		}
	}
	const unrolled = 4
	advance := func(n int) {
		a.ADDQ(operand.U32(n*4*32), w)
		for _, base := range q {
			a.ADDQ(operand.Imm(uint64(4*n)), base)
		}
	}
	a.SUBQ(operand.Imm(unrolled), steps)
	a.JLT(operand.LabelRef("rest"))
	a.Label("unrolled")
	for j := range unrolled {
		step(j)
	}
	advance(unrolled)
	a.SUBQ(operand.Imm(unrolled), steps)
	a.JGE(operand.LabelRef("unrolled"))
	a.Label("rest")
	a.ADDQ(operand.Imm(unrolled), steps)
	a.JE(operand.LabelRef("finish"))
	a.Label("one")
	step(0)
	advance(1)
	a.DECQ(steps)
	a.JNE(operand.LabelRef("one"))
	a.Label("finish")
	for i := 1; i < len(sums); i++ {
		for j, s := range sums[i] {
			a.VPADDD(s, sums[0][j], sums[0][j])
		}
	}
	a.int8Finish(sums[0], rows, vectors)
	a.end()
}

// int8Init loads the first chain and clears the others.
func (a *asm) int8Init(sums [][]reg.VecVirtual, rows, vectors int) {
	init, ldi := a.arg("init"), a.arg("ldi")
	a.SHLQ(operand.Imm(2), ldi)
	for r := range rows {
		for v := range vectors {
			a.VMOVUPS(operand.Mem{Base: init, Disp: v * a.bytes()}, sums[0][vectors*r+v])
		}
		if r < rows-1 {
			a.ADDQ(ldi, init)
		}
	}
	for _, chain := range sums[1:] {
		for _, s := range chain {
			a.zero(s)
		}
	}
}

// dotMaddubs saturates where int8Unsafe says so.
func (a *asm) dotMaddubs(t *int8Scratch, w, x, acc operand.Op) {
	a.VPMADDUBSW(w, x, t.product)
	a.VPMADDWD(t.ones, t.product, t.product)
	a.VPADDD(t.product, acc, acc)
}

func (a *asm) dotVNNI(_ *int8Scratch, w, x, acc operand.Op) { a.VPDPBUSD(w, x, acc) }

// int8Finish stores float32(sums) * sx * sw + c + bias. c may be dst.
func (a *asm) int8Finish(sums []reg.VecVirtual, rows, vectors int) {
	sx, sw, bias := a.arg("sx"), a.arg("sw"), a.arg("bias")
	ldd, ldc := a.arg("ldd"), a.arg("ldc")
	a.SHLQ(operand.Imm(2), ldd)
	a.SHLQ(operand.Imm(2), ldc)
	dst, c := a.arg("dst"), a.arg("c")
	for r := range rows {
		for i, sum := range sums[vectors*r : vectors*(r+1)] {
			at := func(base reg.GPVirtual) operand.Mem { return operand.Mem{Base: base, Disp: i * a.bytes()} }
			scale, v := a.vec(), a.vec()
			a.VBROADCASTSS(operand.Mem{Base: sx, Disp: 4 * r}, scale)
			a.VMULPS(at(sw), scale, scale)
			a.VMOVUPS(at(c), v)
			a.VADDPS(at(bias), v, v)
			a.VCVTDQ2PS(sum, sum)
			a.VFMADD231PS(scale, sum, v)
			a.VMOVUPS(v, at(dst))
		}
		a.ADDQ(ldd, dst)
		a.ADDQ(ldc, c)
	}
}

// int8Unsafe makes the test whether VPMADDUBSW may saturate in a row.
func (a *asm) int8Unsafe() {
	a.text("int8Unsafe", "func(tops, limit *uint8, ldt, rows, n int) uint64",
		"returns a bit for each row, the first in bit 0, with some tops[i] > limit[i], i < n; n is a positive multiple of 32 and ldt the stride of tops.")
	tops, limit, ldt, rows, n := a.arg("tops"), a.arg("limit"), a.arg("ldt"), a.arg("rows"), a.arg("n")
	bits, bit, i := a.GP64(), a.GP64(), a.GP64()
	a.XORQ(bits, bits)
	a.MOVQ(operand.I32(1), bit)
	a.Label("row")
	over, v := a.zeroed(1)[0], a.vec()
	a.XORQ(i, i)
	a.Label("steps")
	a.VMOVUPS(operand.Mem{Base: tops, Index: i, Scale: 1}, v)
	a.VPSUBUSB(operand.Mem{Base: limit, Index: i, Scale: 1}, v, v)
	a.VPOR(v, over, over)
	a.ADDQ(operand.Imm(32), i)
	a.CMPQ(i, n)
	a.JLT(operand.LabelRef("steps"))
	with := a.GP64()
	a.MOVQ(bits, with)
	a.ORQ(bit, with)
	a.VPTEST(over, over)
	a.CMOVQNE(with, bits)
	a.ADDQ(bit, bit)
	a.ADDQ(ldt, tops)
	a.DECQ(rows)
	a.JNE(operand.LabelRef("row"))
	a.Store(bits, a.ReturnIndex(0))
	a.end()
}

// int8Excess makes the correction of a row for the steps in which VPMADDUBSW may saturate.
func (a *asm) int8Excess() {
	a.text("int8Excess", "func(sum *int32, q *int8, w *int8, tops, limit *uint8, n int)",
		"adds to sum (16) what saturation takes from q (4 n) w (4 n, 16) in the steps with tops[i] > limit[i], i < n; n is a positive multiple of 32.")
	sum, q, w := a.arg("sum"), a.arg("q"), a.arg("w")
	tops, limit, n := a.arg("tops"), a.arg("limit"), a.arg("n")
	sums := a.vecs(2)
	for half, s := range sums {
		a.VMOVUPS(operand.Mem{Base: sum, Disp: 32 * half}, s)
	}
	ones, most, least, zero := a.vec(), a.vec(), a.vec(), a.zeroed(1)[0]
	a.VPCMPEQW(ones, ones, ones)
	a.VPSRLW(operand.Imm(15), ones, ones)
	a.int8Splat(64, most)
	a.int8Splat(-64, least)
	i, bits, s, at := a.GP64(), a.GP64(), a.GP64(), a.GP64()
	a.XORQ(i, i)
	a.Label("steps")
	over := a.vec()
	a.VMOVUPS(operand.Mem{Base: tops, Index: i, Scale: 1}, over)
	a.VPSUBUSB(operand.Mem{Base: limit, Index: i, Scale: 1}, over, over)
	a.VPCMPEQB(zero, over, over)
	a.VPMOVMSKB(over, bits.As32())
	a.XORL(operand.I32(-1), bits.As32())
	a.JE(operand.LabelRef("next"))
	a.Label("step")
	a.TZCNTL(bits.As32(), s.As32())
	a.ADDQ(i, s)
	a.MOVQ(s, at)
	a.SHLQ(operand.Imm(7), at)
	x := a.vec()
	a.VPBROADCASTD(operand.Mem{Base: q, Index: s, Scale: 4}, x)
	for half, acc := range sums {
		v, low, all := a.load(operand.Mem{Base: w, Index: at, Scale: 1, Disp: 32 * half}, nil), a.vec(), a.vec()
		a.VPMADDUBSW(v, x, all) // saturated
		a.VPMINSB(most, v, low)
		a.VPMAXSB(least, low, low)
		a.VPSUBB(low, v, v)
		a.VPMADDUBSW(low, x, low)
		a.VPMADDUBSW(v, x, v)
		a.VPSUBW(all, low, low) // both halves less the saturated whole fit 16 bits
		a.VPADDW(low, v, v)
		a.VPMADDWD(ones, v, v)
		a.VPADDD(v, acc, acc)
	}
	a.LEAL(operand.Mem{Base: bits, Disp: -1}, s.As32())
	a.ANDL(s.As32(), bits.As32())
	a.JNE(operand.LabelRef("step"))
	a.Label("next")
	a.ADDQ(operand.Imm(32), i)
	a.CMPQ(i, n)
	a.JLT(operand.LabelRef("steps"))
	for half, v := range sums {
		a.VMOVUPS(v, operand.Mem{Base: sum, Disp: 32 * half})
	}
	a.end()
}

// int8Splat sets all bytes of v.
func (a *asm) int8Splat(value int8, v reg.VecVirtual) {
	bits := a.GP32()
	a.MOVL(operand.U32(uint32(uint8(value))*0x01010101), bits)
	a.VMOVD(bits, v.AsX())
	a.VPBROADCASTD(v.AsX(), v)
}

// int8PairSums makes the scan of a panel for what int8Unsafe needs: the largest sum, in magnitude, that a pair of weights
// contributes per unit of activations, positive and negative weights apart.
func (a *asm) int8PairSums() {
	a.text("int8PairSums", "func(sums *uint16, w *int8, steps int)",
		"writes to sums (steps) the largest magnitude of the positive or the negative part of two neighbours in w (4 steps, 16).")
	sums, w, steps := a.arg("sums"), a.arg("w"), a.arg("steps")
	zero, ones, all := a.zeroed(1)[0], a.vec(), a.vec()
	a.int8Splat(1, ones)
	a.VPCMPEQD(all, all, all)
	a.Label("loop")
	var tops []reg.VecVirtual
	for half := range 2 {
		v := a.load(operand.Mem{Base: w, Disp: 32 * half}, nil)
		positive := a.vec()
		a.VPMAXSB(zero, v, positive)
		a.VPSUBB(v, positive, v)
		a.VPMADDUBSW(positive, ones, positive)
		a.VPMADDUBSW(v, ones, v)
		a.VPMAXSW(positive, v, v)
		tops = append(tops, v)
	}
	a.VPMAXSW(tops[0], tops[1], tops[1])
	high, low := a.XMM(), tops[1].AsX()
	a.VEXTRACTI128(operand.Imm(1), tops[1], high)
	a.VPMAXSW(high, low, low)
	a.VPXOR(all.AsX(), low, low) // the least of the complements
	a.VPHMINPOSUW(low, low)
	a.VPXOR(all.AsX(), low, low)
	a.VPEXTRW(operand.Imm(0), low, operand.Mem{Base: sums})
	a.ADDQ(operand.Imm(2), sums)
	a.ADDQ(operand.U32(128), w)
	a.DECQ(steps)
	a.JNE(operand.LabelRef("loop"))
	a.end()
}
