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
	amxLeast    = 4       // rows: fewer are bound by memory, and then need not be rounded
	amxPanels   = 8       // in a call: then the activation finds them in the first-level cache
	amxWork     = 1 << 13 // steps of K, over all panels, in a call below 50 µs
	amxMost     = 1 << 13 // steps of K: 32 rows of more would take longer than that
	amxOpsPerNs = 2000    // of BF16 times its two bytes: about half of the peak
	amxGroup    = 5 << 18 // bytes of weights that the rows of a task meet: they stay in the second-level cache
	amxTasks    = 4       // for each thread
	lineSize    = 64      // bytes of a row of x in a tile
)

// takesAMX tells whether the product goes through the tile registers. Activations of BF16 are then rounded as well.
func (g *gemm) takesAMX() bool {
	return useAMX && g.w.precision != F32 && g.m >= amxLeast && 0 < g.w.k && g.w.steps() <= amxMost
}

// planAMX cuts the product: panels into groups whose weights stay in the second-level cache, then rows until each thread has
// several tasks, and if they are few panels again.
func (g *gemm) planAMX() {
	all, strips := g.w.panels(), (g.m+amxRows-1)/amxRows
	bytes := g.w.steps() * panelCols * 4
	g.groups = (all*bytes + amxGroup - 1) / amxGroup
	cost := panelCost(amxOpsPerNs/g.w.precision.bytes(), g.w.precision.bytes(), amxRows, g.w.k)
	g.rowBlocks, g.grain = 1, all*strips
	if threads := par.Within(g.w.threads); threads > 1 && strips*all*cost > 2*threadNs {
		tasks := threads * amxTasks
		g.rowBlocks = min(strips, (tasks+g.groups-1)/g.groups)
		if g.rowBlocks*g.groups < tasks {
			g.groups = max(g.groups, min(tasks/g.rowBlocks, 4*strips*all*cost/(g.rowBlocks*threadNs)))
		}
		g.grain = max(1, threadNs*g.rowBlocks*g.groups/(strips*all*cost))
	}
	g.groups = min(g.groups, all)
	g.panels = (all + g.groups - 1) / g.groups
	g.groups = (all + g.panels - 1) / g.panels
	g.rows = (strips + g.rowBlocks - 1) / g.rowBlocks * amxRows
	g.rowBlocks = (g.m + g.rows - 1) / g.rows
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

// amxTiles is dst (rows, 32 panels) = x (rows, K) w (K, 32 panels) + c + bias, for Int8 times sx and sw. Assembly reads it.
type amxTiles struct {
	dst    *float32
	ldd    int   // bytes between rows of dst
	x      *byte // rows of 64 bytes a block; up to the next multiple of 16 rows are read
	ldx    int   // bytes between rows of x
	rows   int   // at most amxRows
	w      *byte // (panels, blocks, 16, 32) times four bytes
	panels int
	blocks int
	tail   *byte                         // one more block, or nil; only with one panel
	mask   uint32                        // bit i: column i of a panel exists
	c      *float32                      // or zeros, with ldc 0
	ldc    int                           // bytes between rows of c
	bias   *float32                      // of the columns that exist
	sx, sw *float32                      // (rows), (columns)
	acc    *[amxRows * panelCols]float32 // memory for sums
}

// blockBytesAMX is the size of a block of weights.
const blockBytesAMX = amxSteps * panelCols * 4

// nothing stands for a bias or residual that there is not.
var nothing [amxPanels * panelCols]float32

// panelsAMX returns how many panels make a call.
func (g *gemm) panelsAMX() int { return max(1, min(amxPanels, amxWork/g.w.steps())) }

// stripAMX computes rows r0..r1, at most amxRows, of panels p0..p1: the product, the bias and, without an activation, the
// residual. The last panel, if it is narrow, and panels whose K ends inside a block go one by one.
func (g *gemm) stripAMX(s *scratch, r0, r1, p0, p1 int) {
	for p := p0; p < p1; {
		n := 1
		if g.w.steps()%amxSteps == 0 {
			n = max(1, min(p1, g.w.n/panelCols)-p)
		}
		g.callAMX(s, r0, r1, p, n)
		p += n
	}
}

// callAMX is stripAMX for n panels from p on that one call can take.
func (g *gemm) callAMX(s *scratch, r0, r1, p, n int) {
	lo, steps := p*panelCols, g.w.steps()
	var x, w []byte
	if g.w.precision == BF16 {
		x, w = bytesOf(g.tiled.half), bytesOf(g.w.panelBF16(p))
	} else {
		x, w = bytesOf(g.tiled.bytes), bytesOf(g.w.panelInt8(p))
	}
	t := &s.tiles
	*t = amxTiles{
		dst: &g.dst[r0*g.ldd+lo], ldd: 4 * g.ldd, x: &x[r0*g.tiled.lines*lineSize], ldx: g.tiled.lines * lineSize, rows: r1 - r0,
		w: &w[0], panels: n, blocks: steps / amxSteps, mask: ^uint32(0) >> (panelCols - g.w.cols(p)), c: &nothing[0], bias: &nothing[0], acc: &s.sums,
	}
	if rest := w[t.blocks*blockBytesAMX:]; len(rest) > 0 {
		clear(s.tail[copy(s.tail[:], rest):])
		t.tail = &s.tail[0]
	}
	if g.ep.Bias != nil {
		t.bias = &g.ep.Bias[lo]
	}
	if g.ep.Residual != nil && g.ep.Act == None {
		t.c, t.ldc = &g.ep.Residual[r0*g.ldd+lo], 4*g.ldd
	}
	if g.w.precision == Int8 {
		t.sx, t.sw = &g.tiled.scales[r0], &g.w.scale[lo]
	}
	runTiles(t, g.w.precision)
	*t = amxTiles{}
}

func bytesOf[T uint16 | int8](v []T) []byte {
	if len(v) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&v[0])), len(v)*int(unsafe.Sizeof(v[0])))
}
