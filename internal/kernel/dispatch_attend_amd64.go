//go:build !purego

package kernel

// attendRows returns the tallest tile of attention.
func attendRows() int {
	if useAVX512 {
		return 14
	}
	return 6
}

// attendHeight returns the least height of a tile that holds m rows.
func attendHeight(m int) int {
	if useAVX512 && m > 6 {
		return roundUp(m, 2)
	}
	return m
}

// attendTile is attendTileGeneric for the heights that attendHeight returns.
func attendTile(m int, dst []float32, ldd int, x []float32, ldx int, w []float32, ldw, step, k, panels int, decay []float32) {
	if !useAVX2 {
		attendTileGeneric(m, dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
		return
	}
	// The assembly does not check bounds: touch the last element of each operand here.
	_, _, _ = dst[(m-1)*ldd+panels*panelCols-1], x[(m-1)*ldx+k-1], w[(panels-1)*step+(k-1)*ldw+panelCols-1]
	var f *float32
	if decay != nil {
		f = &decay[:m][0]
	}
	if useAVX512 {
		attendTileAVX512(m, &dst[0], ldd, &x[0], ldx, &w[0], ldw, step, k, panels, f)
		return
	}
	for h := 0; h < panelCols; h += 16 {
		attendTileAVX2(m, &dst[h], ldd, &x[0], ldx, &w[h], ldw, step, k, panels, f)
	}
}

// attendExp is attendExpGeneric for n, rows > 0.
func attendExp(s []float32, lds, n, rows int, top, sum, decay []float32) {
	if !useAVX2 {
		attendExpGeneric(s, lds, n, rows, top, sum, decay)
		return
	}
	_, _, _, _ = s[(rows-1)*lds+n-1], top[rows-1], sum[rows-1], decay[rows-1]
	if useAVX512 {
		attendExpAVX512(&s[0], lds, n, rows, &top[0], &sum[0], &decay[0])
	} else {
		attendExpAVX2(&s[0], lds, n, rows, &top[0], &sum[0], &decay[0])
	}
}

// attendScale is attendScaleGeneric for n, rows > 0.
func attendScale(dst []float32, ldd int, src []float32, lds, n, rows int, by []float32) {
	if !useAVX2 {
		attendScaleGeneric(dst, ldd, src, lds, n, rows, by)
		return
	}
	_, _, _ = dst[(rows-1)*ldd+n-1], src[(rows-1)*lds+n-1], by[rows-1]
	if useAVX512 {
		attendScaleAVX512(&dst[0], ldd, &src[0], lds, n, rows, &by[0])
	} else {
		attendScaleAVX2(&dst[0], ldd, &src[0], lds, n, rows, &by[0])
	}
}

func attendTileAVX512(m int, dst *float32, ldd int, x *float32, ldx int, w *float32, ldw, step, k, panels int, decay *float32) {
	switch m {
	case 1:
		attend1x32AVX512(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 2:
		attend2x32AVX512(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 3:
		attend3x32AVX512(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 4:
		attend4x32AVX512(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 5:
		attend5x32AVX512(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 6:
		attend6x32AVX512(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 8:
		attend8x32AVX512(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 10:
		attend10x32AVX512(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 12:
		attend12x32AVX512(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 14:
		attend14x32AVX512(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	default:
		panic("kernel: tile of impossible height")
	}
}

func attendTileAVX2(m int, dst *float32, ldd int, x *float32, ldx int, w *float32, ldw, step, k, panels int, decay *float32) {
	switch m {
	case 1:
		attend1x16AVX2(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 2:
		attend2x16AVX2(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 3:
		attend3x16AVX2(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 4:
		attend4x16AVX2(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 5:
		attend5x16AVX2(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 6:
		attend6x16AVX2(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	default:
		panic("kernel: tile of impossible height")
	}
}
