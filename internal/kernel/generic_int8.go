package kernel

import "math"

// leastInt8 is the magnitude below which a row counts as zero: its scale would not be a normal number.
const leastInt8 = 0x1p-118

// quantizeRowGeneric writes q = round(x / scale), ties to even, for scale = max |x| / 127, which it returns. With a NaN or
// an infinity in x, q is 0 and the scale NaN.
func quantizeRowGeneric(q []int8, x []float32) (scale float32) {
	var top uint32 // as integers, magnitudes are in order, with infinity and NaN on top
	for _, v := range x {
		top = max(top, math.Float32bits(v)&^(1<<31))
	}
	absmax := math.Float32frombits(top)
	switch {
	case top >= 0x7f800000:
		clear(q)
		return float32(math.NaN())
	case absmax < leastInt8:
		clear(q)
		return 0
	}
	inverse := 127 / absmax
	const magic = 3 << 22 // adding it leaves no fraction bits
	for i, v := range x {
		q[i] = int8(int32(float32(v*inverse) + magic - magic))
	}
	return absmax / 127
}

// runGeneric is the specification of the tile of every tier.
func (t *tileInt8) runGeneric() {
	for r := range t.rows {
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
