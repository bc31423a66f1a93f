package main

import "fmt"

// Registers of the bf16 tile. Sums are V0-V15.
const (
	neonBF16Rows = 4
	vecRaw       = 16 // V16-V19: 16 columns of pairs
	vecOdd       = 28 // the mask of the odd values of pairs
	vecWide      = 29 // four columns as float32
)

func writeNEONBF16() {
	f := newNEONFile()
	f.declare("expandPairsNEON expands w (pairs, 32, 2) bf16 to dst (2 pairs, 32).",
		"func expandPairsNEON(dst *float32, w *uint16, pairs int)")
	f.code.expandPairs()
	f.declare("packPairs4NEON rounds b (4, K), rows ldb apart, to bf16 and transposes its pairs into 4 columns of panel (K/2, 32, 2). "+
		"K is a multiple of 8.", "func packPairs4NEON(panel *uint16, b *float32, ldb int, k int)")
	f.code.packPairs()
	for rows := 1; rows <= neonBF16Rows; rows++ {
		name := fmt.Sprintf("gemmBF16x%dx16NEON", rows)
		f.declare(fmt.Sprintf("%s computes dst (%d, 16) = x (%[2]d, K) w (K, 16) + c (%[2]d, 16) + bias (16); w is half of (ceil(K/2), 32, 2) bf16.", name, rows),
			"func "+name+"(dst *float32, ldd int, x *float32, ldx int, w *uint16, k int, c *float32, ldc int, bias *float32)")
		f.code.bf16Tile(name, rows)
	}
	f.write("bf16")
}

// oddHalf loads the mask of the odd values of pairs.
func (a *neon) oddHalf() {
	a.line("MOVD $0x%08x, R15", oddMask)
	a.line("VDUP R15, V%d.S4", vecOdd)
}

func (a *neon) expandPairs() {
	a.WriteString("TEXT ·expandPairsNEON(SB), NOSPLIT, $0-24\n")
	for i, arg := range []string{"dst+0", "w+8", "pairs+16"} {
		a.line("MOVD %s(FP), R%d", arg, i)
	}
	a.oddHalf()
	a.WriteString("pair:\n")
	a.line("VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]")
	a.line("VLD1.P 64(R1), [V4.S4, V5.S4, V6.S4, V7.S4]")
	for i := range 8 {
		a.line("VSHL $16, V%d.S4, V%d.S4", i, 8+i)
		a.line("VAND V%d.B16, V%d.B16, V%[2]d.B16", vecOdd, i)
	}
	for _, first := range []int{8, 12, 0, 4} {
		a.line("VST1.P [V%d.S4, V%d.S4, V%d.S4, V%d.S4], 64(R0)", first, first+1, first+2, first+3)
	}
	a.line("SUBS $1, R2, R2")
	a.line("BNE pair")
	a.line("RET")
}

// packPairs rounds to nearest even: half a unit is added, less one where the unit is even. NaN must not be carried over.
func (a *neon) packPairs() {
	const one, half, quiet = 29, 30, 31
	a.WriteString("TEXT ·packPairs4NEON(SB), NOSPLIT, $0-32\n")
	for _, load := range []string{"panel+0(FP), R5", "b+8(FP), R0", "ldb+16(FP), R6", "k+24(FP), R4"} {
		a.line("MOVD %s", load)
	}
	for r := range 3 {
		a.line("ADD R6<<2, R%d, R%d", r, r+1)
	}
	a.constant(1, one)
	a.constant(0x7fff, half)
	a.constant(1<<22, quiet)
	a.WriteString("loop:\n")
	for r := range 4 {
		a.line("VLD1.P 32(R%d), [V0.S4, V1.S4]", r)
		for v := range 2 {
			a.line("VUSHR $16, V%d.S4, V2.S4", v)
			a.line("VAND V%d.B16, V2.B16, V2.B16", one)
			a.add(half, 2, 2)
			a.add(v, 2, 2)
			a.three(0x4e20e400, "VFCMEQ", v, v, 3)
			a.line("VORR V%d.B16, V%d.B16, V%[2]d.B16", quiet, v)
			a.line("VBIT V3.B16, V2.B16, V%d.B16", v)
		}
		a.line("VUZP2 V1.H8, V0.H8, V%d.H8", 16+r)
	}
	for i := range 2 { // a 4 by 4 transposition of pairs
		a.line("VTRN1 V%d.S4, V%d.S4, V%d.S4", 17+2*i, 16+2*i, 20+2*i)
		a.line("VTRN2 V%d.S4, V%d.S4, V%d.S4", 17+2*i, 16+2*i, 21+2*i)
	}
	for i := range 2 {
		a.line("VTRN1 V%d.D2, V%d.D2, V%d.D2", 22+i, 20+i, 24+i)
		a.line("VTRN2 V%d.D2, V%d.D2, V%d.D2", 22+i, 20+i, 26+i)
	}
	for i := range 4 {
		a.line("VST1 [V%d.S4], (R5)", 24+i)
		a.line("ADD $%d, R5, R5", pairBytes)
	}
	a.line("SUBS $8, R4, R4")
	a.line("BNE loop")
	a.line("RET")
}

func (a *neon) bf16Tile(name string, rows int) {
	split := max(1, 8>>rows) // partial sums: 16 vectors of them for one and two rows
	sum := func(j, r, v int) int { return (j%split*rows+r)*4 + v }
	fmt.Fprintf(a, "TEXT ·%s(SB), NOSPLIT, $0-72\n", name)
	a.line("MOVD x+16(FP), R0")
	a.line("MOVD ldx+24(FP), R9")
	for r := 1; r < rows; r++ {
		a.line("ADD R9<<2, R%d, R%d", r-1, r)
	}
	a.line("MOVD w+32(FP), %s", regW)
	a.line("MOVD $%d, %s", pairBytes, regLDW)
	a.line("MOVD k+40(FP), %s", regK)
	a.oddHalf()
	for i := range 4 * rows * split {
		a.line("VEOR V%d.B16, V%[1]d.B16, V%[1]d.B16", i)
	}
	pair := func(first, count int) { // adds count of the two values first and first+1
		a.line("VLD1 (%s), [V%d.S4, V%d.S4, V%d.S4, V%d.S4]", regW, vecRaw, vecRaw+1, vecRaw+2, vecRaw+3)
		a.line("ADD %s, %s, %[2]s", regLDW, regW)
		for v := range 4 {
			for j := first; j < first+count; j++ {
				if j == first {
					a.line("VSHL $16, V%d.S4, V%d.S4", vecRaw+v, vecWide)
				} else {
					a.line("VAND V%d.B16, V%d.B16, V%d.B16", vecOdd, vecRaw+v, vecWide)
				}
				for r := range rows {
					a.fmla(vecX+r, j, vecWide, sum(j, r, v))
				}
			}
		}
	}
	a.line("SUBS $4, %s, %s", regK, regK)
	a.line("BLT rest")
	a.WriteString("four:\n")
	for r := range rows {
		a.line("VLD1.P 16(R%d), [V%d.S4]", r, vecX+r)
	}
	pair(0, 2)
	pair(2, 2)
	a.line("SUBS $4, %s, %s", regK, regK)
	a.line("BGE four")
	a.WriteString("rest:\n")
	a.line("ADDS $2, %s, %s", regK, regK)
	a.line("BLT last")
	for r := range rows {
		a.line("FMOVD.P 8(R%d), F%d", r, vecX+r)
	}
	pair(0, 2)
	a.line("SUB $2, %s, %s", regK, regK)
	a.WriteString("last:\n")
	a.line("ADDS $2, %s, %s", regK, regK)
	a.line("BEQ finish")
	for r := range rows {
		a.line("FMOVS (R%d), F%d", r, vecX+r)
	}
	pair(0, 1)
	a.WriteString("finish:\n")
	for chain := 1; chain < split; chain++ {
		for i := range 4 * rows {
			a.fadd(sum(chain, i/4, i%4), i, i)
		}
	}
	a.bf16Finish(rows)
}

// bf16Finish stores sums + c + bias. The bias is V24-V27, c V28-V31.
func (a *neon) bf16Finish(rows int) {
	const bias, c = 24, 28
	for i, arg := range []string{"dst+0", "ldd+8", "c+48", "ldc+56", "bias+64"} {
		a.line("MOVD %s(FP), R%d", arg, 9+i)
	}
	list := func(first int) string {
		return fmt.Sprintf("[V%d.S4, V%d.S4, V%d.S4, V%d.S4]", first, first+1, first+2, first+3)
	}
	a.line("VLD1 (R13), %s", list(bias))
	for r := range rows {
		a.line("VLD1 (R11), %s", list(c))
		for v := range 4 {
			a.fadd(c+v, 4*r+v, 4*r+v)
			a.fadd(bias+v, 4*r+v, 4*r+v)
		}
		a.line("VST1 %s, (R9)", list(4*r))
		a.line("ADD R10<<2, R9, R9")
		a.line("ADD R12<<2, R11, R11")
	}
	a.line("RET")
}
