//go:build !purego

package peak

import (
	"slices"

	"golang.org/x/sys/cpu"

	tiers "github.com/parley-go/parley/internal/cpu"
)

// operations returns how many operations a pass of l is: those of a step times the steps of a pass in ../_asm/peak.
func operations(l Loop) int {
	return [...]int{12 * 16, 12 * 32, 12 * 64, 12 * 64, 12 * 128, 12 * 64, 4 * 16384, 4 * 32768}[l]
}

func loops() []Loop {
	var all []Loop
	if slices.Contains(tiers.Tiers(), tiers.AVX2) {
		all = append(all, FMAAVX2, PairAVX2)
	}
	if tiers.Has(tiers.AVX2).AVXVNNI {
		all = append(all, DotVEX)
	}
	if slices.Contains(tiers.Tiers(), tiers.AVX512) {
		all = append(all, FMAAVX512)
		if tiers.Has(tiers.AVX512).VNNI {
			all = append(all, DotAVX512)
		}
		if cpu.X86.HasAVX512BF16 {
			all = append(all, BF16)
		}
	}
	if slices.Contains(tiers.Tiers(), tiers.AMX) {
		all = append(all, TilesBF16, TilesInt8)
	}
	return all
}

func arithmetic(l Loop, passes int) {
	switch l {
	case FMAAVX2:
		fmaAVX2(passes)
	case FMAAVX512:
		fmaAVX512(passes)
	case PairAVX2:
		pairAVX2(passes)
	case DotVEX:
		dotVEX(passes)
	case DotAVX512:
		dotAVX512(passes)
	case BF16:
		dotBF16(passes)
	case TilesBF16:
		tilesBF16(passes)
	case TilesInt8:
		tilesInt8(passes)
	}
}

func canRead() bool { return slices.Contains(tiers.Tiers(), tiers.AVX2) }

// read reads p, whose length is a multiple of 512.
func read(p []byte) {
	if cpu.X86.HasAVX512F {
		readAVX512(&p[0], len(p)/512)
	} else {
		readAVX2(&p[0], len(p)/256)
	}
}
