//go:build !purego

package kernel

// spectrumLanes returns how many frames a vector holds.
func spectrumLanes() int {
	switch {
	case useAVX512:
		return 8
	case useAVX2:
		return 4
	}
	return 1
}

func spectrumWindow(dst []float64, x []float32, window []float64) {
	n, lanes := len(window), spectrumLanes()
	_, _ = dst[n*lanes-1], x[(n-1)*panelCols+lanes-1]
	switch {
	case useAVX512:
		spectrumWindowAVX512(&dst[0], &x[0], &window[0], n)
	case useAVX2:
		spectrumWindowAVX2(&dst[0], &x[0], &window[0], n)
	default:
		spectrumWindowGeneric(dst, x, window)
	}
}

// run computes y from x; see spectrumPassGeneric.
func (p *spectrumPass) run(y, x []float64) {
	if !useAVX2 || p.radix != 2 && p.radix != 4 && p.radix != 5 {
		spectrumPassGeneric(p, y, x)
		return
	}
	size := p.radix * p.groups * p.s * 2 * spectrumLanes()
	_, _, _ = y[size-1], x[size-1], p.twiddles[2*(p.radix-1)*p.groups-1]
	t := &p.twiddles[0]
	switch {
	case useAVX512 && p.radix == 2:
		spectrumPass2AVX512(&y[0], &x[0], t, p.groups, p.s)
	case useAVX512 && p.radix == 4:
		spectrumPass4AVX512(&y[0], &x[0], t, p.groups, p.s)
	case useAVX512:
		spectrumPass5AVX512(&y[0], &x[0], t, p.groups, p.s)
	case p.radix == 2:
		spectrumPass2AVX2(&y[0], &x[0], t, p.groups, p.s)
	case p.radix == 4:
		spectrumPass4AVX2(&y[0], &x[0], t, p.groups, p.s)
	default:
		spectrumPass5AVX2(&y[0], &x[0], t, p.groups, p.s)
	}
}

func spectrumPower(dst, z, twiddles []float64, half int, root bool) {
	lanes := spectrumLanes()
	_, _, _ = dst[(half+1)*lanes-1], z[2*(half+1)*lanes-1], twiddles[half/2*2+1]
	switch {
	case useAVX512:
		spectrumPowerAVX512(&dst[0], &z[0], &twiddles[0], half, root)
	case useAVX2:
		spectrumPowerAVX2(&dst[0], &z[0], &twiddles[0], half, root)
	default:
		spectrumPowerGeneric(dst, z, twiddles, half, root)
	}
}

func spectrumFilter(dst, power, weights []float64) {
	n, lanes := len(weights), spectrumLanes()
	if !useAVX2 || n == 0 {
		spectrumFilterGeneric(dst, power, weights)
		return
	}
	_, _ = dst[lanes-1], power[n*lanes-1]
	if useAVX512 {
		spectrumFilterAVX512(&dst[0], &power[0], &weights[0], n)
	} else {
		spectrumFilterAVX2(&dst[0], &power[0], &weights[0], n)
	}
}

// spectrumLog is spectrumLogGeneric for whole vectors.
func spectrumLog(dst []float32, x []float64, floor, scale float64) {
	n := len(x) / spectrumLanes()
	if !useAVX2 || n == 0 {
		spectrumLogGeneric(dst, x, floor, scale)
		return
	}
	_ = dst[len(x)-1]
	if useAVX512 {
		spectrumLogAVX512(&dst[0], &x[0], n, floor, scale)
	} else {
		spectrumLogAVX2(&dst[0], &x[0], n, floor, scale)
	}
}
