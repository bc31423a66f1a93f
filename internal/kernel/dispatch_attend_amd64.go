//go:build !purego

package kernel

// attendRows returns the tallest tile of attention for m rows.
func attendRows(m int) int {
	switch {
	case useAVX512:
		return 14
	case m < 6:
		return 3
	}
	return 6
}

// attendHeight returns the least height of a tile that holds m rows.
func attendHeight(m int) int {
	switch {
	case useAVX512 && m > 6:
		return roundUp(m, 2)
	case useAVX2 && !useAVX512 && m > 3:
		return 6
	}
	return m
}

// halfRows is up to how many rows work on bf16 as it is; more make float32 of it first.
const halfRows = 6

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
	switch {
	case useAVX512:
		attendTileAVX512(m, &dst[0], ldd, &x[0], ldx, &w[0], ldw, step, k, panels, f)
	case m > 3: // the registers hold half the columns
		for h := 0; h < panelCols; h += 16 {
			attend6x16AVX2(&dst[h], ldd, &x[0], ldx, &w[h], ldw, step, k, panels, f)
		}
	default:
		attendTileAVX2(m, &dst[0], ldd, &x[0], ldx, &w[0], ldw, step, k, panels, f)
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

// attendHalfTile is attendHalfTileGeneric for up to halfRows rows.
func attendHalfTile(m int, dst []float32, ldd int, x []float32, ldx int, w []uint32, ldw, step, k, panels int, decay []float32) {
	if !useAVX2 {
		attendHalfTileGeneric(m, dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
		return
	}
	_, _, _ = dst[(m-1)*ldd+panels*panelCols-1], x[(m-1)*ldx+k-1], w[(panels-1)*step+(k-1)*ldw+panelCols/2-1]
	var f *float32
	if decay != nil {
		f = &decay[:m][0]
	}
	switch {
	case useAVX512:
		attendHalfTileAVX512(m, &dst[0], ldd, &x[0], ldx, &w[0], ldw, step, k, panels, f)
	case m > 3: // the registers hold three rows
		attendHalfTile(3, dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
		if decay != nil {
			decay = decay[3:]
		}
		attendHalfTile(m-3, dst[3*ldd:], ldd, x[3*ldx:], ldx, w, ldw, step, k, panels, decay)
	default:
		attendHalfTileAVX2(m, &dst[0], ldd, &x[0], ldx, &w[0], ldw, step, k, panels, f)
	}
}

// attendHalve is attendHalveGeneric for groups > 0.
func attendHalve(dst []uint32, x []float32, groups int) {
	if !useAVX2 {
		attendHalveGeneric(dst, x, groups)
		return
	}
	_, _ = dst[groups*panelCols/2-1], x[groups*panelCols-1]
	attendHalveAVX2(&dst[0], &x[0], groups)
}

// attendExpand is attendExpandGeneric for groups > 0.
func attendExpand(dst []float32, x []uint32, groups int) {
	const most = longest / panelCols
	for ; useAVX2 && groups > 0; groups -= most {
		n := min(groups, most)
		_, _ = dst[n*panelCols-1], x[n*panelCols/2-1]
		if useAVX512 {
			attendExpandAVX512(&dst[0], &x[0], n)
		} else {
			attendExpandAVX2(&dst[0], &x[0], n)
		}
		dst, x = dst[n*panelCols:], x[n*panelCols/2:]
	}
	if groups > 0 {
		attendExpandGeneric(dst, x, groups)
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
		attend1x32AVX2(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 2:
		attend2x32AVX2(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 3:
		attend3x32AVX2(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	default:
		panic("kernel: tile of impossible height")
	}
}

func attendHalfTileAVX512(m int, dst *float32, ldd int, x *float32, ldx int, w *uint32, ldw, step, k, panels int, decay *float32) {
	switch m {
	case 1:
		attendHalf1x32AVX512(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 2:
		attendHalf2x32AVX512(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 3:
		attendHalf3x32AVX512(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 4:
		attendHalf4x32AVX512(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 5:
		attendHalf5x32AVX512(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 6:
		attendHalf6x32AVX512(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	default:
		panic("kernel: tile of impossible height")
	}
}

func attendHalfTileAVX2(m int, dst *float32, ldd int, x *float32, ldx int, w *uint32, ldw, step, k, panels int, decay *float32) {
	switch m {
	case 1:
		attendHalf1x32AVX2(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 2:
		attendHalf2x32AVX2(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	case 3:
		attendHalf3x32AVX2(dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
	default:
		panic("kernel: tile of impossible height")
	}
}
