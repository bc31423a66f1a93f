package kernel

import (
	"fmt"
	"sync"

	"github.com/parley-go/parley/internal/par"
)

// KV holds the keys and values of a sequence, head by head, laid out for Attend. Keys lie in panels of 32, transposed:
// the products with a query of 32 keys run side by side. Rows are appended, and forgotten at either end. They stay where
// they are until the end of the space is reached, so memory is bounded by what is kept and a row moves rarely.
// It belongs to one goroutine at a time; several may read it at once.
type KV struct {
	Threads int // that Append may use, 0 for all

	heads, dim int
	half       bool      // rounded to bf16
	bytes      bool      // keys in int8 instead of k
	tiles      bool      // both in bf16 as the tile registers take them, if they take heads of this size; see tiled
	cols       int       // dim rounded up to a panel
	k          []float32 // (heads, space/32, dim, 32)
	v          []float32 // (heads, cols/32, space, 32)
	k16, v16   []uint32  // instead of k and v: 16 words for 32 values, see attendHalveGeneric
	keys8      keys8     // instead of k
	space      int       // rows, a multiple of 32
	off        int       // row of the space where the kept rows start
	n          int       // rows kept
	written    int       // rows of the space up to here may be other than zero
}

// SetPrecision makes c keep its rows in float32 (F32, the default) or else rounded to bf16, half the memory. A change
// forgets all rows.
func (c *KV) SetPrecision(p Precision) {
	if half := p != F32; half != c.half {
		*c = KV{Threads: c.Threads, half: half}
	}
}

// Len returns the number of rows.
func (c *KV) Len() int { return c.n }

// Space returns how many rows there is memory for.
func (c *KV) Space() int { return c.space }

// Append adds rows: k and v are (rows, heads*dim), their rows ldk and ldv apart. An empty c takes any shape.
func (c *KV) Append(k []float32, ldk int, v []float32, ldv, rows, heads, dim int) {
	if heads < 1 || dim < 1 || c.n > 0 && (heads != c.heads || dim != c.dim) {
		panic(fmt.Sprintf("kernel: KV: (%d, %d) after (%d, %d)", heads, dim, c.heads, c.dim))
	}
	if rows == 0 {
		return
	}
	checkMat("KV keys", k, rows, heads*dim, ldk)
	checkMat("KV values", v, rows, heads*dim, ldv)
	c.shape(heads, dim)
	c.reserve(rows)
	w := kvWriters.Get().(*kvWriter)
	w.kv, w.k, w.ldk, w.v, w.ldv, w.rows = c, k, ldk, v, ldv, rows
	const valueNs = 2 // the layout of a key's and a value's element takes about a nanosecond
	par.ForWithin(c.Threads, heads, max(1, threadNs/(valueNs*rows*dim)), w.run)
	w.kv, w.k, w.v = nil, nil, nil
	kvWriters.Put(w)
	c.n += rows
	c.clearAfter(c.off + c.n)
	c.written = max(c.written, c.off+c.n)
}

// kvWriter lays out new rows, head by head.
type kvWriter struct {
	kv       *KV
	k, v     []float32
	ldk, ldv int
	rows     int
	run      func(lo, hi int) // w.heads, bound once so that a call does not allocate
}

var kvWriters = sync.Pool{New: func() any {
	w := new(kvWriter)
	w.run = w.heads
	return w
}}

func (w *kvWriter) heads(lo, hi int) {
	c, d := w.kv, w.kv.dim
	s := scratches.Get().(*scratch)
	for h := lo; h < hi; h++ {
		k, v := w.k[h*d:], w.v[h*d:]
		if c.bytes {
			c.setKeys8(s, h, k, w.ldk, w.rows)
		}
		for r := 0; r < w.rows; {
			at := c.off + c.n + r
			n := min(panelCols-at%panelCols, w.rows-r)
			if c.tiled() {
				c.setTiles(h, at, k[r*w.ldk:], w.ldk, v[r*w.ldv:], w.ldv, n)
			} else if c.half {
				c.setKeys16(s, h, at, k[r*w.ldk:], w.ldk, n)
				c.setValues16(s, h, at, v[r*w.ldv:], w.ldv, n)
			} else {
				if !c.bytes {
					packColumns(c.panel(h, at/panelCols)[at%panelCols:], k[r*w.ldk:], w.ldk, n, d)
				}
				c.setValues(h, at, v[r*w.ldv:], w.ldv, n)
			}
			r += n
		}
	}
	scratches.Put(s)
}

// setKeys16 stores n keys of one panel, from row at of the space on.
func (c *KV) setKeys16(s *scratch, h, at int, k []float32, ldk, n int) {
	words, first := c.k16[(h*c.space+at/panelCols*panelCols)*c.dim/2:], at%panelCols
	if n == panelCols {
		panel := s.panelOf(c.dim)
		packColumns(panel, k, ldk, n, c.dim)
		attendHalve(words, panel, c.dim)
		return
	}
	for i := range n {
		for j, x := range k[i*ldk : i*ldk+c.dim] {
			setHalf(words[j*panelCols/2:], first+i, x)
		}
	}
}

// setValues stores n values, from row at of the space on.
func (c *KV) setValues(h, at int, v []float32, ldv, n int) {
	for col := 0; col < c.dim; col += panelCols {
		strip := c.values(h, at)[col*c.space:]
		width := min(panelCols, c.dim-col)
		for i := range n {
			copy(strip[i*panelCols:], v[i*ldv+col:i*ldv+col+width])
		}
	}
}

func (c *KV) setValues16(s *scratch, h, at int, v []float32, ldv, n int) {
	rows := s.tile[:panelCols]
	for col := 0; col < c.dim; col += panelCols {
		strip := c.values16(h, at)[col*c.space/2:]
		width := min(panelCols, c.dim-col)
		clear(rows)
		for i := range n {
			copy(rows, v[i*ldv+col:i*ldv+col+width])
			attendHalve(strip[i*panelCols/2:], rows, 1)
		}
	}
}

// setHalf rounds x to bf16 and makes it value i of 32.
func setHalf(words []uint32, i int, x float32) {
	w, shift := &words[i%(panelCols/2)], i/(panelCols/2)*16
	*w = *w&^(0xffff<<shift) | uint32(bf16Bits(x))<<shift
}

// panel returns the keys of head h from panel p on.
func (c *KV) panel(h, p int) []float32 {
	return c.k[(h*c.space+p*panelCols)*c.dim : (h+1)*c.space*c.dim]
}

// values returns the values of head h from row r of the space on, the first 32 columns; the next are 32 space further.
func (c *KV) values(h, r int) []float32 {
	return c.v[h*c.space*c.cols+r*panelCols : (h+1)*c.space*c.cols]
}

// panel16 and values16 are the same in bf16.
func (c *KV) panel16(h, p int) []uint32 {
	return c.k16[(h*c.space+p*panelCols)*c.dim/2 : (h+1)*c.space*c.dim/2]
}

func (c *KV) values16(h, r int) []uint32 {
	return c.v16[(h*c.space*c.cols+r*panelCols)/2 : (h+1)*c.space*c.cols/2]
}

// shape gives an empty c its shape; space of another shape is dropped.
func (c *KV) shape(heads, dim int) {
	if heads != c.heads || dim != c.dim {
		*c = KV{Threads: c.Threads, half: c.half, bytes: c.bytes, tiles: c.tiles, heads: heads, dim: dim, cols: roundUp(dim, panelCols)}
	}
}

// reserve makes space for more rows after the kept ones.
func (c *KV) reserve(more int) {
	need := c.off%panelCols + c.n + more
	switch {
	case c.off+c.n+more <= c.space:
	case 2*need <= c.space: // at most half full: moving is cheap enough
		c.moveTo(c)
	default:
		bigger := KV{Threads: c.Threads, half: c.half, bytes: c.bytes, tiles: c.tiles, heads: c.heads, dim: c.dim, cols: c.cols, space: roundUp(need, panelCols)}
		if c.n > 0 { // it grows: as it may again
			bigger.space = roundUp(2*need, panelCols)
		}
		if c.tiled() {
			bigger.k16 = make([]uint32, bigger.heads*bigger.space*bigger.cols/2)
			bigger.v16 = make([]uint32, bigger.heads*bigger.space*bigger.cols/2)
		} else if c.half {
			bigger.k16 = make([]uint32, bigger.heads*bigger.space*bigger.dim/2)
			bigger.v16 = make([]uint32, bigger.heads*bigger.space*bigger.cols/2)
		} else {
			if c.bytes {
				bigger.keys8.make(&bigger)
			} else {
				bigger.k = make([]float32, bigger.heads*bigger.space*bigger.dim)
			}
			bigger.v = make([]float32, bigger.heads*bigger.space*bigger.cols)
		}
		c.moveTo(&bigger)
		*c = bigger
	}
}

// moveTo copies the panels that hold the kept rows to the start of the space of to, which may be c.
func (c *KV) moveTo(to *KV) {
	first := c.off / panelCols
	panels := (c.off+c.n+panelCols-1)/panelCols - first
	keys, values := panels*panelCols*c.dim, panels*panelCols*panelCols
	for h := range c.heads {
		if c.tiled() {
			copy(to.tilesAt(to.k16, h, 0), c.tilesAt(c.k16, h, first)[:panels*panelCols*c.cols/2])
			copy(to.tilesAt(to.v16, h, 0), c.tilesAt(c.v16, h, first)[:panels*panelCols*c.cols/2])
			continue
		}
		if c.half {
			copy(to.panel16(h, 0), c.panel16(h, first)[:keys/2])
		} else if c.bytes {
			c.moveKeys8(to, h, first, panels)
		} else {
			copy(to.panel(h, 0), c.panel(h, first)[:keys])
		}
		for col := 0; col < c.cols; col += panelCols {
			if c.half {
				copy(to.values16(h, 0)[col*to.space/2:], c.values16(h, first*panelCols)[col*c.space/2:][:values/2])
			} else {
				copy(to.values(h, 0)[col*to.space:], c.values(h, first*panelCols)[col*c.space:][:values])
			}
		}
	}
	to.off, to.n = c.off%panelCols, c.n
	to.written = max(to.written, panels*panelCols)
}

// KeepLast forgets all but the last n rows and returns how many it forgot.
func (c *KV) KeepLast(n int) int {
	drop := max(c.n-n, 0)
	first := c.off
	c.off, c.n = c.off+drop, c.n-drop
	if c.tiled() {
		c.clearTiles(max(first, c.off/panelCols*panelCols), c.off)
	}
	return drop
}

// KeepFirst forgets all but the first n rows.
func (c *KV) KeepFirst(n int) {
	c.n = min(c.n, max(n, 0))
	c.clearAfter(c.off + c.n)
}

// clearAfter makes what is left of the panel after row end of the space zero, where that matters.
func (c *KV) clearAfter(end int) {
	if c.tiled() {
		c.clearTiles(end, min(roundUp(end, panelCols), c.written))
	}
}

// Reset forgets every row and keeps the space.
func (c *KV) Reset() { c.off, c.n = 0, 0 }

// Set makes c equal to src, in precision too.
func (c *KV) Set(src *KV) {
	c.Reset()
	if c.half != src.half || c.bytes != src.bytes || c.tiles != src.tiles {
		*c = KV{Threads: c.Threads, half: src.half, bytes: src.bytes, tiles: src.tiles}
	}
	if src.n == 0 {
		return
	}
	c.shape(src.heads, src.dim)
	c.reserve(src.off%panelCols + src.n)
	src.moveTo(c)
}

// Scores computes dst (M, Len) = alpha * q (M, dim) kᵀ for the keys of head h, which are not in int8. Rows are ldd and ldq
// apart.
func (c *KV) Scores(dst []float32, ldd int, q []float32, ldq, m, h int, alpha float32) {
	checkMat("KV scores", dst, m, c.n, ldd)
	checkMat("KV queries", q, m, c.dim, ldq)
	s := scratches.Get().(*scratch)
	for at := 0; at < c.n; {
		first := (c.off + at) % panelCols
		n := min(panelCols-first, c.n-at)
		var keys []float32
		if p := (c.off + at) / panelCols; c.tiled() {
			keys = s.panelOf(c.dim)
			c.expandTiles(keys, h, p)
		} else if c.half {
			keys = s.panelOf(c.dim)
			attendExpand(keys, c.panel16(h, p), c.dim)
		} else {
			keys = c.panel(h, p)
		}
		for r := range m {
			tile(1, s.tile[:], panelCols, q[r*ldq:], ldq, keys, panelCols, c.dim, zeros[:], 0, zeros[:], alpha)
			copy(dst[r*ldd+at:], s.tile[first:first+n])
		}
		at += n
	}
	scratches.Put(s)
}
