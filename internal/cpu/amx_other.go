//go:build !linux || !amd64

package cpu

// requestAMX knows no other system's way.
func requestAMX() bool { return false }
