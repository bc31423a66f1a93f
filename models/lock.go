package models

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// lock takes the lock file at path, which huggingface_hub honours too, and waits while another process has it; waiting is called once
// if it must. The file stays.
func lock(ctx context.Context, path string, waiting func()) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	for first := true; ; first = false {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return nil, err
		}
		taken, err := tryLock(f)
		if err == nil && taken && same(f, path) {
			return func() { f.Close() }, nil // the lock ends with the file
		}
		f.Close()
		if err != nil {
			return nil, err
		}
		if first {
			waiting()
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// same tells whether f is still the file at path: another process may have removed it between opening and locking.
func same(f *os.File, path string) bool {
	a, err1 := f.Stat()
	b, err2 := os.Stat(path)
	return err1 == nil && err2 == nil && os.SameFile(a, b)
}
