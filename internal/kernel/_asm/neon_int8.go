package main

import "fmt"

// Registers of the int8 tiles beside those of the float32 tile: rows from R0, weights in R6 and R14, steps in R8.
const (
	neonSDOTRows  = 6
	neonSMULLRows = 2
)

func writeNEONInt8() {
	f := newNEONFile()
	declare := func(rows int, kind string) string {
		name := fmt.Sprintf("int8x%dx16%s", rows, kind)
		f.declare(fmt.Sprintf("%s computes dst (%d, 16) = (q (%[2]d, K) w (K, 16)) * sx (%[2]d) * sw (16) + c (%[2]d, 16) + bias (16), K = 4 steps; w is half of (steps, 32, 4).", name, rows),
			"func "+name+"(dst *float32, ldd int, q *int8, ldq int, w *int8, steps int, sx, sw, c *float32, ldc int, bias *float32)")
		return name
	}
	for rows := 1; rows <= neonSDOTRows; rows++ {
		f.code.sdotTile(declare(rows, "SDOT"), rows)
	}
	for rows := 1; rows <= neonSMULLRows; rows++ {
		f.code.smullTile(declare(rows, "NEON"), rows)
	}
	f.declare("maxAbsNEON returns the largest magnitude, infinity and NaN included; n is a positive multiple of 16.",
		"func maxAbsNEON(x *float32, n int) float32")
	f.code.maxAbs()
	f.declare("quantizeNEON writes q = round(x * inverse) and returns the sum; n is a positive multiple of 16.",
		"func quantizeNEON(q *int8, x *float32, n int, inverse float32) int32")
	f.code.quantize()
	f.write("int8")
}

// sdotWord encodes d += sums of four products of bytes of n with group lane of m (FEAT_DotProd).
func sdotWord(m, lane, n, d int) int {
	return 0x4f80e000 | (lane&1)<<21 | m<<16 | (lane>>1)<<11 | n<<5 | d
}

func (a *neon) sdot(m, lane, n, d int) {
	a.line("WORD $0x%08x // SDOT V%d.B[%d], V%d.B16, V%d.S4", sdotWord(m, lane, n, d), m, lane, n, d)
}

// int8Begin loads the arguments of the loop over K.
func (a *neon) int8Begin(name string, rows int) {
	fmt.Fprintf(a, "TEXT ·%s(SB), NOSPLIT, $0-88\n", name)
	a.line("MOVD q+16(FP), R0")
	a.line("MOVD ldq+24(FP), R9")
	for r := 1; r < rows; r++ {
		a.line("ADD R9, R%d, R%d", r-1, r)
	}
	a.line("MOVD w+32(FP), %s", regW)
	a.line("ADD $32, %s, %s", regW, regW8)
	a.line("MOVD $128, %s", regLDW)
	a.line("MOVD steps+40(FP), %s", regK)
}

func (a *neon) clear(vectors int) {
	for i := range vectors {
		a.line("VEOR V%d.B16, V%[1]d.B16, V%[1]d.B16", i)
	}
}

// sdotTile keeps four sums of four columns for each row, and of short tiles several sets.
func (a *neon) sdotTile(name string, rows int) {
	split := chains(rows)
	sum := func(chain, r, v int) int { return (chain%split*rows+r)*4 + v }
	a.int8Begin(name, rows)
	a.clear(4 * rows * split)
	step := func(chain, lane int) {
		if rows < neonSDOTRows {
			a.line("PRFM 1024(%s), PLDL1KEEP", regW)
		}
		for half, from := range []string{regW, regW8} {
			a.line("VLD1 (%s), [V%d.B16, V%d.B16]", from, vecB, vecB+1)
			a.line("ADD %s, %s, %s", regLDW, from, from)
			for r := range rows {
				a.sdot(vecX+r, lane, vecB, sum(chain, r, 2*half))
				a.sdot(vecX+r, lane, vecB+1, sum(chain, r, 2*half+1))
			}
		}
	}
	a.line("SUBS $4, %s, %s", regK, regK)
	a.line("BLT rest")
	a.WriteString("four:\n")
	for r := range rows {
		a.line("VLD1.P 16(R%d), [V%d.B16]", r, vecX+r)
	}
	for lane := range 4 {
		step(lane, lane)
	}
	a.line("SUBS $4, %s, %s", regK, regK)
	a.line("BGE four")
	a.WriteString("rest:\n")
	a.line("ADDS $4, %s, %s", regK, regK)
	a.line("BEQ finish")
	a.WriteString("one:\n")
	for r := range rows {
		a.line("FMOVS.P 4(R%d), F%d", r, vecX+r)
	}
	step(0, 0)
	a.line("SUBS $1, %s, %s", regK, regK)
	a.line("BNE one")
	a.WriteString("finish:\n")
	for chain := 1; chain < split; chain++ {
		for i := range 4 * rows {
			a.line("VADD V%d.S4, V%d.S4, V%[2]d.S4", sum(chain, i/4, i%4), i)
		}
	}
	a.int8Finish(rows)
}

// int8Finish stores float32(sums) * sx * sw + c + bias, eight columns at a time; the sums are from V0, four for each row.
func (a *neon) int8Finish(rows int) {
	const c, bias, sw, sx, scale = 24, 26, 28, 30, 31
	for i, arg := range []string{"dst+0", "ldd+8", "c+64", "ldc+72", "bias+80"} {
		a.line("MOVD %s(FP), R%d", arg, 9+i)
	}
	a.line("MOVD sx+48(FP), R4")
	a.line("MOVD sw+56(FP), R5")
	for r := range rows {
		a.line("FMOVS.P 4(R4), F%d", sx)
		for half := range 2 {
			a.line("ADD $%d, R9, R0", 32*half)
			a.line("ADD $%d, R11, R1", 32*half)
			a.line("ADD $%d, R13, R2", 32*half)
			a.line("ADD $%d, R5, R3", 32*half)
			a.line("VLD1 (R1), [V%d.S4, V%d.S4]", c, c+1)
			a.line("VLD1 (R2), [V%d.S4, V%d.S4]", bias, bias+1)
			a.line("VLD1 (R3), [V%d.S4, V%d.S4]", sw, sw+1)
			for v := range 2 {
				sum := 4*r + 2*half + v
				a.fadd(bias+v, c+v, c+v)
				a.line("WORD $0x%08x // SCVTF V%d.S4, V%d.S4", 0x4e21d800|sum<<5|sum, sum, sum)
				a.line("WORD $0x%08x // FMUL V%d.S[0], V%d.S4, V%d.S4", 0x4f809000|sx<<16|(sw+v)<<5|scale, sx, sw+v, scale)
				a.line("VFMLA V%d.S4, V%d.S4, V%d.S4", scale, sum, c+v)
			}
			a.line("VST1 [V%d.S4, V%d.S4], (R0)", c, c+1)
		}
		a.line("ADD R10<<2, R9, R9")
		a.line("ADD R12<<2, R11, R11")
	}
	a.line("RET")
}

// smullTile is for processors without SDOT: products in 16 bits, of two steps if there are two, then sums of pairs in 32.
// A row has eight vectors of two halves of the sums of two columns.
func (a *neon) smullTile(name string, rows int) {
	const (
		x, next  = 16, 18 // one step and the next of each row
		w, wNext = 20, 22 // two vectors of each
		products = 24
	)
	a.int8Begin(name, rows)
	a.clear(8 * rows)
	multiply := func(op string, base, m, n, d int) {
		a.line("WORD $0x%08x // V%s V%d.B8, V%d.B8, V%d.H8", 0x0e200000|base|m<<16|n<<5|d, op, m, n, d)
		a.line("WORD $0x%08x // V%s2 V%d.B16, V%d.B16, V%d.H8", 0x4e200000|base|m<<16|n<<5|(d+1), op, m, n, d+1)
	}
	steps := func(two bool) {
		for r := range rows {
			a.line("MOVWU.P 4(R%d), R10", r)
			a.line("VDUP R10, V%d.S4", x+r)
			if two {
				a.line("MOVWU.P 4(R%d), R10", r)
				a.line("VDUP R10, V%d.S4", next+r)
			}
		}
		for half, from := range []string{regW, regW8} {
			a.line("VLD1 (%s), [V%d.B16, V%d.B16]", from, w, w+1)
			a.line("ADD %s, %s, %s", regLDW, from, from)
			if two {
				a.line("VLD1 (%s), [V%d.B16, V%d.B16]", from, wNext, wNext+1)
				a.line("ADD %s, %s, %s", regLDW, from, from)
			}
			for r := range rows {
				for v := range 2 {
					t := products + 2*v
					multiply("SMULL", 0xc000, x+r, w+v, t)
					if two {
						multiply("SMLAL", 0x8000, next+r, wNext+v, t)
					}
					for i := range 2 {
						sum := 8*r + 4*half + 2*v + i
						a.line("WORD $0x%08x // VSADALP V%d.H8, V%d.S4", 0x4e606800|(t+i)<<5|sum, t+i, sum)
					}
				}
			}
		}
	}
	a.line("SUBS $2, %s, %s", regK, regK)
	a.line("BLT rest")
	a.WriteString("two:\n")
	steps(true)
	a.line("SUBS $2, %s, %s", regK, regK)
	a.line("BGE two")
	a.WriteString("rest:\n")
	a.line("ADDS $2, %s, %s", regK, regK)
	a.line("BEQ finish")
	steps(false)
	a.WriteString("finish:\n")
	for i := range 4 * rows {
		a.line("WORD $0x%08x // VADDP V%d.S4, V%d.S4, V%d.S4", 0x4ea0bc00|(2*i+1)<<16|2*i<<5|i, 2*i+1, 2*i, i)
	}
	a.int8Finish(rows)
}

// maxAbs compares magnitudes as integers.
func (a *neon) maxAbs() {
	const mask, tops, v = 31, 0, 4
	a.WriteString("TEXT ·maxAbsNEON(SB), NOSPLIT, $0-20\n")
	a.line("MOVD x+0(FP), R0")
	a.line("MOVD n+8(FP), R1")
	a.line("MOVD $0x7fffffff, R2")
	a.line("VDUP R2, V%d.S4", mask)
	a.clear(4)
	a.WriteString("loop:\n")
	a.line("VLD1.P 64(R0), [V4.S4, V5.S4, V6.S4, V7.S4]")
	for i := range 4 {
		a.line("VAND V%d.B16, V%d.B16, V%[2]d.B16", mask, v+i)
		a.umax(v+i, tops+i, tops+i)
	}
	a.line("SUBS $16, R1, R1")
	a.line("BNE loop")
	a.umax(1, 0, 0)
	a.umax(3, 2, 2)
	a.umax(2, 0, 0)
	a.line("WORD $0x%08x // VUMAXV V0.S4, V0", 0x6eb0a800)
	a.line("FMOVS F0, ret+16(FP)")
	a.line("RET")
}

func (a *neon) umax(m, n, d int) {
	a.line("WORD $0x%08x // VUMAX V%d.S4, V%d.S4, V%d.S4", 0x6ea06400|m<<16|n<<5|d, m, n, d)
}

// quantize rounds 16 values at a time.
func (a *neon) quantize() {
	const inverse, sums, v = 31, 16, 4
	a.WriteString("TEXT ·quantizeNEON(SB), NOSPLIT, $0-36\n")
	for i, arg := range []string{"q+0", "x+8", "n+16"} {
		a.line("MOVD %s(FP), R%d", arg, i)
	}
	a.line("FMOVS inverse+24(FP), F%d", inverse)
	a.line("VEOR V%d.B16, V%[1]d.B16, V%[1]d.B16", sums)
	a.WriteString("loop:\n")
	a.line("VLD1.P 64(R1), [V4.S4, V5.S4, V6.S4, V7.S4]")
	for i := range 4 {
		a.line("WORD $0x%08x // FMUL V%d.S[0], V%d.S4, V%d.S4", 0x4f809000|inverse<<16|(v+i)<<5|(v+i), inverse, v+i, v+i)
		a.line("WORD $0x%08x // VFCVTNS V%d.S4, V%d.S4", 0x4e21a800|(v+i)<<5|(v+i), v+i, v+i)
		a.line("VADD V%d.S4, V%d.S4, V%[2]d.S4", v+i, sums)
	}
	for i := range 2 {
		a.line("WORD $0x%08x // VSQXTN V%d.S4, V%d.H4", 0x0e614800|(v+2*i)<<5|i, v+2*i, i)
		a.line("WORD $0x%08x // VSQXTN2 V%d.S4, V%d.H8", 0x4e614800|(v+2*i+1)<<5|i, v+2*i+1, i)
	}
	a.line("WORD $0x%08x // VSQXTN V0.H8, V2.B8", 0x0e214800|0<<5|2)
	a.line("WORD $0x%08x // VSQXTN2 V1.H8, V2.B16", 0x4e214800|1<<5|2)
	a.line("VST1.P [V2.B16], 16(R0)")
	a.line("SUBS $16, R2, R2")
	a.line("BNE loop")
	a.line("VADDV V%d.S4, V0", sums)
	a.line("FMOVS F0, ret+32(FP)")
	a.line("RET")
}
