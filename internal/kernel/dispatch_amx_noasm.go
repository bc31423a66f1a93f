//go:build !amd64 || purego

package kernel

func runTiles(*amxTiles, Precision) { panic("kernel: this build has no tile registers") }

func roundRow(dst []uint16, x []float32) { roundRowGeneric(dst, x) }

func attendOnTiles(*amxAttend, int) { panic("kernel: this build has no tile registers") }

func topOnTiles(*amxAttend, int) { panic("kernel: this build has no tile registers") }

func setTileKeys(dst []uint32, k []float32, ldk, dim, n int) {
	setTileKeysGeneric(dst, k, ldk, dim, n)
}

func setTileValues(dst []uint32, v []float32, ldv, dim, n, odd int) {
	setTileValuesGeneric(dst, v, ldv, dim, n, odd)
}
