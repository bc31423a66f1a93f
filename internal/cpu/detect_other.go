//go:build !amd64 || purego

package cpu

func best() Tier { return Generic }
