package kernel

import "math"

// leastInt8 is the magnitude below which a row counts as zero: its scale would not be a normal number.
const leastInt8 = 0x1p-118

// quantizeRowGeneric writes q = round(x / scale), ties to even, for scale = max |x| / 127, with the bits of flip inverted.
// It returns the scale and the sum of the rounded values. With a NaN or an infinity in x they are 0 and the scale NaN.
func quantizeRowGeneric(q []int8, x []float32, flip byte) (scale float32, sum int32) {
	scale, inverse := int8Scale(topBits(x))
	if inverse == 0 {
		fill(q, flip)
		return scale, 0
	}
	return scale, roundInt8(q, x, inverse, flip)
}

// topBits returns the largest magnitude as bits: as integers, magnitudes are in order, with infinity and NaN on top.
func topBits(x []float32) uint32 {
	var top uint32
	for _, v := range x {
		top = max(top, math.Float32bits(v)&^(1<<31))
	}
	return top
}

// int8Scale returns the scale of a row and its inverse, 0 if the row counts as zeros.
func int8Scale(top uint32) (scale, inverse float32) {
	switch most := math.Float32frombits(top); {
	case top >= 0x7f800000:
		return float32(math.NaN()), 0
	case most < leastInt8:
		return 0, 0
	default:
		return most / 127, 127 / most
	}
}

func fill(q []int8, b byte) {
	for i := range q {
		q[i] = int8(b)
	}
}

// roundInt8 writes x * inverse, rounded, ties to even, with the bits of flip inverted, and returns the sum before.
func roundInt8(q []int8, x []float32, inverse float32, flip byte) (sum int32) {
	const magic = 3 << 22 // adding it leaves no fraction bits
	for i, v := range x {
		r := int32(float32(float32(v*inverse)+magic) - magic)
		sum += r
		q[i] = int8(byte(r) ^ flip)
	}
	return sum
}

// runGeneric is the specification of the tiles of every tier.
func (t *tileInt8) runGeneric() {
	for r := range t.rows * t.tiles {
		q := t.q[r*t.ldq : r*t.ldq+4*t.steps]
		for col := range panelCols {
			var sum int32
			for i := 0; i < len(q); i += 4 {
				w := t.w[i*panelCols+4*col : i*panelCols+4*col+4 : i*panelCols+4*col+4]
				sum += int32(q[i])*int32(w[0]) + int32(q[i+1])*int32(w[1]) + int32(q[i+2])*int32(w[2]) + int32(q[i+3])*int32(w[3])
			}
			t.dst[r*t.ldd+col] = float32(sum)*(t.sx[r]*t.sw[col]) + (t.c[r*t.ldc+col] + t.bias[col])
		}
	}
}
