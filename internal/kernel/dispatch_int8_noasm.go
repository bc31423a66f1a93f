//go:build (!amd64 && !arm64) || purego

package kernel

import "github.com/parley-go/parley/internal/cpu"

// useExtras selects the implementations that need instructions beside the tier; this build has none.
func useExtras(cpu.Extras) {}

// tileRowsInt8 returns the tallest tile of the tier.
func tileRowsInt8() int { return maxTileRows }

// prefetchRowsInt8 returns the tallest tile that fetches weights ahead.
func prefetchRowsInt8() int { return maxTileRows }

// opsPerNsInt8 is about how fast this build multiplies.
func opsPerNsInt8() int { return 2 }

// int8Flip is what the bytes of quantised activations are xored with.
func int8Flip() byte { return 0 }

func quantizeRow(q []int8, x []float32, flip byte) (scale float32, sum int32) {
	return quantizeRowGeneric(q, x, flip)
}

func (t *tileInt8) run() { t.runGeneric() }
