//go:build !purego

package cpu

func available() []Tier { return []Tier{Generic, NEON} }
