package cpu

import "syscall"

// requestAMX asks Linux to let this process, with all its threads, use the tile registers: without that, the first
// tile instruction is an illegal one. Kernels before 5.16, and those without the feature, refuse.
// See Documentation/arch/x86/xstate.rst of Linux.
func requestAMX() bool {
	const (
		archReqXcompPerm = 0x1023
		xtileData        = 18
	)
	_, _, errno := syscall.RawSyscall(syscall.SYS_ARCH_PRCTL, archReqXcompPerm, xtileData, 0)
	return errno == 0
}
