//go:build !(darwin || freebsd || linux || windows)

package models

// freeSpace knows nothing here.
func freeSpace(string) (n int64, ok bool) { return 0, false }
