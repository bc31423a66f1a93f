package kernel

import (
	"slices"
	"unsafe"

	"github.com/parley-go/parley/internal/par"
)

// useAMX chooses the tile kernels for products with BF16 and Int8 weights. It changes only in tests.
var useAMX bool

// Limits of the tile kernels.
const (
	amxRows     = 32      // of dst in the sums of one group of tiles
	amxSteps    = 16      // pairs or quads of K in a tile
	amxLeast    = 5       // rows: fewer are bound by memory, and then need not be rounded
	amxWork     = 1 << 18 // rows times steps in a call below 50 µs
	amxMost     = 1 << 13 // steps of K: 32 rows of more would take longer than that
	amxOpsPerNs = 2000    // of BF16 times its two bytes: about half of the peak
	lineSize    = 64      // bytes of a row of x in a tile
)

// takesAMX tells whether the product goes through the tile registers. Activations of BF16 are then rounded as well.
func (g *gemm) takesAMX() bool {
	return useAMX && g.w.precision != F32 && g.m >= amxLeast && 0 < g.w.k && g.w.steps() <= amxMost
}

// steps returns the number of rows of a panel of BF16 or Int8: pairs or quads of K.
func (p *Packed) steps() int {
	if p.precision == BF16 {
		return pairs(p.k)
	}
	return quads(p.k)
}

// tiled is the activations of one product as the tiles take them: rows padded with zeros to a multiple of 16, and each row
// to an odd number of cache lines, so that the rows of a tile do not compete for the same places of the cache.
type tiled struct {
	half       []uint16  // of BF16
	bytes      []int8    // of Int8
	scales     []float32 // (M), of Int8
	lines      int       // 64 bytes each, in a row
	runArrange func(lo, hi int)
}

// arrange fills g.tiled from g.x, on several threads if there is enough to do.
func (g *gemm) arrange() {
	t := &g.tiled
	t.lines = (g.w.steps()+amxSteps-1)/amxSteps | 1
	rows := roundUp(g.m, 16)
	if g.w.precision == BF16 {
		size := rows * t.lines * lineSize / 2
		t.half = slices.Grow(t.half[:0], size)[:size]
		clear(t.half[g.m*t.lines*lineSize/2:])
	} else {
		size := rows * t.lines * lineSize
		t.bytes = slices.Grow(t.bytes[:0], size)[:size]
		clear(t.bytes[g.m*t.lines*lineSize:])
		t.scales = slices.Grow(t.scales[:0], g.m)[:g.m]
	}
	const valuesPerNs = 4
	par.ForWithin(g.w.threads, g.m, 1+threadNs*valuesPerNs/g.w.k, t.runArrange)
}

func (g *gemm) arrangeRows(lo, hi int) {
	t, k := &g.tiled, g.w.k
	for r := lo; r < hi; r++ {
		x := g.x[r*g.ldx : r*g.ldx+k]
		if g.w.precision == BF16 {
			size := t.lines * lineSize / 2
			row := t.half[r*size : (r+1)*size]
			roundRow(row, x)
			clear(row[k:])
		} else {
			size := t.lines * lineSize
			row := t.bytes[r*size : (r+1)*size]
			t.scales[r], _ = quantizeRow(row[:k], x, 0)
			clear(row[k:])
		}
	}
}

// amxTiles is dst (rows, cols) = x (rows, K) w (K, cols) + c + bias, for Int8 times sx and sw. Assembly reads it.
type amxTiles struct {
	dst    *float32
	ldd    int   // values between rows of dst
	x      *byte // rows of 64 bytes a block; up to the next multiple of 16 rows are read
	ldx    int   // bytes between rows of x
	w      *byte // (blocks, 16, 32) times four bytes
	blocks int
	tail   *byte // one more block, or nil
	rows   int
	mask   uint32 // bit i: column i exists
	c      *float32
	ldc    int
	bias   *float32                      // of the columns that exist
	sx, sw *float32                      // (rows), (cols)
	acc    *[amxRows * panelCols]float32 // memory for sums
}

// blockBytesAMX is the size of a block of weights.
const blockBytesAMX = amxSteps * panelCols * 4

// panelAMX computes rows r0..r1 of one panel: the product, the bias and, without an activation, the residual.
func (g *gemm) panelAMX(s *scratch, r0, r1, p int) {
	lo, cols, steps := p*panelCols, g.w.cols(p), g.w.steps()
	var x, w []byte
	if g.w.precision == BF16 {
		x, w = bytesOf(g.tiled.half), bytesOf(g.w.panelBF16(p))
	} else {
		x, w = bytesOf(g.tiled.bytes), bytesOf(g.w.panelInt8(p))
	}
	t := &s.tiles
	*t = amxTiles{
		ldd: g.ldd, ldx: g.tiled.lines * lineSize, w: &w[0], blocks: steps / amxSteps, mask: ^uint32(0) >> (panelCols - cols),
		c: &zeros[0], bias: &zeros[0], acc: &s.sums,
	}
	if rest := w[t.blocks*blockBytesAMX:]; len(rest) > 0 {
		clear(s.tail[copy(s.tail[:], rest):])
		t.tail = &s.tail[0]
	}
	if g.ep.Bias != nil {
		t.bias = &g.ep.Bias[lo]
	}
	step := max(amxRows, amxWork/steps&^(amxRows-1))
	for a := r0; a < r1; a += step {
		t.rows = min(step, r1-a)
		t.dst, t.x = &g.dst[a*g.ldd+lo], &x[a*t.ldx]
		if g.ep.Residual != nil && g.ep.Act == None {
			t.c, t.ldc = &g.ep.Residual[a*g.ldd+lo], g.ldd
		}
		if g.w.precision == Int8 {
			t.sx, t.sw = &g.tiled.scales[a], &g.w.scale[lo]
		}
		runTiles(t, g.w.precision)
	}
	*t = amxTiles{}
}

func bytesOf[T uint16 | int8](v []T) []byte {
	if len(v) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&v[0])), len(v)*int(unsafe.Sizeof(v[0])))
}
