//go:build !amd64 || purego

package kernel

func runTiles(*amxTiles, Precision) { panic("kernel: this build has no tile registers") }

func roundRow(dst []uint16, x []float32) { roundRowGeneric(dst, x) }
