package kernel

import "github.com/parley-go/parley/internal/par"

// quantized is the activations of one product with int8 weights, made once per call: x[m] = scale[m] * q[m].
type quantized struct {
	q       []int8    // (M, 4 ceil(K/4)), padded with zeros
	scale   []float32 // (M)
	runRows func(lo, hi int)
}

// quantize fills g.quantized from g.x, on several threads if there is enough to do.
func (g *gemm) quantize() {
	size := g.m * 4 * quads(g.w.k)
	if cap(g.q) < size {
		g.q = make([]int8, size)
	}
	if cap(g.scale) < g.m {
		g.scale = make([]float32, g.m)
	}
	g.q, g.scale = g.q[:size], g.scale[:g.m]
	const valuesPerNs = 4
	par.ForWithin(g.w.threads, g.m, 1+threadNs*valuesPerNs/max(g.w.k, 1), g.runRows)
}

func (g *gemm) quantizeRows(lo, hi int) {
	k, ldq := g.w.k, 4*quads(g.w.k)
	for r := lo; r < hi; r++ {
		row := g.q[r*ldq : (r+1)*ldq]
		g.scale[r] = quantizeRow(row[:k], g.x[r*g.ldx:r*g.ldx+k])
		clear(row[k:])
	}
}

// panelInt8 computes rows r0..r1 of one panel: the product, the bias and, without an activation, the residual.
func (g *gemm) panelInt8(s *scratch, r0, r1, p int) {
	lo, cols, ldq := p*panelCols, g.w.cols(p), 4*quads(g.w.k)
	t := tileInt8{
		dst: g.dst[lo:], ldd: g.ldd, ldq: ldq, steps: quads(g.w.k), w: g.w.panelInt8(p),
		sw: g.w.scale[lo : lo+panelCols], sums: g.w.sums[lo : lo+panelCols], c: zeros[:], bias: zeros[:],
	}
	if g.ep.Bias != nil {
		t.bias = s.padded(g.ep.Bias[lo : lo+cols])
	}
	residual := g.ep.Residual != nil && g.ep.Act == None
	if residual {
		t.c, t.ldc = g.ep.Residual[lo:], g.ldd
	}
	tiles := (r1 - r0 + tileRowsInt8() - 1) / tileRowsInt8()
	for i := range tiles { // rows shared evenly: a short last tile would run at a lower rate
		a, b := r0+(r1-r0)*i/tiles, r0+(r1-r0)*(i+1)/tiles
		u := t
		u.rows, u.q, u.sx = b-a, g.q[a*ldq:], g.scale[a:b]
		if residual {
			u.c = t.c[a*g.ldd:]
		}
		if cols == panelCols {
			u.dst = t.dst[a*g.ldd:]
			u.run()
			continue
		}
		if residual {
			s.widen(u.c, g.ldd, u.rows, cols)
			u.c, u.ldc = s.tile[:], panelCols
		}
		u.dst, u.ldd = s.tile[:], panelCols
		u.run()
		for r := range u.rows {
			copy(g.dst[(a+r)*g.ldd+lo:(a+r)*g.ldd+lo+cols], s.tile[r*panelCols:])
		}
	}
}

// padded returns b, or a copy with 32 values if it has fewer.
func (s *scratch) padded(b []float32) []float32 {
	if len(b) == panelCols {
		return b
	}
	clear(s.bias[copy(s.bias[:], b):])
	return s.bias[:]
}

// widen copies rows of cols values, ld apart, to s.tile, rows 32 apart.
func (s *scratch) widen(m []float32, ld, rows, cols int) {
	for r := range rows {
		copy(s.tile[r*panelCols:(r+1)*panelCols], m[r*ld:r*ld+cols])
	}
}

// tileInt8 is dst (rows, 32) = (q (rows, K) w (K, 32)) * sx * sw + c + bias with K in steps of four. The sums are exact.
type tileInt8 struct {
	rows  int
	dst   []float32 // (rows, 32), rows ldd apart
	ldd   int
	q     []int8 // (rows, 4 steps), rows ldq apart
	ldq   int
	steps int
	w     []int8    // (steps, 32, 4)
	sx    []float32 // (rows)
	sw    []float32 // (32)
	sums  []int32   // (32), of w over K
	c     []float32 // (rows, 32), rows ldc apart; may be dst
	ldc   int
	bias  []float32 // (32)
}
