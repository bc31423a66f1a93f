//go:build !purego

package cpu

import "golang.org/x/sys/cpu"

// available relies on x/sys/cpu: its AVX and AVX-512 bits are set only if the operating system saves the registers
// (OSXSAVE and XCR0: YMM state, and opmask and ZMM state).
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
