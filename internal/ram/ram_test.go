package ram

import (
	"runtime"
	"testing"
)

func TestTotal(t *testing.T) {
	n, ok := Total()
	if known := runtime.GOOS == "linux" || runtime.GOOS == "darwin" || runtime.GOOS == "windows"; ok != known || ok && n < 64<<20 {
		t.Errorf("%d bytes, %v", n, ok)
	}
}
