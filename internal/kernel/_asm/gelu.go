package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// geluTable approximates g(a) = Φ(a) - 1/2 for a >= 0 by a polynomial for each of some pieces; x Φ(x) is |x| g(|x|) + x/2.
// Piece i is centred on i/scale. The coefficients of a power fit one or two registers, where a permutation looks them up:
// that takes a third of the time of an exponential and a division.
type geluTable struct {
	pieces, degree int
	scale          float64
}

var (
	geluAVX2   = geluTable{8, 6, 1.375}
	geluAVX512 = geluTable{32, 4, 5.75}
)

// last is the largest argument: beyond it Φ is 1 to within half a rounding unit.
func (g geluTable) last() float64 { return (float64(g.pieces) - 0.51) / g.scale }

// coefficients interpolates at Chebyshev nodes; the result is [power][piece].
func (g geluTable) coefficients() [][]float32 {
	c := make([][]float32, g.degree+1)
	for piece := range g.pieces {
		for power, v := range interpolate(g.degree+1, func(r float64) float64 {
			return 0.5 * math.Erf((float64(piece)+r)/g.scale/math.Sqrt2)
		}) {
			c[power] = append(c[power], float32(v))
		}
	}
	c[0][0] = 0
	return c
}

// interpolate returns the polynomial through f at n Chebyshev nodes of [-1/2, 1/2], by Newton's divided differences.
func interpolate(n int, f func(float64) float64) []float64 {
	nodes, d := make([]float64, n), make([]float64, n)
	for i := range nodes {
		nodes[i] = 0.5 * math.Cos((float64(i)+0.5)*math.Pi/float64(n))
		d[i] = f(nodes[i])
	}
	for j := 1; j < n; j++ {
		for i := n - 1; i >= j; i-- {
			d[i] = (d[i] - d[i-1]) / (nodes[i] - nodes[i-j])
		}
	}
	poly := make([]float64, n)
	for i := n - 1; i >= 0; i-- { // poly = poly * (x - nodes[i]) + d[i]
		for k := n - 1; k > 0; k-- {
			poly[k] = poly[k-1] - nodes[i]*poly[k]
		}
		poly[0] = d[i] - nodes[i]*poly[0]
	}
	return poly
}

// gelu uses the table of the instruction set.
func (a *asm) gelu() func(reg.VecVirtual) reg.VecVirtual {
	g := geluAVX2
	if a.wide {
		g = geluAVX512
	}
	lookup := make([]func(piece reg.VecVirtual) reg.VecVirtual, g.degree+1)
	for power, values := range g.coefficients() {
		lookup[power] = a.lookup(fmt.Sprintf("gelu%s_%d", a.suffix, power), values)
	}
	const magic = 3 << 22 // added to a small number it leaves the nearest integer in the low bits
	sign, last, scale, round := a.signBit(), a.constantReg(g.last()), a.constantReg(g.scale), a.constantReg(magic)
	half := a.constant(0.5)
	return func(x reg.VecVirtual) reg.VecVirtual {
		size, r, piece := a.vec(), a.vec(), a.vec()
		a.VANDNPS(x, sign, size)
		a.VMINPS(last, size, r) // NaN becomes last
		a.VMOVAPS(round, piece)
		a.VFMADD231PS(scale, r, piece)
		nearest := a.vec()
		a.VSUBPS(round, piece, nearest)
		a.VFMSUB132PS(scale, nearest, r)
		p := lookup[g.degree](piece)
		for power := g.degree - 1; power >= 0; power-- {
			a.VFMADD213PS(lookup[power](piece), r, p)
		}
		a.VMULPS(half, x, x)
		a.VFMADD231PS(p, size, x)
		return x
	}
}

// lookup returns a function that picks values by the low bits of its argument's lanes.
func (a *asm) lookup(name string, values []float32) func(piece reg.VecVirtual) reg.VecVirtual {
	m := a.StaticGlobal(name)
	a.DataAttributes(attr.RODATA | attr.NOPTR)
	for i, v := range values {
		a.AddDatum(4*i, operand.U32(math.Float32bits(v)))
	}
	if !a.wide {
		return func(piece reg.VecVirtual) reg.VecVirtual {
			v := a.vec()
			a.VPERMPS(m, piece, v)
			return v
		}
	}
	low, high := a.load(m, nil), a.load(m.Offset(64), nil)
	return func(piece reg.VecVirtual) reg.VecVirtual {
		v := a.vec()
		a.VMOVAPS(piece, v)
		a.VPERMI2PS(high, low, v)
		return v
	}
}
