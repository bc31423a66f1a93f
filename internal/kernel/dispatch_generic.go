//go:build (!amd64 && !arm64) || purego

package kernel

func axpy(dst []float32, a float32, x []float32)   { axpyGeneric(dst, a, x) }
func add(dst, x []float32)                         { addGeneric(dst, x) }
func mul(dst, x []float32)                         { mulGeneric(dst, x) }
func scale(dst []float32, a float32)               { scaleGeneric(dst, a) }
func shift(dst []float32, a float32)               { shiftGeneric(dst, a) }
func sum(x []float32) float32                      { return sumGeneric(x) }
func sumSquares(x []float32, mean float32) float32 { return sumSquaresGeneric(x, mean) }
func maxOf(x []float32) float32                    { return maxOfGeneric(x) }
func exp(x []float32)                              { expGeneric(x) }
func expSum(x []float32, top float32) float32      { return expSumGeneric(x, top) }
func sumExp(x []float32, top float32) float32      { return sumExpGeneric(x, top) }
func activate(a Act, x []float32)                  { activateGeneric(a, x) }
func normalize(dst, x, gamma, beta []float32, mean, scale float32) {
	normalizeGeneric(dst, x, gamma, beta, mean, scale)
}
func depthwise(dst, x []float32, t, c int, w []float32, k int, bias []float32) {
	depthwiseGeneric(dst, x, t, c, 0, w, k, bias)
}

func packColumns(panel, b []float32, ldb, cols, k int) { packColumnsGeneric(panel, b, ldb, cols, k) }
