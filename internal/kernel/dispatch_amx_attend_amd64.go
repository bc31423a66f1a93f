//go:build !purego

package kernel

// emulateAttend stands in for the assembly in tests on processors without AMX. It gets the name of the function.
var emulateAttend func(function string, t *amxAttend)

// attendOnTiles computes t.sums and t.out for heads of so many columns: 32 or 64.
func attendOnTiles(t *amxAttend, cols int) {
	switch {
	case emulateAttend != nil && cols > 32:
		emulateAttend("amxAttend64", t)
	case emulateAttend != nil:
		emulateAttend("amxAttend32", t)
	case cols > 32:
		amxAttend64(t)
	default:
		amxAttend32(t)
	}
}

// topOnTiles computes t.tops.
func topOnTiles(t *amxAttend, cols int) {
	switch {
	case emulateAttend != nil && cols > 32:
		emulateAttend("amxTop64", t)
	case emulateAttend != nil:
		emulateAttend("amxTop32", t)
	case cols > 32:
		amxTop64(t)
	default:
		amxTop32(t)
	}
}

// setTileKeys is setTileKeysGeneric for n, dim > 0, but makes 0 of values that are not normal.
func setTileKeys(dst []uint32, k []float32, ldk, dim, n int) {
	if emulateAttend != nil {
		setTileKeysGeneric(dst, k, ldk, dim, n)
		return
	}
	_, _ = dst[(roundUp(dim, panelCols)/2-1)*16+n-1], k[(n-1)*ldk+dim-1]
	setTileKeysAVX512(&dst[0], &k[0], ldk, dim, n)
}

// setTileValues is setTileValuesGeneric for n, dim > 0, but makes 0 of values that are not normal.
func setTileValues(dst []uint32, v []float32, ldv, dim, n, odd int) {
	if emulateAttend != nil {
		setTileValuesGeneric(dst, v, ldv, dim, n, odd)
		return
	}
	_, _ = dst[(roundUp(dim, panelCols)/16-1)*tileWords+n*16-1], v[(n-1)*ldv+dim-1]
	setTileValuesAVX512(&dst[0], &v[0], ldv, dim, n, odd)
}
