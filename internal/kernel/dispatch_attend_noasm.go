//go:build !amd64 || purego

package kernel

// attendRows returns the tallest tile of attention for m rows.
func attendRows(int) int { return tileRows() }

// attendHeight returns the least height of a tile that holds m rows.
func attendHeight(m int) int { return m }

// halfRows is up to how many rows work on bf16 as it is; more make float32 of it first.
const halfRows = 1

func attendTile(m int, dst []float32, ldd int, x []float32, ldx int, w []float32, ldw, step, k, panels int, decay []float32) {
	attendTileGeneric(m, dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
}

func attendExp(s []float32, lds, n, rows int, top, sum, decay []float32) {
	attendExpGeneric(s, lds, n, rows, top, sum, decay)
}

func attendScale(dst []float32, ldd int, src []float32, lds, n, rows int, by []float32) {
	attendScaleGeneric(dst, ldd, src, lds, n, rows, by)
}

func attendHalfTile(m int, dst []float32, ldd int, x []float32, ldx int, w []uint32, ldw, step, k, panels int, decay []float32) {
	attendHalfTileGeneric(m, dst, ldd, x, ldx, w, ldw, step, k, panels, decay)
}

func attendHalve(dst []uint32, x []float32, groups int) { attendHalveGeneric(dst, x, groups) }

func attendExpand(dst []float32, x []uint32, groups int) { attendExpandGeneric(dst, x, groups) }
