//go:build !unix

package main

import "runtime"

// peakMemory is what Go has taken from the system, where the system's own figure is not to be had.
func peakMemory() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
