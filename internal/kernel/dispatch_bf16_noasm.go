//go:build (!amd64 && !arm64) || purego

package kernel

// fewRowsBF16 is up to how many rows weights are expanded each time they are used; above, a block of the panel is
// expanded to memory once for all rows.
func fewRowsBF16() int { return 1 }

func packPairs(panel []uint16, b []float32, cols, k int) {
	packPairsGeneric(panel, b, k, 0, cols, 0, k)
}

func expandPairs(dst []float32, w []uint16, pairs int) { expandPairsGeneric(dst, w, pairs) }

func tileBF16(m int, dst []float32, ldd int, x []float32, ldx int, w []uint16, k int, c []float32, ldc int, bias []float32) {
	tileBF16Generic(m, dst, ldd, x, ldx, w, k, c, ldc, bias)
}
