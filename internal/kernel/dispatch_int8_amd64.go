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
		return 110
	}
	return 2
}

// int8Flip is what the bytes of quantised activations are xored with: the products of VNNI take x + 128.
func int8Flip() byte {
	if useVNNI || useAVXVNNI {
		return 0x80
	}
	return 0
}

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

// noOffset are the offsets of activations without 128 added.
var noOffset [panelCols]int32

// run computes the tiles.
func (t *tileInt8) run() {
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
		init := &t.offset[col]
		if int8Flip() == 0 {
			init = &noOffset[0]
		}
		f(&t.dst[col], t.ldd, &t.q[0], t.ldq, &t.w[4*col], t.steps, t.tiles, init, 0, &t.sx[0], &t.sw[col], &t.c[col], t.ldc, &t.bias[col])
	}
}
