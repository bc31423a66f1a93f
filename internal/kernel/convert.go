package kernel

import "fmt"

// FromF16 widens little-endian IEEE 754 binary16 values, as weight files hold them: dst (N), src (2N bytes). It is exact; a
// signalling NaN becomes a quiet one.
func FromF16(dst []float32, src []byte) {
	checkHalves("FromF16", dst, src)
	f16ToF32(dst, src)
}

// FromBF16 widens little-endian bfloat16 values, the upper halves of float32: dst (N), src (2N bytes).
func FromBF16(dst []float32, src []byte) {
	checkHalves("FromBF16", dst, src)
	bf16ToF32(dst, src)
}

func checkHalves(what string, dst []float32, src []byte) {
	if len(src) != 2*len(dst) {
		panic(fmt.Sprintf("kernel: %s: %d bytes for %d values of two", what, len(src), len(dst)))
	}
}
