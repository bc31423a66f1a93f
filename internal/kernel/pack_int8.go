package kernel

import (
	"fmt"
	"unsafe"

	"github.com/parley-go/parley/internal/par"
)

// int8Panels is W (N, K) as scale[n] * q[n, k], q in [-127, 127].
type int8Panels struct {
	q      []int8    // (panels, ceil(K/4), 32, 4), K padded with zeros
	scale  []float32 // (panels, 32); NaN for a row with NaN or an infinity
	offset []int32   // (panels, 32): -128 times the sum of q over K, for products that take x + 128
}

// maxInt8K bounds K: one call of the assembly multiplies all of it.
const maxInt8K = 1 << 15

// PackInt8Rows lays out W (N, K) = scale[n] * q[n, k] without rounding it again, on at most so many threads, 0 for all; products with the
// matrix then use no more either. row writes row i of q, none of it -128, and returns its scale; it may be called from several goroutines,
// once for each row, in any order.
func PackInt8Rows(threads, n, k int, row func(q []int8, i int) (scale float32)) *Packed {
	if n < 0 || k < 0 {
		panic(fmt.Sprintf("kernel: PackInt8Rows: shape (%d, %d)", n, k))
	}
	p := newPacked(Int8, n, k)
	p.threads = threads
	par.ForWithin(threads, p.panels(), p.grain(), func(lo, hi int) {
		s := packings.Get().(*packing)
		for j := lo; j < hi; j++ {
			rows := p.paddedRows(s, j)
			for c := range p.cols(j) {
				i, q := j*panelCols+c, rows[c*4*quads(k):][:k]
				p.scale[i] = row(q, i)
				p.offset[i] = -128 * sumInt8(q)
			}
			p.interleave(j, rows)
		}
		packings.Put(s)
	})
	return p
}

func sumInt8(q []int8) (sum int32) {
	for _, v := range q {
		if v == -128 {
			panic("kernel: PackInt8Rows: a weight is -128")
		}
		sum += int32(v)
	}
	return sum
}

func newInt8Panels(panels, k int) int8Panels {
	if k > maxInt8K {
		panic(fmt.Sprintf("kernel: int8 weights with K = %d; at most %d", k, maxInt8K))
	}
	return int8Panels{
		q: make([]int8, panels*quads(k)*4*panelCols), scale: make([]float32, panels*panelCols), offset: make([]int32, panels*panelCols),
	}
}

// quads is how many groups of four values K fills.
func quads(k int) int { return (k + 3) / 4 }

func (w *int8Panels) bytes() int {
	return len(w.q) + 4*len(w.scale) + 4*len(w.offset)
}

// panelInt8 returns panel j, (ceil(K/4), 32, 4).
func (p *Packed) panelInt8(j int) []int8 {
	size := quads(p.k) * 4 * panelCols
	return p.q[j*size : (j+1)*size]
}

// setInt8 quantises rows w (cols, K) of W into panel j.
func (p *Packed) setInt8(s *packing, j int, w []float32) {
	k, q := p.k, p.paddedRows(s, j)
	for c := range p.cols(j) {
		scale, sum := quantizeRow(q[c*4*quads(k):][:k], w[c*k:(c+1)*k], 0)
		p.scale[j*panelCols+c], p.offset[j*panelCols+c] = scale, -128*sum
	}
	p.interleave(j, q)
}

// paddedRows returns room for the rows of panel j, (cols, 4*ceil(K/4)), with zeros after K.
func (p *Packed) paddedRows(s *packing, j int) []int8 {
	ld := 4 * quads(p.k)
	q := s.int8s(p.cols(j) * ld)
	for c := range p.cols(j) {
		clear(q[c*ld+p.k : (c+1)*ld])
	}
	return q
}

// interleave fills panel j from q (cols, 4*ceil(K/4)). Groups of four bytes move together, as float32 values do when an
// F32 panel is packed.
func (p *Packed) interleave(j int, q []int8) {
	if p.k == 0 {
		return
	}
	n := quads(p.k)
	packPanel(words(p.panelInt8(j)), words(q), n, p.cols(j), n)
}

// words views bytes in groups of four, to be moved and never computed with. A slice that was allocated is aligned for it.
func words(q []int8) []float32 { return unsafe.Slice((*float32)(unsafe.Pointer(&q[0])), len(q)/4) }

// rowInt8 writes scale * q of row i to dst (K).
func (p *Packed) rowInt8(dst []float32, i int) {
	panel, scale := p.panelInt8(i / panelCols)[4*(i%panelCols):], p.scale[i]
	for l := range dst {
		dst[l] = scale * float32(panel[l/4*4*panelCols+l%4])
	}
}
