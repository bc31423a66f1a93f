package kernel

import (
	"encoding/binary"
	"math"
	"testing"
)

// TestWiden compares every 16-bit value, in every tier, with the definition of its format.
func TestWiden(t *testing.T) {
	src := make([]byte, 0, 2<<16)
	for v := range 1 << 16 {
		src = binary.LittleEndian.AppendUint16(src, uint16(v))
	}
	eachTier(t, func(t *testing.T) {
		dst := make([]float32, 1<<16)
		FromF16(dst, src)
		for v, got := range dst {
			if want := exactF16(uint16(v)); got != want && !(got != got && want != want) || math.Signbit(float64(got)) != (v>>15 == 1) {
				t.Fatalf("FromF16(%#04x) = %g, want %g", v, got, want)
			}
		}
		FromBF16(dst, src)
		for v, got := range dst {
			if math.Float32bits(got) != uint32(v)<<16 {
				t.Fatalf("FromBF16(%#04x) = %g", v, got)
			}
		}
	})
}

// exactF16 is binary16 by its definition.
func exactF16(v uint16) float32 {
	sign, exp, frac := 1-2*float64(v>>15), int(v>>10&31), float64(v&1023)
	switch {
	case exp == 31 && frac != 0:
		return float32(math.NaN())
	case exp == 31:
		return float32(math.Inf(int(sign)))
	case exp == 0:
		return float32(sign * math.Ldexp(frac, -24))
	}
	return float32(sign * math.Ldexp(1024+frac, exp-25))
}

func TestWidenLengths(t *testing.T) {
	r := newRand()
	eachTier(t, func(t *testing.T) {
		for _, n := range append([]int{pastOneCall}, lengths...) {
			src := make([]byte, 2*n+1)
			for i := range src {
				src[i] = byte(r.Uint32()) &^ 0x40 // no NaN
			}
			want := make([]float32, n)
			dst, check := guarded(t, want)
			FromF16(dst, src[1:])
			f16ToF32Generic(want, src[1:])
			check()
			sameBits(t, "FromF16", dst, want)
			FromBF16(dst, src[1:])
			bf16ToF32Generic(want, src[1:])
			check()
			sameBits(t, "FromBF16", dst, want)
		}
	})
}
