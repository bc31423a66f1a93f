package weights

import "golang.org/x/sys/unix"

// dropPages gives the memory of a mapping of a file back; what is read again is mapped again.
func dropPages(mapping []byte) { _ = unix.Madvise(mapping, unix.MADV_DONTNEED) } // advice
