//go:build !purego

package cpu

import "golang.org/x/sys/cpu"

// available returns the tiers but for AMX.
func available() []Tier {
	x := &cpu.X86
	switch {
	case !x.HasAVX || !x.HasAVX2 || !x.HasFMA || !x.HasBMI2:
		return []Tier{Generic}
	case !x.HasAVX512F || !x.HasAVX512BW || !x.HasAVX512DQ || !x.HasAVX512VL:
		return []Tier{Generic, AVX2}
	}
	return []Tier{Generic, AVX2, AVX512}
}

// hasAMX tells whether the processor has all of the tier; whether this process may use it is for requestAMX.
func hasAMX() bool {
	x := &cpu.X86
	return plain[len(plain)-1] == AVX512 && x.HasAVX512VNNI && x.HasAVX512BF16 && x.HasAMXTile && x.HasAMXBF16 && x.HasAMXInt8
}

func extrasOf(t Tier) Extras {
	return Extras{VNNI: t >= AVX512 && cpu.X86.HasAVX512VNNI, AVXVNNI: t >= AVX2 && cpu.X86.HasAVXVNNI}
}
