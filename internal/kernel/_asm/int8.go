package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Ways to multiply bytes: weights are signed, activations too or, for VPDPBUSD, bytes x + 128.
var (
	int8AVX2    = int8Set{"AVX2", 6, (*asm).stepSigned}
	int8AVXVNNI = int8Set{"AVXVNNI", 6, (*asm).stepVNNI}
	int8VNNI    = int8Set{"VNNI", 14, (*asm).stepVNNI}
)

// int8Set is a way to multiply bytes.
type int8Set struct {
	name string
	rows int // tallest tile of two vectors
	step func(a *asm, s int8Step)
}

// int8Step is one of K: acc (rows, vectors) gets the sums of four products of x (rows) and the weights at w (vectors). x(r) is where four bytes are.
type int8Step struct {
	rows, vectors int
	x             func(r int) operand.Mem
	w             operand.Mem
	acc           []reg.VecVirtual
	scratch       []reg.VecVirtual // 2, kept from step to step
	ones          reg.VecVirtual   // 16-bit, of stepSigned
}

// int8Functions makes the tiles of quantised activations and weights.
func int8Functions(a *asm) {
	if a.wide {
		a.int8Tiles(int8VNNI)
		return
	}
	a.int8Tiles(int8AVX2)
	a.int8Tiles(int8AVXVNNI)
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
		"func(dst *float32, ldd int, q *int8, ldq int, w *int8, steps int, tiles int, init *int32, ldi int, sx, sw, c *float32, ldc int, bias *float32)",
		fmt.Sprintf("computes so many tiles, one below the other, each dst (%d, %d) = (q (%[1]d, K) w (K, %[2]d) + init (%[1]d, %[2]d)) * sx (%[1]d) * sw (%[2]d) + c (%[1]d, %[2]d) + bias (%[2]d), K = 4 steps.", rows, width))
	a.Label("tile")
	ldq, w, steps := a.arg("ldq"), a.arg("w"), a.arg("steps")
	q := a.rowBases(a.arg("q"), ldq, rows)
	sums := make([][]reg.VecVirtual, max(1, 2*chains(rows)/vectors)) // [chain][vectors*row+vector]
	for i := range sums {
		sums[i] = a.vecs(vectors * rows)
	}
	a.int8Init(sums, rows, vectors)
	t := int8Step{rows: rows, vectors: vectors, scratch: a.vecs(2)}
	if set.name == "AVX2" {
		t.ones = a.vec()
		a.VPCMPEQW(t.ones, t.ones, t.ones)
		a.VPSRLW(operand.Imm(15), t.ones, t.ones)
	}
	step := func(j int) {
		t.w, t.acc = operand.Mem{Base: w, Disp: 4 * 32 * j}, sums[j%len(sums)]
		t.x = func(r int) operand.Mem { return rowAt(q, ldq, r).Offset(4 * j) }
		if a.wide || rows < set.rows {
			for line := 0; line < vectors*a.bytes(); line += 64 {
				a.PREFETCHT0(t.w.Offset(int8Ahead(rows) + line))
			}
		}
		set.step(a, t)
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
	down := a.arg("ldq")
	a.IMUL3Q(operand.Imm(uint64(rows)), down, down)
	a.ADDQ(down, a.argument("q"))
	a.ADDQ(operand.Imm(uint64(4*rows)), a.argument("sx"))
	a.DECQ(a.argument("tiles"))
	a.JNE(operand.LabelRef("tile"))
	a.end()
}

// argument returns where a parameter lies.
func (a *asm) argument(name string) operand.Mem {
	p, err := a.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return p.Addr
}

// int8Init loads the first chain and clears the others.
func (a *asm) int8Init(sums [][]reg.VecVirtual, rows, vectors int) {
	init, ldi := a.arg("init"), a.arg("ldi")
	a.SHLQ(operand.Imm(2), ldi)
	for r := range rows {
		for v := range vectors {
			a.VMOVUPS(operand.Mem{Base: init, Disp: v * a.bytes()}, sums[0][vectors*r+v])
		}
		a.ADDQ(ldi, init)
	}
	a.MOVQ(init, a.argument("init"))
	for _, chain := range sums[1:] {
		for _, s := range chain {
			a.zero(s)
		}
	}
}

// stepSigned takes the sign of each weight to the activation: magnitudes up to 127 times signed bytes from -127 to 127 make pairs that fit 16 bits.
func (a *asm) stepSigned(s int8Step) {
	magnitude, product := s.scratch[0], s.scratch[1]
	for v := range s.vectors {
		w := s.w.Offset(v * a.bytes())
		a.VPABSB(w, magnitude)
		for r := range s.rows {
			a.VPBROADCASTD(s.x(r), product)
			a.VPSIGNB(w, product, product)
			a.VPMADDUBSW(product, magnitude, product)
			a.VPMADDWD(s.ones, product, product)
			a.VPADDD(product, s.acc[s.vectors*r+v], s.acc[s.vectors*r+v])
		}
	}
}

// stepVNNI keeps the shorter side in registers.
func (a *asm) stepVNNI(s int8Step) {
	load := func(n int, one func(i int, v reg.VecVirtual)) []reg.VecVirtual {
		vs := a.vecs(n)
		for i, v := range vs {
			one(i, v)
		}
		return vs
	}
	broadcast := func(r int, v reg.VecVirtual) { a.VPBROADCASTD(s.x(r), v) }
	weights := func(i int, v reg.VecVirtual) { a.VMOVUPS(s.w.Offset(i*a.bytes()), v) }
	if s.rows < s.vectors {
		xs := load(s.rows, broadcast)
		for v := range s.vectors {
			weights(v, s.scratch[0])
			for r, x := range xs {
				a.VPDPBUSD(s.scratch[0], x, s.acc[s.vectors*r+v])
			}
		}
		return
	}
	ws := load(s.vectors, weights)
	for r := range s.rows {
		broadcast(r, s.scratch[0])
		for v, w := range ws {
			a.VPDPBUSD(w, s.scratch[0], s.acc[s.vectors*r+v])
		}
	}
}

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
	a.MOVQ(dst, a.argument("dst"))
	a.MOVQ(c, a.argument("c"))
}
