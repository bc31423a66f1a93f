//go:build !purego

package cpu

import "golang.org/x/sys/cpu"

func available() []Tier { return []Tier{Generic, NEON} }

func hasAMX() bool { return false }

func extrasOf(t Tier) Extras { return Extras{DotProd: t == NEON && cpu.ARM64.HasASIMDDP} }
