package kernel

import (
	"fmt"
	"sync"

	"github.com/parley-go/parley/internal/par"
)

// Epilogue is what Gemm does to a product before it leaves: dst = act(product + Bias) + Residual.
type Epilogue struct {
	Bias     []float32 // (N), or nil
	Act      Act
	Residual []float32 // (M, ldd), laid out like dst, which it may alias exactly; or nil
}

// Blocking. A panel of blockK rows stays in the first-level cache while the tiles of a row block pass over it; the
// activations of a row block, blockBytes, stay in the second-level cache while the panels of a task pass over them.
const (
	blockK     = 256
	blockBytes = 512 << 10
	actPanels  = 4 // after as many the activation is applied: what they made is still in the second-level cache
)

// Gemm computes dst (M, N) = act(x (M, K) Wᵀ + bias) + residual. Rows of dst are ldd >= N apart, rows of x ldx apart; these
// may overlap, as windows of a sequence do. dst must not overlap x. Large products run on several threads. With K == 0
// the product is 0.
func Gemm(dst []float32, ldd int, x []float32, ldx int, m int, w *Packed, ep Epilogue) {
	n, k := w.n, w.k
	checkMat("Gemm dst", dst, m, n, ldd)
	checkRows("Gemm x", x, m, k, ldx)
	ep.Act.check()
	if ep.Bias != nil && len(ep.Bias) != n {
		panic(fmt.Sprintf("kernel: Gemm: %d biases for %d columns", len(ep.Bias), n))
	}
	if ep.Residual != nil {
		checkMat("Gemm residual", ep.Residual, m, n, ldd)
	}
	if m == 0 || n == 0 {
		return
	}
	g := gemms.Get().(*gemm)
	g.dst, g.ldd, g.x, g.ldx, g.m, g.w, g.ep = dst, ldd, x, ldx, m, w, ep
	g.keep = ep.Residual != nil && ep.Act != None && &ep.Residual[0] == &dst[0]
	g.amx = g.takesAMX()
	switch {
	case g.amx:
		g.planAMX()
		g.arrange()
	case w.precision == Int8:
		g.plan()
		g.quantize()
	default:
		g.plan()
	}
	par.ForWithin(w.threads, g.tasks(), g.grain, g.run)
	g.dst, g.x, g.w, g.ep = nil, nil, nil, Epilogue{}
	gemms.Put(g)
}

// checkMat panics unless s holds rows rows of cols values, stride apart, that do not overlap.
func checkMat(what string, s []float32, rows, cols, stride int) {
	checkRows(what, s, rows, cols, stride)
	if stride < cols {
		panic(fmt.Sprintf("kernel: %s: %d columns with stride %d", what, cols, stride))
	}
}

// checkRows panics unless s holds rows rows of cols values, stride apart.
func checkRows(what string, s []float32, rows, cols, stride int) {
	if rows < 0 || cols < 0 || stride < 0 || (rows > 0 && cols > 0 && (rows-1)*stride+cols > len(s)) {
		panic(fmt.Sprintf("kernel: %s: %d values for shape (%d, %d) with stride %d", what, len(s), rows, cols, stride))
	}
}

// gemm is one call of Gemm cut into tasks: a task is a block of rows times a group of panels.
type gemm struct {
	dst, x    []float32
	ldd, ldx  int
	m         int
	w         *Packed
	ep        Epilogue
	keep      bool // dst is the residual and must be saved before the product overwrites it
	rows      int  // rows of a task
	panels    int  // panels of a task
	rowBlocks int
	groups    int
	grain     int              // tasks worth a thread
	run       func(lo, hi int) // g.runTasks, bound once so that a call does not allocate

	amx       bool // through the tile registers
	quantized      // x for int8 weights
	tiled          // x for the tile registers
}

var gemms = sync.Pool{New: func() any {
	g := new(gemm)
	g.run = g.runTasks
	g.runRows = g.quantizeRows
	g.runArrange = g.arrangeRows
	return g
}}

func (g *gemm) tasks() int { return g.rowBlocks * g.groups }

// plan cuts the product: rows so that their activations fit the cache, then panels until each thread has several tasks.
func (g *gemm) plan() {
	k := max(g.w.k, 1)
	all := g.w.panels()
	tall := g.w.precision.tileRows()
	most := max(blockBytes/g.w.precision.xBytes()/k, tall)
	g.rowBlocks = (g.m + most - 1) / most
	g.rows = roundUp((g.m+g.rowBlocks-1)/g.rowBlocks, tall)
	g.rowBlocks = (g.m + g.rows - 1) / g.rows
	cost := panelCost(g.w.precision.opsPerNs(), g.w.precision.bytes(), min(g.rows, g.m), k)
	threads := 1
	if g.rowBlocks*all*cost > 2*threadNs {
		threads = par.Within(g.w.threads)
	}
	g.panels = all
	if threads > 1 {
		perGroup := (g.rowBlocks*all + threads*4 - 1) / (threads * 4)
		g.panels = max(1, min(all, max(perGroup, threadNs/4/cost)))
	}
	g.groups = (all + g.panels - 1) / g.panels
	g.grain = max(1, threadNs/(g.panels*cost))
	if threads == 1 {
		g.grain = g.tasks()
	}
}

// threadNs is the work, in nanoseconds, that is worth handing to another thread.
const threadNs = 15_000

// panelCost estimates in nanoseconds a panel of rows by K, opsPerNs fast and with weights of some bytes: its arithmetic or
// the fetch of its weights, if that is longer.
func panelCost(opsPerNs, bytes, rows, k int) int {
	const bytesPerNs = 20 // one thread, from the third-level cache or memory
	return max(2*rows*panelCols*k/opsPerNs, bytes*panelCols*k/bytesPerNs, 1)
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }

// runTasks computes tasks lo..hi. Neighbours share weights.
func (g *gemm) runTasks(lo, hi int) {
	s := scratches.Get().(*scratch)
	for t := lo; t < hi; t++ {
		r0 := t % g.rowBlocks * g.rows
		p0 := t / g.rowBlocks * g.panels
		g.task(s, r0, min(r0+g.rows, g.m), p0, min(p0+g.panels, (g.w.n+panelCols-1)/panelCols))
	}
	scratches.Put(s)
}

// task computes rows r0..r1 of panels p0..p1 and finishes them.
func (g *gemm) task(s *scratch, r0, r1, p0, p1 int) {
	if g.keep {
		s.save(g.dst, g.ldd, r0, r1, p0*panelCols, min(p1*panelCols, g.w.n))
	}
	rows, panels := r1-r0, actPanels
	if g.amx {
		rows, panels = amxRows, g.panelsAMX()
	}
	for a := r0; a < r1; a += rows {
		b := min(a+rows, r1)
		for p := p0; p < p1; p += panels {
			q := min(p+panels, p1)
			g.product(s, a, b, p, q)
			if g.ep.Act != None {
				g.finish(s, a, b, p*panelCols, min(q*panelCols, g.w.n))
			}
		}
	}
}

// product computes rows r0..r1 of panels p0..p1, with the bias and, without an activation, the residual.
func (g *gemm) product(s *scratch, r0, r1, p0, p1 int) {
	if g.amx {
		g.stripAMX(s, r0, r1, p0, p1)
		return
	}
	for p := p0; p < p1; p++ {
		if g.w.precision == Int8 {
			g.panelInt8(s, r0, r1, p)
		} else {
			g.panelFloat(s, r0, r1, p)
		}
	}
}

// finish applies the activation and then the residual to rows r0..r1, columns a..b.
func (g *gemm) finish(s *scratch, r0, r1, a, b int) {
	for r := r0; r < r1; r++ {
		out := g.dst[r*g.ldd+a : r*g.ldd+b]
		activate(g.ep.Act, out)
		switch {
		case g.keep:
			add(out, s.saved.at(r, a, b))
		case g.ep.Residual != nil:
			add(out, g.ep.Residual[r*g.ldd+a:r*g.ldd+b])
		}
	}
}

// scratch is the working memory of one thread inside a product.
type scratch struct {
	block [blockK * panelCols]float32  // part of a bf16 panel, expanded; first, so that it begins with a page
	sums  [amxRows * panelCols]float32 // of tiles
	tail  [blockBytesAMX]byte          // last rows of a panel, padded with zeros
	tile  [maxTileRows * panelCols]float32
	bias  [panelCols]float32
	saved saved     // residual of a task
	panel []float32 // see panelOf
	bytes []int8    // a quantised row
	tiles amxTiles
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// panelOf returns a (k, 32) panel to fill.
func (s *scratch) panelOf(k int) []float32 {
	if cap(s.panel) < k*panelCols {
		s.panel = make([]float32, k*panelCols)
	}
	return s.panel[:k*panelCols]
}

// saved is a copy of a part of a matrix: cols columns from column c0, rows from row r0 on.
type saved struct {
	data         []float32
	r0, c0, cols int
}

// save copies rows r0..r1, columns c0..c1 of m.
func (s *scratch) save(m []float32, ld, r0, r1, c0, c1 int) {
	s.saved = saved{s.saved.data[:0], r0, c0, c1 - c0}
	for r := r0; r < r1; r++ {
		s.saved.data = append(s.saved.data, m[r*ld+c0:r*ld+c1]...)
	}
}

// at returns columns a..b of row r.
func (s *saved) at(r, a, b int) []float32 {
	row := s.data[(r-s.r0)*s.cols:]
	return row[a-s.c0 : b-s.c0]
}
