package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// spectrumFunctions makes the steps from frames of sound to mel spectra, in float64: each lane of a vector is a frame.
// A complex value is a vector of real parts, then one of imaginary parts.
func spectrumFunctions(a *asm) {
	a.spectrumWindow()
	a.spectrumPass(2, a.butterfly2)
	a.spectrumPass(4, a.butterfly4)
	a.spectrumPass(5, a.butterfly5)
	a.spectrumPower()
	a.spectrumFilter()
	a.spectrumLog()
}

// double returns a float64 in all lanes of memory.
func (a *asm) double(value float64) operand.Mem {
	bits := math.Float64bits(value)
	name := fmt.Sprintf("f64_%016x", bits)
	if m, ok := a.constants[name]; ok {
		return m
	}
	m := a.StaticGlobal(name + a.suffix)
	a.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range a.lanes / 2 {
		a.AddDatum(8*i, operand.U64(bits))
	}
	a.constants[name] = m
	return m
}

func (a *asm) loadDouble(m operand.Mem) reg.VecVirtual {
	v := a.vec()
	a.VMOVUPD(m, v)
	return v
}

// loadWide loads as many float32 as a vector holds float64.
func (a *asm) loadWide(m operand.Mem) reg.VecVirtual {
	v := a.vec()
	a.VCVTPS2PD(m, v)
	return v
}

func (a *asm) spread(m operand.Mem) reg.VecVirtual {
	v := a.vec()
	a.VBROADCASTSD(m, v)
	return v
}

// copyOf returns v in a register of its own.
func (a *asm) copyOf(v reg.VecVirtual) reg.VecVirtual {
	c := a.vec()
	a.VMOVAPD(v, c)
	return c
}

func (a *asm) spectrumWindow() {
	a.text("spectrumWindow", "func(dst *float64, x *float32, window *float64, n int)",
		"computes dst (N, lanes) = window (N) x (N, 32), of which it takes the first columns.")
	dst, x, window, n := a.arg("dst"), a.arg("x"), a.arg("window"), a.arg("n")
	a.Label("loop")
	v := a.loadWide(operand.Mem{Base: x})
	a.VMULPD(a.spread(operand.Mem{Base: window}), v, v)
	a.VMOVUPD(v, operand.Mem{Base: dst})
	a.SUBQ(operand.I8(-128), x)
	a.ADDQ(operand.Imm(8), window)
	a.ADDQ(operand.Imm(uint64(a.bytes())), dst)
	a.DECQ(n)
	a.JNE(operand.LabelRef("loop"))
	a.end()
}

// complex is a vector of complex values.
type complexVec struct{ re, im reg.VecVirtual }

// spectrumPass makes one pass of the Stockham transform; see spectrumPassGeneric.
func (a *asm) spectrumPass(radix int, butterfly func(in []complexVec, out func(j int, v complexVec))) {
	a.text(fmt.Sprintf("spectrumPass%d", radix), "func(y, x, twiddles *float64, groups, s int)",
		fmt.Sprintf("computes pass of radix %d over groups * s butterflies.", radix))
	y, x, twiddles, groups, s := a.arg("y"), a.arg("x"), a.arg("twiddles"), a.arg("groups"), a.arg("s")
	size := 2 * a.bytes()
	apart, step := a.GP64(), a.GP64() // bytes from one input, one output to the next
	a.IMUL3Q(operand.U32(size), s, step)
	a.MOVQ(step, apart)
	a.IMULQ(groups, apart)
	apart3, step3 := a.GP64(), a.GP64()
	a.LEAQ(operand.Mem{Base: apart, Index: apart, Scale: 2}, apart3)
	a.LEAQ(operand.Mem{Base: step, Index: step, Scale: 2}, step3)
	at := func(base, one, three reg.GPVirtual, i, disp int) operand.Mem {
		m := operand.Mem{Base: base, Disp: disp}
		switch i {
		case 1, 2, 4:
			m.Index, m.Scale = one, uint8(i)
		case 3:
			m.Index, m.Scale = three, 1
		}
		return m
	}
	a.Label("group")
	q := a.GP64()
	a.MOVQ(s, q)
	a.Label("butterfly")
	in := make([]complexVec, radix)
	for i := range in {
		in[i] = complexVec{a.loadDouble(at(x, apart, apart3, i, 0)), a.loadDouble(at(x, apart, apart3, i, a.bytes()))}
	}
	butterfly(in, func(j int, v complexVec) {
		re, im := v.re, v.im
		if j > 0 {
			c := a.spread(operand.Mem{Base: twiddles, Disp: 16 * (j - 1)})
			d := a.spread(operand.Mem{Base: twiddles, Disp: 16*(j-1) + 8})
			re, im = a.vec(), a.vec()
			a.VMULPD(d, v.im, re)
			a.VFMSUB231PD(c, v.re, re)
			a.VMULPD(c, v.im, im)
			a.VFMADD231PD(d, v.re, im)
		}
		a.VMOVUPD(re, at(y, step, step3, j, 0))
		a.VMOVUPD(im, at(y, step, step3, j, a.bytes()))
	})
	a.ADDQ(operand.U32(size), x)
	a.ADDQ(operand.U32(size), y)
	a.DECQ(q)
	a.JNE(operand.LabelRef("butterfly"))
	for range radix - 1 { // y is s behind the next group already
		a.ADDQ(step, y)
	}
	a.ADDQ(operand.U32(16*(radix-1)), twiddles)
	a.DECQ(groups)
	a.JNE(operand.LabelRef("group"))
	a.end()
}

// sumAndDifference replaces x and y by x+y and x-y.
func (a *asm) sumAndDifference(x, y complexVec) (sum, difference complexVec) {
	sum = complexVec{a.vec(), a.vec()}
	a.VADDPD(y.re, x.re, sum.re)
	a.VADDPD(y.im, x.im, sum.im)
	a.VSUBPD(y.re, x.re, y.re)
	a.VSUBPD(y.im, x.im, y.im)
	return sum, y
}

// turned returns x - iy and x + iy; x is overwritten.
func (a *asm) turned(x, y complexVec) (minus, plus complexVec) {
	minus = complexVec{a.vec(), a.vec()}
	a.VADDPD(y.im, x.re, minus.re)
	a.VSUBPD(y.re, x.im, minus.im)
	a.VSUBPD(y.im, x.re, x.re)
	a.VADDPD(y.re, x.im, x.im)
	return minus, x
}

func (a *asm) butterfly2(in []complexVec, out func(int, complexVec)) {
	sum, difference := a.sumAndDifference(in[0], in[1])
	out(0, sum)
	out(1, difference)
}

func (a *asm) butterfly4(in []complexVec, out func(int, complexVec)) {
	even, d0 := a.sumAndDifference(in[0], in[2])
	odd, d1 := a.sumAndDifference(in[1], in[3])
	y0, y2 := a.sumAndDifference(even, odd)
	out(0, y0)
	out(2, y2)
	y1, y3 := a.turned(d0, d1)
	out(1, y1)
	out(3, y3)
}

func (a *asm) butterfly5(in []complexVec, out func(int, complexVec)) {
	c1, c2 := a.double(math.Cos(2*math.Pi/5)), a.double(math.Cos(4*math.Pi/5))
	s1, s2, minusS1 := a.double(math.Sin(2*math.Pi/5)), a.double(math.Sin(4*math.Pi/5)), a.double(-math.Sin(2*math.Pi/5))
	t1, t3 := a.sumAndDifference(in[1], in[4])
	t2, t4 := a.sumAndDifference(in[2], in[3])
	part := func(a0, t1, t2 reg.VecVirtual) (m1, m2 reg.VecVirtual) { // a0 becomes the sum
		m1, m2 = a.copyOf(a0), a.copyOf(a0)
		a.VFMADD231PD(c1, t1, m1)
		a.VFMADD231PD(c2, t2, m1)
		a.VFMADD231PD(c2, t1, m2)
		a.VFMADD231PD(c1, t2, m2)
		a.VADDPD(t1, a0, a0)
		a.VADDPD(t2, a0, a0)
		return m1, m2
	}
	var m1, m2, n1, n2 complexVec
	m1.re, m2.re = part(in[0].re, t1.re, t2.re)
	m1.im, m2.im = part(in[0].im, t1.im, t2.im)
	out(0, in[0])
	odd := func(t3, t4 reg.VecVirtual) (n1, n2 reg.VecVirtual) {
		n1, n2 = a.vec(), a.vec()
		a.VMULPD(s1, t3, n1)
		a.VFMADD231PD(s2, t4, n1)
		a.VMULPD(s2, t3, n2)
		a.VFMADD231PD(minusS1, t4, n2)
		return n1, n2
	}
	n1.re, n2.re = odd(t3.re, t4.re)
	n1.im, n2.im = odd(t3.im, t4.im)
	y1, y4 := a.turned(m1, n1)
	out(1, y1)
	out(4, y4)
	y2, y3 := a.turned(m2, n2)
	out(2, y2)
	out(3, y3)
}

// spectrumPower walks bins k upward and half-k downward; see spectrumPowerGeneric.
func (a *asm) spectrumPower() {
	a.text("spectrumPower", "func(dst, z, twiddles *float64, half int, root bool)",
		"computes dst (half+1, lanes), the power of the bins of a real transform, or its root, from the complex one z (half+1, 2, lanes).")
	low, z, twiddles, half := a.arg("dst"), a.arg("z"), a.arg("twiddles"), a.arg("half")
	root := a.GP8()
	a.Load(a.Param("root"), root)
	size := 2 * a.bytes()
	high, zHigh, k := a.GP64(), a.GP64(), a.GP64()
	a.IMUL3Q(operand.U32(a.bytes()), half, k)
	a.LEAQ(operand.Mem{Base: low, Index: k, Scale: 1}, high)
	a.LEAQ(operand.Mem{Base: z, Index: k, Scale: 2}, zHigh)
	a.MOVQ(half, k)
	a.SHRQ(operand.Imm(1), k)
	a.INCQ(k)
	a.Label("bin")
	z1 := complexVec{a.loadDouble(operand.Mem{Base: z}), a.loadDouble(operand.Mem{Base: z, Disp: a.bytes()})}
	z2 := complexVec{a.loadDouble(operand.Mem{Base: zHigh}), a.loadDouble(operand.Mem{Base: zHigh, Disp: a.bytes()})}
	// Even samples: e = z1 + conj z2; odd samples: o = -i (z1 - conj z2), times w^k.
	e, o := complexVec{a.vec(), a.vec()}, complexVec{a.vec(), a.vec()}
	a.VADDPD(z2.re, z1.re, e.re)
	a.VSUBPD(z2.im, z1.im, e.im)
	a.VADDPD(z2.im, z1.im, o.re)
	a.VSUBPD(z1.re, z2.re, o.im)
	c, d := a.spread(operand.Mem{Base: twiddles}), a.spread(operand.Mem{Base: twiddles, Disp: 8})
	w := complexVec{a.vec(), a.vec()}
	a.VMULPD(d, o.im, w.re)
	a.VFMSUB231PD(c, o.re, w.re)
	a.VMULPD(c, o.im, w.im)
	a.VFMADD231PD(d, o.re, w.im)
	sum, difference := a.sumAndDifference(e, w)
	powers := make([]reg.VecVirtual, 2)
	for i, v := range []complexVec{sum, difference} {
		p := a.vec()
		a.VMULPD(v.re, v.re, p)
		a.VFMADD231PD(v.im, v.im, p)
		powers[i] = p
	}
	a.TESTB(root, root)
	a.JE(operand.LabelRef("store"))
	for _, p := range powers {
		a.VSQRTPD(p, p)
	}
	a.Label("store")
	a.VMOVUPD(powers[0], operand.Mem{Base: low})
	a.VMOVUPD(powers[1], operand.Mem{Base: high})
	a.ADDQ(operand.U32(size), z)
	a.SUBQ(operand.U32(size), zHigh)
	a.ADDQ(operand.Imm(uint64(a.bytes())), low)
	a.SUBQ(operand.Imm(uint64(a.bytes())), high)
	a.ADDQ(operand.Imm(16), twiddles)
	a.DECQ(k)
	a.JNE(operand.LabelRef("bin"))
	a.end()
}

func (a *asm) spectrumFilter() {
	a.text("spectrumFilter", "func(dst, power, weights *float64, n int)",
		"computes dst (lanes) = weights (N) power (N, lanes).")
	dst, power, weights, n := a.arg("dst"), a.arg("power"), a.arg("weights"), a.arg("n")
	sum := a.vec()
	a.zero(sum)
	a.TESTQ(n, n)
	a.JE(operand.LabelRef("done"))
	a.Label("loop")
	a.VFMADD231PD(operand.Mem{Base: power}, a.spread(operand.Mem{Base: weights}), sum)
	a.ADDQ(operand.Imm(uint64(a.bytes())), power)
	a.ADDQ(operand.Imm(8), weights)
	a.DECQ(n)
	a.JNE(operand.LabelRef("loop"))
	a.Label("done")
	a.VMOVUPD(sum, operand.Mem{Base: dst})
	a.end()
}

// spectrumLog splits x into 2^e m with m in [sqrt(1/2), sqrt(2)) and sums the series of log m = 2 atanh((m-1)/(m+1)).
func (a *asm) spectrumLog() {
	a.text("spectrumLog", "func(dst *float32, x *float64, n int, floor, scale float64)",
		"computes dst (N, lanes) = scale * log(max(x, floor)); floor is normal.")
	dst, x, n := a.arg("dst"), a.arg("x"), a.arg("n")
	parameter := func(name string) reg.VecVirtual {
		p, err := a.Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		return a.spread(p.Addr)
	}
	least, scale := parameter("floor"), parameter("scale")
	// Adding this to the bits moves the border between exponents from 1 to sqrt(1/2); the exponent's bias stays.
	shift := int64(math.Float64bits(1)) - int64(math.Float64bits(math.Sqrt2/2))
	one, magic := a.double(1), a.double(1<<52+1023)
	a.Label("loop")
	v := a.loadDouble(operand.Mem{Base: x})
	a.VMAXPD(v, least, v) // keeps NaN, which is the first operand
	bits, e, none := a.vec(), a.vec(), a.vec()
	a.VSUBPD(v, v, none) // 0, or NaN for NaN and infinity
	a.addInteger(a.double(math.Float64frombits(uint64(shift))), v, bits)
	a.VPSRLQ(operand.Imm(52), bits, e)
	a.VPSLLQ(operand.Imm(52), e, bits)
	a.subInteger(bits, v, v)
	a.addInteger(one, v, v) // m
	a.orInteger(a.double(1<<52), e, e)
	a.VSUBPD(magic, e, e)
	top, bottom, square := a.vec(), a.vec(), a.vec()
	a.VSUBPD(one, v, top)
	a.VADDPD(one, v, bottom)
	a.VDIVPD(bottom, top, top)
	a.VMULPD(top, top, square)
	p := a.loadDouble(a.double(2.0 / 13))
	for i := 11; i >= 1; i -= 2 {
		a.VFMADD213PD(a.double(2/float64(i)), square, p)
	}
	a.VMULPD(top, p, p)
	a.VFMADD231PD(a.double(math.Ln2), e, p)
	a.VMULPD(scale, p, p)
	a.VADDPD(none, p, p)
	if a.wide {
		out := a.YMM()
		a.VCVTPD2PS(p, out)
		a.VMOVUPS(out, operand.Mem{Base: dst})
	} else {
		out := a.XMM()
		a.VCVTPD2PSY(p, out)
		a.VMOVUPS(out, operand.Mem{Base: dst})
	}
	a.ADDQ(operand.Imm(uint64(a.bytes())), x)
	a.ADDQ(operand.Imm(uint64(a.bytes()/2)), dst)
	a.DECQ(n)
	a.JNE(operand.LabelRef("loop"))
	a.end()
}

func (a *asm) addInteger(x, y, dst operand.Op) { a.VPADDQ(x, y, dst) }

func (a *asm) subInteger(x, y, dst operand.Op) { a.VPSUBQ(x, y, dst) }

func (a *asm) orInteger(x, y, dst operand.Op) {
	if a.wide {
		a.VPORQ(x, y, dst)
	} else {
		a.VPOR(x, y, dst)
	}
}
