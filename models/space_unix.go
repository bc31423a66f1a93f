//go:build darwin || freebsd || linux

package models

import "golang.org/x/sys/unix"

// freeSpace is how many bytes may still be written to the disk of dir; ok is false if nobody knows.
func freeSpace(dir string) (n int64, ok bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true
}
