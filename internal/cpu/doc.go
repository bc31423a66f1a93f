// Package cpu decides which instruction set the kernels use. Read cpu.go, then detect_*.go.
package cpu
