package main

import (
	"os"
	"runtime"
	"strings"
)

// cpuName is what the processor is called, its architecture where nobody says.
func cpuName() string {
	data, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	if name := os.Getenv("PROCESSOR_IDENTIFIER"); name != "" { // of Windows
		return name
	}
	return runtime.GOARCH
}
