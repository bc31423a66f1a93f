//go:build (!amd64 && !arm64) || purego

package cpu

func available() []Tier { return []Tier{Generic} }

func hasAMX() bool { return false }

func extrasOf(Tier) Extras { return Extras{} }
