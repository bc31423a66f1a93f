//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package models

import "os"

// tryLock gives everybody the lock: this system has none.
func tryLock(*os.File) (bool, error) { return true, nil }
