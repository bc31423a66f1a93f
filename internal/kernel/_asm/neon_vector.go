package main

import "fmt"

// Vector functions on arm64. All take a positive multiple of 4 values: the rest is left to Go. Pointers are R0 to R3, the
// count R4; vectors V0 to V15 are worked with, V16 to V31 hold constants and sums.
const neonCount = "R4"

// three writes an instruction on four float32: d = n op m.
func (a *neon) three(word int, name string, m, n, d int) {
	a.line("WORD $0x%08x // %s V%d.S4, V%d.S4, V%d.S4", word|m<<16|n<<5|d, name, m, n, d)
}

// two writes d = op n.
func (a *neon) two(word int, name string, n, d int) {
	a.line("WORD $0x%08x // %s V%d.S4, V%d.S4", word|n<<5|d, name, n, d)
}

func (a *neon) fsub(m, n, d int)   { a.three(0x4ea0d400, "FSUB", m, n, d) }
func (a *neon) fmul(m, n, d int)   { a.three(0x6e20dc00, "FMUL", m, n, d) }
func (a *neon) fdiv(m, n, d int)   { a.three(0x6e20fc00, "FDIV", m, n, d) }
func (a *neon) fmax(m, n, d int)   { a.three(0x4e20f400, "FMAX", m, n, d) }
func (a *neon) fmin(m, n, d int)   { a.three(0x4ea0f400, "FMIN", m, n, d) }
func (a *neon) above(m, n, d int)  { a.three(0x6ea0e400, "VFCMGT", m, n, d) } // all bits where n > m
func (a *neon) frintn(n, d int)    { a.two(0x4e218800, "FRINTN", n, d) }
func (a *neon) fcvtns(n, d int)    { a.two(0x4e21a800, "VFCVTNS", n, d) }
func (a *neon) fabs(n, d int)      { a.two(0x4ea0f800, "FABS", n, d) }
func (a *neon) fneg(n, d int)      { a.two(0x6ea0f800, "FNEG", n, d) }
func (a *neon) add(m, n, d int)    { a.line("VADD V%d.S4, V%d.S4, V%d.S4", m, n, d) } // integers
func (a *neon) mulAdd(m, n, d int) { a.line("VFMLA V%d.S4, V%d.S4, V%d.S4", m, n, d) }
func (a *neon) mulSub(m, n, d int) { a.line("VFMLS V%d.S4, V%d.S4, V%d.S4", m, n, d) }
func (a *neon) move(n, d int)      { a.line("VMOV V%d.B16, V%d.B16", n, d) }

// negative sets all bits of d where n < 0, and without clears the bits of n that m has.
func (a *neon) negative(n, d int) {
	a.line("WORD $0x%08x // VFCMLT $0, V%d.S4, V%d.S4", 0x4ea0e800|n<<5|d, n, d)
}

func (a *neon) without(m, n, d int) {
	a.line("WORD $0x%08x // VBIC V%d.B16, V%d.B16, V%d.B16", 0x4e601c00|m<<16|n<<5|d, m, n, d)
}

// some is a list of consecutive vectors.
func some(first, count int) string {
	s := ""
	for i := range count {
		s += fmt.Sprintf(", V%d.S4", first+i)
	}
	return "[" + s[2:] + "]"
}

// splat copies a float32 argument to all lanes of v.
func (a *neon) splat(arg string, v int) {
	a.line("FMOVS %s(FP), F%d", arg, v)
	a.line("VDUP V%d.S[0], V%[1]d.S4", v)
}

// begin begins a function and loads its pointers and its count.
func (a *neon) begin(name string, size int, pointers []string, count string) {
	fmt.Fprintf(a, "TEXT ·%sNEON(SB), NOSPLIT, $0-%d\n", name, size)
	for i, p := range pointers {
		a.line("MOVD %s(FP), R%d", p, i)
	}
	a.line("MOVD %s(FP), %s", count, neonCount)
}

// loop writes body for most vectors at a time, then for one.
func (a *neon) loop(name string, most int, body func(vectors int)) {
	if most > 1 {
		fmt.Fprintf(a, "%s:\n", name)
		a.line("CMP $%d, %s", 4*most, neonCount)
		a.line("BLT %s_single", name)
		body(most)
		a.line("SUB $%d, %s, %[2]s", 4*most, neonCount)
		a.line("B %s", name)
	}
	fmt.Fprintf(a, "%s_single:\n", name)
	a.line("CBZ %s, %s_done", neonCount, name)
	body(1)
	a.line("SUB $4, %s, %[1]s", neonCount)
	a.line("B %s_single", name)
	fmt.Fprintf(a, "%s_done:\n", name)
}

// lanes adds up four sums, then the lanes of the first, and returns the total.
func (a *neon) lanes(first, vectors int, ret string) {
	for i := 1; i < vectors; i++ {
		a.fadd(first+i, first, first)
	}
	for lane := 1; lane < 4; lane++ {
		a.line("VDUP V%d.S[%d], V%d.S4", first, lane, lane)
	}
	for lane := 1; lane < 4; lane++ {
		a.line("FADDS F%d, F%d, F%[2]d", lane, first)
	}
	a.line("FMOVS F%d, %s(FP)", first, ret)
	a.line("RET")
}

func (a *neon) zeros(first, vectors int) {
	for i := range vectors {
		a.line("VEOR V%d.B16, V%[1]d.B16, V%[1]d.B16", first+i)
	}
}

func writeNEONVector() {
	f := newNEONFile()
	a := &f.code
	declare := func(name, doc, parameters string) {
		f.declare(name+"NEON "+doc, "func "+name+"NEON"+parameters)
	}
	inPlace := func(name, doc string, op func(m, n, d int)) {
		declare(name, doc, "(dst, x *float32, n int)")
		a.begin(name, 24, []string{"dst+0", "x+8"}, "n+16")
		a.loop("loop", 4, func(vectors int) {
			a.line("VLD1 (R0), %s", some(0, vectors))
			a.line("VLD1.P %d(R1), %s", 16*vectors, some(4, vectors))
			for i := range vectors {
				op(4+i, i, i)
			}
			a.line("VST1.P %s, %d(R0)", some(0, vectors), 16*vectors)
		})
		a.line("RET")
	}
	inPlace("add", "adds x to dst.", a.fadd)
	inPlace("mul", "multiplies dst by x.", a.fmul)
	withScalar := func(name, doc string, op func(m, n, d int)) {
		declare(name, doc, "(dst *float32, a float32, n int)")
		a.begin(name, 24, []string{"dst+0"}, "n+16")
		a.splat("a+8", 16)
		a.loop("loop", 4, func(vectors int) {
			a.line("VLD1 (R0), %s", some(0, vectors))
			for i := range vectors {
				op(16, i, i)
			}
			a.line("VST1.P %s, %d(R0)", some(0, vectors), 16*vectors)
		})
		a.line("RET")
	}
	withScalar("scale", "multiplies dst by a.", a.fmul)
	withScalar("shift", "adds a to dst.", a.fadd)

	declare("axpy", "adds a*x to dst.", "(dst *float32, a float32, x *float32, n int)")
	a.begin("axpy", 32, []string{"dst+0", "x+16"}, "n+24")
	a.splat("a+8", 16)
	a.loop("loop", 4, func(vectors int) {
		a.line("VLD1 (R0), %s", some(0, vectors))
		a.line("VLD1.P %d(R1), %s", 16*vectors, some(4, vectors))
		for i := range vectors {
			a.mulAdd(16, 4+i, i)
		}
		a.line("VST1.P %s, %d(R0)", some(0, vectors), 16*vectors)
	})
	a.line("RET")

	declare("sum", "returns the sum of x.", "(x *float32, n int) float32")
	a.begin("sum", 20, []string{"x+0"}, "n+8")
	a.zeros(16, 4)
	a.loop("loop", 4, func(vectors int) {
		a.line("VLD1.P %d(R0), %s", 16*vectors, some(0, vectors))
		for i := range vectors {
			a.fadd(i, 16+i, 16+i)
		}
	})
	a.lanes(16, 4, "ret+16")

	declare("sumSquares", "returns the sum of (x[i]-mean)².", "(x *float32, mean float32, n int) float32")
	a.begin("sumSquares", 28, []string{"x+0"}, "n+16")
	a.splat("mean+8", 20)
	a.zeros(16, 4)
	a.loop("loop", 4, func(vectors int) {
		a.line("VLD1.P %d(R0), %s", 16*vectors, some(0, vectors))
		for i := range vectors {
			a.fsub(20, i, i)
			a.mulAdd(i, i, 16+i)
		}
	})
	a.lanes(16, 4, "ret+24")

	declare("maxOf", "returns the largest value, ignoring NaN; -Inf if there is none.", "(x *float32, n int) float32")
	a.begin("maxOf", 20, []string{"x+0"}, "n+8")
	a.constant(0xff800000, 16)
	for i := 1; i < 4; i++ {
		a.move(16, 16+i)
	}
	greater := func(x, top int) {
		a.above(top, x, 8)
		a.line("VBIT V8.B16, V%d.B16, V%d.B16", x, top)
	}
	a.loop("loop", 4, func(vectors int) {
		a.line("VLD1.P %d(R0), %s", 16*vectors, some(0, vectors))
		for i := range vectors {
			greater(i, 16+i)
		}
	})
	for i := 1; i < 4; i++ {
		greater(16+i, 16)
	}
	for lane := 1; lane < 4; lane++ {
		a.line("VDUP V16.S[%d], V%d.S4", lane, lane)
	}
	for lane := 1; lane < 4; lane++ {
		greater(lane, 16)
	}
	a.line("FMOVS F16, ret+16(FP)")
	a.line("RET")

	declare("normalize", "computes dst = (x - mean) * scale * gamma + beta; beta may be nil.",
		"(dst, x, gamma, beta *float32, mean, scale float32, n int)")
	a.begin("normalize", 48, []string{"dst+0", "x+8", "gamma+16", "beta+24"}, "n+40")
	a.splat("mean+32", 16)
	a.splat("scale+36", 17)
	scaled := func(vectors int) { // to V0..., gamma to V4...
		a.line("VLD1.P %d(R1), %s", 16*vectors, some(0, vectors))
		a.line("VLD1.P %d(R2), %s", 16*vectors, some(4, vectors))
		for i := range vectors {
			a.fsub(16, i, i)
			a.fmul(17, i, i)
		}
	}
	a.line("CBZ R3, plain")
	a.loop("biased", 4, func(vectors int) {
		scaled(vectors)
		a.line("VLD1.P %d(R3), %s", 16*vectors, some(8, vectors))
		for i := range vectors {
			a.mulAdd(4+i, i, 8+i)
		}
		a.line("VST1.P %s, %d(R0)", some(8, vectors), 16*vectors)
	})
	a.line("RET")
	a.loop("plain", 4, func(vectors int) {
		scaled(vectors)
		for i := range vectors {
			a.fmul(4+i, i, i)
		}
		a.line("VST1.P %s, %d(R0)", some(0, vectors), 16*vectors)
	})
	a.line("RET")
	f.write("vector")
}
