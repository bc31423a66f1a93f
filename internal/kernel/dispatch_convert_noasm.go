//go:build !amd64 || purego

package kernel

func f16ToF32(dst []float32, src []byte) { f16ToF32Generic(dst, src) }

func bf16ToF32(dst []float32, src []byte) { bf16ToF32Generic(dst, src) }
