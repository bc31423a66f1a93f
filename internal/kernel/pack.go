package kernel

import "fmt"

// panelCols is the width of a weight panel, in output features. It is a multiple of every tier's tile width, so one
// layout serves all of them.
const panelCols = 32

// Packed is a weight matrix W (N, K) laid out for Gemm: ceil(N/32) panels, each (K, 32) row-major, the last one padded
// with zeros. It is immutable and shared freely.
type Packed struct {
	n, k int
	data []float32 // (panels, K, 32)
}

// Pack lays out w (N, K) row-major, the weight of y = x Wᵀ. It panics unless len(w) == n*k.
func Pack(w []float32, n, k int) *Packed {
	if n < 0 || k < 0 || len(w) != n*k {
		panic(fmt.Sprintf("kernel: Pack: %d weights for shape (%d, %d)", len(w), n, k))
	}
	panels := (n + panelCols - 1) / panelCols
	p := &Packed{n, k, make([]float32, panels*k*panelCols)}
	for j := range panels {
		lo := j * panelCols
		cols := min(panelCols, n-lo)
		packPanel(p.panel(j), w[lo*k:], k, cols, k)
	}
	return p
}

// N returns the number of output features.
func (p *Packed) N() int { return p.n }

// K returns the number of input features.
func (p *Packed) K() int { return p.k }

// panel returns panel j, (K, 32).
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
