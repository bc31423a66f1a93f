//go:build unix

package weights

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapFile maps a file's bytes, read-only. The file must not be cut short while it is mapped.
func mapFile(f *os.File, size int64) (data []byte, unmap func() error, err error) {
	if size == 0 || size != int64(int(size)) {
		return nil, nil, unix.EINVAL
	}
	data, err = unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	return data, func() error { return unix.Munmap(data) }, err
}
