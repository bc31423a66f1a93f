package weights

import (
	"encoding/binary"
	"math"

	"github.com/parley-go/parley/internal/kernel"
)

// A decoder turns the little-endian bytes of len(dst) elements into float32.
type decoder func(dst []float32, raw []byte)

var decoders = map[string]decoder{"F32": decodeF32, "F16": kernel.FromF16, "BF16": kernel.FromBF16, "I8": decodeI8}

func decodeF32(dst []float32, raw []byte) {
	for i := range dst {
		dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
}

func decodeI8(dst []float32, raw []byte) {
	for i, b := range raw {
		dst[i] = float32(int8(b))
	}
}

// toF16 rounds to the nearest binary16, ties to even.
func toF16(f float32) uint16 {
	bits := math.Float32bits(f)
	sign, rest := uint16(bits>>16&0x8000), bits&0x7fffffff
	switch {
	case rest > 0x7f800000: // NaN
		return sign | 0x7e00
	case rest >= 0x477ff000: // rounds to 2^16 or more
		return sign | 0x7c00
	case rest < 0x38800000: // subnormal: count units of 2^-24
		return sign | uint16(math.RoundToEven(float64(math.Float32frombits(rest))*0x1p24))
	}
	rest += 0xfff + rest>>13&1
	return sign | uint16(rest>>13-112<<10)
}

// scaleRows multiplies each row of x by its factor; no scale leaves x alone.
func scaleRows(x, scale []float32) {
	if len(scale) == 0 {
		return
	}
	width := len(x) / len(scale)
	for row, s := range scale {
		for i := range width {
			x[row*width+i] *= s
		}
	}
}
