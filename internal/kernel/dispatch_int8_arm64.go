//go:build !purego

package kernel

import (
	"math"

	"github.com/parley-go/parley/internal/cpu"
)

// useSDOT chooses among the int8 products. It changes only in tests.
var useSDOT bool

// useExtras selects the implementations that need instructions beside the tier.
func useExtras(e cpu.Extras) { useSDOT = e.DotProd }

// tileRowsInt8 returns the tallest tile of the tier.
func tileRowsInt8() int {
	if useNEON && !useSDOT {
		return 2
	}
	return 6
}

// prefetchRowsInt8 returns the tallest tile that fetches weights ahead.
func prefetchRowsInt8() int { return min(tileRowsInt8(), 5) }

// opsPerNsInt8 is about how fast a tier multiplies.
func opsPerNsInt8() int {
	switch {
	case useSDOT:
		return 150
	case useNEON:
		return 30
	}
	return 2
}

// int8Flip is what the bytes of quantised activations are xored with.
func int8Flip() byte { return 0 }

// quantizeRow writes q = round(x / scale) and returns the scale and the sum of the rounded values; flip is 0. See
// quantizeRowGeneric.
func quantizeRow(q []int8, x []float32, flip byte) (scale float32, sum int32) {
	if !useNEON {
		return quantizeRowGeneric(q, x, flip)
	}
	n := len(x) &^ 15
	top := topBits(x[n:])
	for i := 0; i < n; i += longest {
		top = max(top, math.Float32bits(maxAbsNEON(&x[i], min(longest, n-i))))
	}
	scale, inverse := int8Scale(top)
	if inverse == 0 {
		clear(q)
		return scale, 0
	}
	for i := 0; i < n; i += longest {
		sum += quantizeNEON(&q[i], &x[i], min(longest, n-i), inverse)
	}
	return scale, sum + roundInt8(q[n:], x[n:], inverse, 0)
}

// int8Func computes a tile of half a panel.
type int8Func = func(dst *float32, ldd int, q *int8, ldq int, w *int8, steps int, sx, sw, c *float32, ldc int, bias *float32)

var (
	tilesSDOT = [...]int8Func{int8x1x16SDOT, int8x2x16SDOT, int8x3x16SDOT, int8x4x16SDOT, int8x5x16SDOT, int8x6x16SDOT}
	tilesNEON = [...]int8Func{int8x1x16NEON, int8x2x16NEON}
)

// run computes the tiles.
func (t *tileInt8) run() {
	if !useNEON || t.steps == 0 {
		t.runGeneric()
		return
	}
	// The assembly does not check bounds: touch the last element of each operand here.
	last := t.rows*t.tiles - 1
	_, _, _ = t.dst[last*t.ldd+panelCols-1], t.c[last*t.ldc+panelCols-1], t.q[last*t.ldq+4*t.steps-1]
	_, _, _, _ = t.sx[last], t.sw[panelCols-1], t.bias[panelCols-1], t.w[4*panelCols*t.steps-1]
	tiles := tilesNEON[:]
	if useSDOT {
		tiles = tilesSDOT[:]
	}
	f := tiles[t.rows-1]
	for r := 0; r <= last; r += t.rows {
		for col := 0; col < panelCols; col += 16 {
			f(&t.dst[r*t.ldd+col], t.ldd, &t.q[r*t.ldq], t.ldq, &t.w[4*col], t.steps, &t.sx[r], &t.sw[col], &t.c[r*t.ldc+col], t.ldc, &t.bias[col])
		}
	}
}
