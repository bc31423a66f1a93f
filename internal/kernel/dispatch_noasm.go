//go:build (!amd64 && !arm64) || purego

package kernel

import "github.com/parley-go/parley/internal/cpu"

// use selects the implementations of a tier; this build has only the generic ones.
func use(cpu.Tier) {}

// maxTileRows is the tallest tile of any tier in this build.
const maxTileRows = 6

// flopsPerNs is about how fast this build multiplies.
func flopsPerNs() int { return 3 }

func tileRows() int { return maxTileRows }

func tile(m int, dst []float32, ldd int, x []float32, ldx int, w []float32, ldw, k int,
	c []float32, ldc int, bias []float32, alpha float32) {
	tileGeneric(m, dst, ldd, x, ldx, w, ldw, k, c, ldc, bias, alpha)
}

func dot(a, b []float32) float32 { return dotGeneric(a, b) }
