//go:build !amd64 || purego

package kernel

// spectrumLanes returns how many frames run side by side.
func spectrumLanes() int { return 1 }

func spectrumWindow(dst []float64, x []float32, window []float64) {
	spectrumWindowGeneric(dst, x, window)
}

func (p *spectrumPass) run(y, x []float64) { spectrumPassGeneric(p, y, x) }

func spectrumPower(dst, z, twiddles []float64, half int, root bool) {
	spectrumPowerGeneric(dst, z, twiddles, half, root)
}

func spectrumFilter(dst, power, weights []float64) { spectrumFilterGeneric(dst, power, weights) }

func spectrumLog(dst []float32, x []float64, floor, scale float64) {
	spectrumLogGeneric(dst, x, floor, scale)
}
