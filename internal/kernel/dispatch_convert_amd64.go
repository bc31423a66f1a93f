//go:build !purego

package kernel

// f16ToF32 hands blocks of 32 values to the assembly, the rest to the generic code.
func f16ToF32(dst []float32, src []byte) {
	for useAVX2 && len(dst) >= 32 {
		n := min(len(dst)&^31, longest)
		if useAVX512 {
			f16ToF32AVX512(&dst[0], &src[0], n)
		} else {
			f16ToF32AVX2(&dst[0], &src[0], n)
		}
		dst, src = dst[n:], src[2*n:]
	}
	f16ToF32Generic(dst, src)
}

// bf16ToF32 does the same.
func bf16ToF32(dst []float32, src []byte) {
	for useAVX2 && len(dst) >= 32 {
		n := min(len(dst)&^31, longest)
		if useAVX512 {
			bf16ToF32AVX512(&dst[0], &src[0], n)
		} else {
			bf16ToF32AVX2(&dst[0], &src[0], n)
		}
		dst, src = dst[n:], src[2*n:]
	}
	bf16ToF32Generic(dst, src)
}
