package kernel

import (
	"encoding/binary"
	"math"
)

func f16ToF32Generic(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = widenF16(binary.LittleEndian.Uint16(src[2*i:]))
	}
}

// widenF16 shifts a binary16 into place: exponent and mantissa then read as a float32 that is too small by 2^112,
// subnormals included, and one exact multiplication repairs both.
func widenF16(h uint16) float32 {
	sign, rest := uint32(h&0x8000)<<16, uint32(h&0x7fff)<<13
	switch {
	case h&0x7fff > 0x7c00: // NaN, made quiet
		return math.Float32frombits(sign | 0x7fc00000 | rest)
	case h&0x7fff == 0x7c00:
		return math.Float32frombits(sign | 0x7f800000)
	}
	return math.Float32frombits(sign | math.Float32bits(math.Float32frombits(rest)*0x1p112))
}

func bf16ToF32Generic(dst []float32, src []byte) {
	for i := range dst {
		dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(src[2*i:])) << 16)
	}
}
