package kernel

import (
	"math"
	"testing"
)

func TestPrecisionNames(t *testing.T) {
	for p := F32; p <= Int8; p++ {
		if got, err := ParsePrecision(p.String()); err != nil || got != p {
			t.Errorf("ParsePrecision(%q) = %v, %v", p, got, err)
		}
	}
	if _, err := ParsePrecision("f64"); err == nil {
		t.Error("f64 was accepted")
	}
}

// TestPackRows demands that both ways to pack, and reading rows back, agree in every precision.
func TestPackRows(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for _, p := range []Precision{F32, BF16, Int8} {
			for _, n := range []int{0, 1, 31, 32, 33, 100} {
				for _, k := range []int{0, 1, 4, 7, 64, 129} {
					w := randoms(newRand(), n*k)
					packed := PackAs(p, w, n, k)
					rows := PackRows(p, n, k, func(dst []float32, i int) { copy(dst, w[i*k:(i+1)*k]) })
					got, again := make([]float32, k), make([]float32, k)
					for i := range n {
						packed.Row(got, i)
						rows.Row(again, i)
						sameBits(t, "PackRows", again, got)
						top := maxAbs(w[i*k : (i+1)*k])
						for l, v := range got {
							if e := math.Abs(float64(v - w[i*k+l])); e > top/254*1.001 || p == F32 && e != 0 {
								t.Fatalf("%v (%d, %d): w[%d, %d] = %g, want %g", p, n, k, i, l, v, w[i*k+l])
							}
						}
					}
				}
			}
		}
	})
}

func maxAbs(x []float32) float64 {
	var top float64
	for _, v := range x {
		top = max(top, math.Abs(float64(v)))
	}
	return top
}
