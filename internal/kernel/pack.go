package kernel

import (
	"fmt"
	"sync"

	"github.com/parley-go/parley/internal/par"
)

// panelCols is the width of a weight panel, in output features. It is a multiple of every tier's tile width, so one
// layout serves all of them.
const panelCols = 32

// Packed is a weight matrix W (N, K) laid out for Gemm: ceil(N/32) panels, the last one padded with zeros. A panel of
// F32 is (K, 32), one of BF16 (ceil(K/2), 32, 2), one of Int8 (ceil(K/4), 32, 4). It is immutable and shared freely.
type Packed struct {
	n, k      int
	precision Precision
	threads   int       // that a product may use, 0 for all
	data      []float32 // F32: (panels, K, 32)
	bf16Panels
	int8Panels
}

// Pack lays out w (N, K) row-major, the weight of y = x Wᵀ, in float32. It panics unless len(w) == n*k.
func Pack(w []float32, n, k int) *Packed { return PackAs(F32, w, n, k) }

// PackAs lays out w (N, K) row-major in precision p. It panics unless len(w) == n*k.
func PackAs(p Precision, w []float32, n, k int) *Packed {
	if n < 0 || k < 0 || len(w) != n*k {
		panic(fmt.Sprintf("kernel: PackAs: %d weights for shape (%d, %d)", len(w), n, k))
	}
	packed := newPacked(p, n, k)
	par.For(packed.panels(), packed.grain(), func(lo, hi int) {
		s := packings.Get().(*packing)
		for j := lo; j < hi; j++ {
			packed.setPanel(s, j, w[j*panelCols*k:])
		}
		packings.Put(s)
	})
	return packed
}

// PackRows lays out W (N, K) in precision p. row writes row i of W to dst (K); it may be called from several goroutines,
// once for each row, in any order.
func PackRows(p Precision, n, k int, row func(dst []float32, i int)) *Packed {
	return PackRowsWithin(0, p, n, k, row)
}

// PackRowsWithin is PackRows on at most so many threads, 0 for all; products with the matrix then use no more either.
func PackRowsWithin(threads int, p Precision, n, k int, row func(dst []float32, i int)) *Packed {
	if n < 0 || k < 0 {
		panic(fmt.Sprintf("kernel: PackRows: shape (%d, %d)", n, k))
	}
	packed := newPacked(p, n, k)
	packed.threads = threads
	par.ForWithin(threads, packed.panels(), packed.grain(), func(lo, hi int) {
		s := packings.Get().(*packing)
		block := s.floats(panelCols * k)
		for j := lo; j < hi; j++ {
			for c := range packed.cols(j) {
				row(block[c*k:(c+1)*k], j*panelCols+c)
			}
			packed.setPanel(s, j, block)
		}
		packings.Put(s)
	})
	return packed
}

// packing is the working memory of one thread that packs.
type packing struct {
	block []float32 // (32, K), rows of W
	bytes []int8    // (32, 4*ceil(K/4)), the same quantised
}

var packings = sync.Pool{New: func() any { return new(packing) }}

func (s *packing) floats(n int) []float32 {
	if cap(s.block) < n {
		s.block = make([]float32, n)
	}
	return s.block[:n]
}

func (s *packing) int8s(n int) []int8 {
	if cap(s.bytes) < n {
		s.bytes = make([]int8, n)
	}
	return s.bytes[:n]
}

// newPacked returns a matrix to fill panel by panel.
func newPacked(p Precision, n, k int) *Packed {
	packed := &Packed{n: n, k: k, precision: p}
	switch p {
	case F32:
		packed.data = make([]float32, packed.panels()*k*panelCols)
	case BF16:
		packed.bf16Panels = newBF16Panels(packed.panels(), k)
	case Int8:
		packed.int8Panels = newInt8Panels(packed.panels(), k)
	default:
		panic(fmt.Sprintf("kernel: weights of unknown precision %d", p))
	}
	return packed
}

// setPanel fills panel j from its rows of W, w (cols, K).
func (p *Packed) setPanel(s *packing, j int, w []float32) {
	switch p.precision {
	case F32:
		packPanel(p.panel(j), w, p.k, p.cols(j), p.k)
	case BF16:
		p.setBF16(j, w)
	case Int8:
		p.setInt8(s, j, w)
	}
}

// Row writes row i of W, as it was rounded, to dst (K).
func (p *Packed) Row(dst []float32, i int) {
	if i < 0 || i >= p.n || len(dst) != p.k {
		panic(fmt.Sprintf("kernel: Row %d of shape (%d, %d) to %d values", i, p.n, p.k, len(dst)))
	}
	if p.k == 0 {
		return
	}
	switch p.precision {
	case F32:
		panel := p.panel(i / panelCols)
		for l := range dst {
			dst[l] = panel[l*panelCols+i%panelCols]
		}
	case BF16:
		p.rowBF16(dst, i)
	case Int8:
		p.rowInt8(dst, i)
	}
}

// N returns the number of output features.
func (p *Packed) N() int { return p.n }

// K returns the number of input features.
func (p *Packed) K() int { return p.k }

// Precision returns how the weights are stored.
func (p *Packed) Precision() Precision { return p.precision }

// Bytes returns the memory that the weights take.
func (p *Packed) Bytes() int { return 4*len(p.data) + p.bf16Panels.bytes() + p.int8Panels.bytes() }

// panels returns the number of panels.
func (p *Packed) panels() int { return (p.n + panelCols - 1) / panelCols }

// cols returns the number of outputs in panel j.
func (p *Packed) cols(j int) int { return min(panelCols, p.n-j*panelCols) }

// grain is how many panels to pack are worth a thread.
func (p *Packed) grain() int { return 1 + (64<<10)/(panelCols*max(p.k, 1)) }

// panel returns panel j of an F32 matrix, (K, 32).
func (p *Packed) panel(j int) []float32 {
	size := p.k * panelCols
	return p.data[j*size : (j+1)*size]
}

// packPanel writes b (cols, K)ᵀ, rows ldb apart, to panel (K, 32) and zeros to the columns that b lacks.
func packPanel(panel, b []float32, ldb, cols, k int) {
	packColumns(panel, b, ldb, cols, k)
	if cols < panelCols {
		for i := range k {
			clear(panel[i*panelCols+cols : (i+1)*panelCols])
		}
	}
}

// packBlock transposes b (cols, k0:k1) into columns first.. of panel.
func packBlock(panel, b []float32, ldb, first, cols, k0, k1 int) {
	if k0 == k1 {
		return
	}
	for c := first; c < cols; c++ {
		row := b[c*ldb+k0 : c*ldb+k1]
		out := panel[k0*panelCols+c:]
		for i, v := range row {
			out[i*panelCols] = v
		}
	}
}

// packColumnsGeneric works in blocks of rows, so that reads and writes both stay in the first-level cache.
func packColumnsGeneric(panel, b []float32, ldb, cols, k int) {
	const block = 16
	for k0 := 0; k0 < k; k0 += block {
		packBlock(panel, b, ldb, 0, cols, k0, min(k0+block, k))
	}
}
