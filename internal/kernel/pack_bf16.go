package kernel

import "math"

// bf16Panels is W (N, K) rounded to bfloat16, the upper half of a float32.
type bf16Panels struct {
	half []uint16 // (panels, ceil(K/2), 32, 2), K padded with zeros
}

// pairs is how many groups of two values K fills.
func pairs(k int) int { return (k + 1) / 2 }

func newBF16Panels(panels, k int) bf16Panels {
	return bf16Panels{make([]uint16, panels*pairs(k)*2*panelCols)}
}

func (w *bf16Panels) bytes() int { return 2 * len(w.half) }

// panelBF16 returns panel j, (ceil(K/2), 32, 2).
func (p *Packed) panelBF16(j int) []uint16 {
	size := pairs(p.k) * 2 * panelCols
	return p.half[j*size : (j+1)*size]
}

// setBF16 rounds rows w (cols, K) of W into panel j.
func (p *Packed) setBF16(j int, w []float32) { packPairs(p.panelBF16(j), w, p.cols(j), p.k) }

// rowBF16 writes row i to dst (K).
func (p *Packed) rowBF16(dst []float32, i int) {
	panel := p.panelBF16(i / panelCols)[2*(i%panelCols):]
	for l := range dst {
		dst[l] = bf16Value(panel[l/2*2*panelCols+l%2])
	}
}

func bf16Value(b uint16) float32 { return math.Float32frombits(uint32(b) << 16) }

// bf16Bits rounds to nearest, ties to even. NaN stays NaN.
func bf16Bits(v float32) uint16 {
	b := math.Float32bits(v)
	if v != v {
		return uint16((b | 1<<22) >> 16)
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}
