//go:build !purego

package kernel

import (
	"math"

	"github.com/parley-go/parley/internal/cpu"
)

// useVNNI and useAVXVNNI choose among the int8 products. They change only in tests.
var useVNNI, useAVXVNNI bool

// useExtras selects the implementations that need instructions beside the tier.
func useExtras(e cpu.Extras) { useVNNI, useAVXVNNI = e.VNNI, e.AVXVNNI }

// tileRowsInt8 returns the tallest tile of the tier.
func tileRowsInt8() int {
	if useVNNI {
		return 14
	}
	return 6
}

// prefetchRowsInt8 returns the tallest tile that fetches weights ahead.
func prefetchRowsInt8() int {
	if useVNNI {
		return 8
	}
	return 5
}

// opsPerNsInt8 is about how fast a tier multiplies.
func opsPerNsInt8() int {
	switch {
	case useVNNI:
		return 500
	case useAVXVNNI:
		return 250
	case useAVX2:
		return 130
	}
	return 2
}

// int8Flip is what the bytes of quantised activations are xored with: the products of AVX2 and VNNI take x + 128.
func int8Flip() byte {
	if useAVX2 {
		return 0x80
	}
	return 0
}

// int8Saturates tells whether products go through VPMADDUBSW, which adds pairs of them in 16 bits.
func int8Saturates() bool { return useAVX2 && !useAVXVNNI && !useVNNI }

// quantizeRow writes q = round(x / scale) with the bits of flip inverted, and returns the scale and the sum of the
// rounded values; see quantizeRowGeneric.
func quantizeRow(q []int8, x []float32, flip byte) (scale float32, sum int32) {
	if !useAVX2 {
		return quantizeRowGeneric(q, x, flip)
	}
	n := len(x) &^ 31
	top := topBits(x[n:])
	for i := 0; i < n; i += longest {
		top = max(top, math.Float32bits(maxAbsAVX2(&x[i], min(longest, n-i))))
	}
	scale, inverse := int8Scale(top)
	if inverse == 0 {
		fill(q, flip)
		return scale, 0
	}
	for i := 0; i < n; i += longest {
		sum += quantizeAVX2(&q[i], &x[i], min(longest, n-i), inverse, 0x01010101*uint32(flip))
	}
	return scale, sum + roundInt8(q[n:], x[n:], inverse, flip)
}

// pairTops writes the larger of each two bytes of q, without sign, to tops.
func pairTops(tops []uint8, q []int8) {
	n := len(tops) &^ 31
	for i := 0; i < n; i += longest {
		pairTopsAVX2(&tops[i], &q[2*i], min(longest, n-i))
	}
	for i := n; i < len(tops); i++ {
		tops[i] = max(uint8(q[2*i]), uint8(q[2*i+1]))
	}
}

// pairSums writes what pairs of w (steps, 32, 4), 16 columns of it, add at most; see int8PairSumsAVX2.
func pairSums(sums []uint16, w []int8) { int8PairSumsAVX2(&sums[0], &w[0], len(sums)/2) }

// int8Func computes a tile of a panel, or of half of one.
type int8Func = func(dst *float32, ldd int, q *int8, ldq int, w *int8, steps, tiles int, init *int32, ldi int, sx, sw, c *float32, ldc int, bias *float32)

// The tiles by their rows less one, first such that are half a panel wide.
var (
	halvesAVX2    = [...]int8Func{int8x1x16AVX2, int8x2x16AVX2, int8x3x16AVX2, int8x4x16AVX2, int8x5x16AVX2, int8x6x16AVX2}
	halvesAVXVNNI = [...]int8Func{int8x1x16AVXVNNI, int8x2x16AVXVNNI, int8x3x16AVXVNNI, int8x4x16AVXVNNI, int8x5x16AVXVNNI, int8x6x16AVXVNNI}
	tilesAVX2     = [...]int8Func{int8x1x32AVX2, int8x2x32AVX2, int8x3x32AVX2}
	tilesAVXVNNI  = [...]int8Func{int8x1x32AVXVNNI, int8x2x32AVXVNNI, int8x3x32AVXVNNI}
	tilesVNNI     = [...]int8Func{
		int8x1x32VNNI, int8x2x32VNNI, int8x3x32VNNI, int8x4x32VNNI, int8x5x32VNNI, int8x6x32VNNI, int8x7x32VNNI,
		int8x8x32VNNI, int8x9x32VNNI, int8x10x32VNNI, int8x11x32VNNI, int8x12x32VNNI, int8x13x32VNNI, int8x14x32VNNI,
	}
)

// run computes the tiles.
func (t *tileInt8) run(s *scratch) {
	if !useAVX2 || t.steps == 0 {
		t.runGeneric()
		return
	}
	// The assembly does not check bounds: touch the last element of each operand here.
	last := t.rows*t.tiles - 1
	_, _, _ = t.dst[last*t.ldd+panelCols-1], t.c[last*t.ldc+panelCols-1], t.q[last*t.ldq+4*t.steps-1]
	_, _, _, _, _ = t.sx[last], t.sw[panelCols-1], t.offset[panelCols-1], t.bias[panelCols-1], t.w[4*panelCols*t.steps-1]
	tiles, halves := tilesAVX2[:], halvesAVX2[:]
	switch {
	case useVNNI:
		tiles = tilesVNNI[:]
	case useAVXVNNI:
		tiles, halves = tilesAVXVNNI[:], halvesAVXVNNI[:]
	}
	f, cols := int8Func(nil), panelCols
	if t.rows <= len(tiles) {
		f = tiles[t.rows-1]
	} else {
		f, cols = halves[t.rows-1], panelCols/2
	}
	for col := 0; col < panelCols; col += cols {
		init, ldi := &t.offset[col], 0
		if int8Saturates() {
			init, ldi = t.exact(s, col, cols)
		}
		f(&t.dst[col], t.ldd, &t.q[0], t.ldq, &t.w[4*col], t.steps, t.tiles, init, ldi, &t.sx[0], &t.sw[col], &t.c[col], t.ldc, &t.bias[col])
	}
}

// exact returns what cols columns of the tiles, 16 or 32, start from so that saturated sums come out right.
func (t *tileInt8) exact(s *scratch, col, cols int) (init *int32, ldi int) {
	for half := col; half < col+cols; half += 16 {
		int8ExactAVX2(&s.init[half-col], cols, &t.offset[half], &t.q[0], t.ldq, &t.w[4*half], &t.tops[0], &t.limit[half/16*t.ldt], t.ldt, t.rows*t.tiles)
	}
	return &s.init[0], cols
}
