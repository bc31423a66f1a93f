// Package cpu decides which instruction set the kernels use: a tier, and the extras that only some processors of the
// tier have. Read cpu.go, then detect_*.go (what the machine and its operating system offer) and amx_*.go (the
// permission that AMX needs).
//
// x/sys/cpu answers for AVX and AVX-512 only if the operating system saves their registers (OSXSAVE and XCR0).
package cpu
