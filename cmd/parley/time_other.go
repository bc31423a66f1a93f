//go:build !unix

package main

import "time"

var begun = time.Now()

// processorTime is the time on the clock, where that of the processor is not to be had.
func processorTime() time.Duration { return time.Since(begun) }
