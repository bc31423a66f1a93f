//go:build !purego

package kernel

// emulateTiles stands in for the assembly in tests on processors without AMX.
var emulateTiles func(t *amxTiles, p Precision)

// runTiles computes t. The tile registers are set up and given up inside one call of the assembly, so that no Go code
// ever runs with them in use.
func runTiles(t *amxTiles, p Precision) {
	switch {
	case emulateTiles != nil:
		emulateTiles(t, p)
	case p == BF16:
		amxBF16(t)
	default:
		amxInt8(t)
	}
}

// roundRow rounds x to bf16.
func roundRow(dst []uint16, x []float32) {
	if emulateTiles != nil {
		roundRowGeneric(dst, x)
		return
	}
	_ = dst[roundUp(len(x), 32)-1]
	for len(x) > longest {
		roundBF16AVX512(&dst[0], &x[0], longest)
		dst, x = dst[longest:], x[longest:]
	}
	roundBF16AVX512(&dst[0], &x[0], len(x))
}
