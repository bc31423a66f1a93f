package models

import "golang.org/x/sys/windows"

// freeSpace is how many bytes may still be written to the disk of dir; ok is false if nobody knows.
func freeSpace(dir string) (n int64, ok bool) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, false
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(path, &free, nil, nil); err != nil {
		return 0, false
	}
	return int64(free), true
}
