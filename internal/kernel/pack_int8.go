package kernel

import "fmt"

// int8Panels is W (N, K) as scale[n] * q, q in [-127, 127].
type int8Panels struct {
	q     []int8    // (panels, ceil(K/4), 32, 4), K padded with zeros
	scale []float32 // (panels, 32); NaN for a row with NaN or an infinity
	sums  []int32   // (panels, 32), the sum of q over K
}

// maxInt8K is the longest sum of products of two values in [-127, 127] that an int32 holds.
const maxInt8K = (1<<31 - 1) / (127 * 127)

// PackInt8 lays out W (N, K) = scale[n] * q[n, k] without rounding it again; q must not hold -128.
func PackInt8(q []int8, scale []float32, n, k int) *Packed {
	if n < 0 || k < 0 || len(q) != n*k || len(scale) != n {
		panic(fmt.Sprintf("kernel: PackInt8: %d weights and %d scales for shape (%d, %d)", len(q), len(scale), n, k))
	}
	p := newPacked(Int8, n, k)
	copy(p.scale, scale)
	for j := range p.panels() {
		p.interleave(j, q[j*panelCols*k:], k)
	}
	return p
}

func newInt8Panels(panels, k int) int8Panels {
	if k > maxInt8K {
		panic(fmt.Sprintf("kernel: int8 sums of %d products overflow", k))
	}
	return int8Panels{
		q: make([]int8, panels*quads(k)*4*panelCols), scale: make([]float32, panels*panelCols), sums: make([]int32, panels*panelCols),
	}
}

// quads is how many groups of four values K fills.
func quads(k int) int { return (k + 3) / 4 }

func (w *int8Panels) bytes() int { return len(w.q) + 4*len(w.scale) + 4*len(w.sums) }

// panelInt8 returns panel j, (ceil(K/4), 32, 4).
func (p *Packed) panelInt8(j int) []int8 {
	size := quads(p.k) * 4 * panelCols
	return p.q[j*size : (j+1)*size]
}

// setInt8 quantises rows w (cols, K) of W into panel j.
func (p *Packed) setInt8(j int, w []float32) {
	k, cols := p.k, p.cols(j)
	q := make([]int8, cols*k)
	for c := range cols {
		p.scale[j*panelCols+c] = quantizeRow(q[c*k:(c+1)*k], w[c*k:(c+1)*k])
	}
	p.interleave(j, q, k)
}

// interleave fills panel j and its sums from q (cols, K), rows ldq apart.
func (p *Packed) interleave(j int, q []int8, ldq int) {
	panel := p.panelInt8(j)
	for c := range p.cols(j) {
		var sum int32
		for i, v := range q[c*ldq : c*ldq+p.k] {
			panel[i/4*4*panelCols+4*c+i%4] = v
			sum += int32(v)
		}
		p.sums[j*panelCols+c] = sum
	}
}

// rowInt8 writes scale * q of row i to dst (K).
func (p *Packed) rowInt8(dst []float32, i int) {
	panel, scale := p.panelInt8(i / panelCols)[4*(i%panelCols):], p.scale[i]
	for l := range dst {
		dst[l] = scale * float32(panel[l/4*4*panelCols+l%4])
	}
}
