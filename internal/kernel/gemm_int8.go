package kernel

import (
	"slices"

	"github.com/parley-go/parley/internal/par"
)

// quantized is the activations of one product with int8 weights, made once per call: x[m] = scale[m] * q[m].
type quantized struct {
	q       []int8    // (M, 4 ceil(K/4)), with the bits of int8Flip inverted
	scale   []float32 // (M)
	runRows func(lo, hi int)
}

// quantize fills g.quantized from g.x, on several threads if there is enough to do.
func (g *gemm) quantize() {
	steps := quads(g.w.k)
	g.q = slices.Grow(g.q[:0], g.m*4*steps)[:g.m*4*steps]
	g.scale = slices.Grow(g.scale[:0], g.m)[:g.m]
	const valuesPerNs = 4
	par.ForWithin(g.w.threads, g.m, 1+threadNs*valuesPerNs/max(g.w.k, 1), g.runRows)
}

func (g *gemm) quantizeRows(lo, hi int) {
	k, steps, flip := g.w.k, quads(g.w.k), int8Flip()
	for r := lo; r < hi; r++ {
		row := g.q[r*4*steps : (r+1)*4*steps]
		g.scale[r], _ = quantizeRow(row[:k], g.x[r*g.ldx:r*g.ldx+k], flip)
		clear(row[k:]) // the weights there are 0
	}
}

// panelInt8 computes rows r0..r1 of one panel: the product, the bias and, without an activation, the residual.
func (g *gemm) panelInt8(s *scratch, r0, r1, p int) {
	lo, cols, steps := p*panelCols, g.w.cols(p), quads(g.w.k)
	t := tileInt8{
		ldd: g.ldd, ldq: 4 * steps, steps: steps, w: g.w.panelInt8(p),
		sw: g.w.scale[lo : lo+panelCols], offset: g.w.offset[lo : lo+panelCols], c: zeros[:], bias: zeros[:],
	}
	if g.ep.Bias != nil {
		t.bias = s.padded(g.ep.Bias[lo : lo+cols])
	}
	// Rows shared evenly: a short last tile would run at a lower rate.
	tiles := g.tilesInt8(r1 - r0)
	height, more := (r1-r0)/tiles, (r1-r0)%tiles
	split := r0 + more*(height+1)
	g.tileRows(s, &t, p, r0, split, height+1)
	g.tileRows(s, &t, p, split, r1, height)
}

// tilesInt8 cuts rows: few of them into tiles that fetch weights ahead.
func (g *gemm) tilesInt8(rows int) int {
	tall := tileRowsInt8()
	if rows <= 8 {
		tall = min(tall, prefetchRowsInt8())
	}
	return (rows + tall - 1) / tall
}

// tileRows computes rows a..b of panel p in tiles of one height, several in a call.
func (g *gemm) tileRows(s *scratch, t *tileInt8, p, a, b, height int) {
	lo, cols := p*panelCols, g.w.cols(p)
	const callNs = 15_000
	most := max(1, callNs*opsPerNsInt8()/(2*height*4*max(t.steps, 1)*panelCols))
	if cols < panelCols {
		most = 1
	}
	t.rows = height
	for ; a < b; a += t.rows * t.tiles {
		t.tiles = min(most, (b-a)/height)
		t.q, t.sx, t.dst = g.q[a*t.ldq:], g.scale[a:], g.dst[a*g.ldd+lo:]
		if g.ep.Residual != nil && g.ep.Act == None {
			t.c, t.ldc = g.ep.Residual[a*g.ldd+lo:], g.ldd
		}
		if cols == panelCols {
			t.run()
		} else {
			t.narrow(s, cols)
		}
	}
}

// narrow computes a tile with fewer than 32 columns in s.tile and copies what exists.
func (t *tileInt8) narrow(s *scratch, cols int) {
	u := *t
	u.dst, u.ldd = s.tile[:], panelCols
	if t.ldc != 0 {
		for r := range t.rows {
			copy(s.tile[r*panelCols:(r+1)*panelCols], t.c[r*t.ldc:r*t.ldc+cols])
		}
		u.c, u.ldc = s.tile[:], panelCols
	}
	u.run()
	for r := range t.rows {
		copy(t.dst[r*t.ldd:r*t.ldd+cols], s.tile[r*panelCols:])
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

// tileInt8 is dst (rows, 32) = (q (rows, K) w (K, 32)) * sx * sw + c + bias with K in steps of four, for some tiles one below
// the other. The sums are exact.
type tileInt8 struct {
	rows   int // of one tile
	tiles  int
	dst    []float32 // (tiles*rows, 32), rows ldd apart
	ldd    int
	q      []int8 // (rows, 4 steps), rows ldq apart
	ldq    int
	steps  int
	w      []int8    // (steps, 32, 4)
	sx     []float32 // (rows)
	sw     []float32 // (32)
	offset []int32   // (32): -128 times the sums of w, for activations with 128 added
	c      []float32 // (rows, 32), rows ldc apart; may be dst
	ldc    int
	bias   []float32 // (32)
}
