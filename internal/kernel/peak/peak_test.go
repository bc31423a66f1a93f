package peak

import "testing"

// TestLoops runs each loop: it must end, and its instructions must be legal here.
func TestLoops(t *testing.T) {
	for _, l := range Loops() {
		t.Run(l.String(), func(t *testing.T) {
			arithmetic(l, 10)
			if testing.Short() {
				return
			}
			one := Rate(l, 1)
			t.Logf("%.0f Gop/s on one thread, %.0f on two", one/1e9, Rate(l, 2)/1e9)
			if one <= 0 {
				t.Errorf("%g operations per second", one)
			}
		})
	}
}

func TestRead(t *testing.T) {
	if !canRead() {
		t.Skip("no loop that reads")
	}
	for _, size := range []int{1, 1 << 20, 8 << 20} {
		for threads := 1; threads <= 2; threads++ {
			rate := Read(size, threads)
			t.Logf("%d bytes on %d threads: %.1f GB/s", size, threads, rate/1e9)
			if rate <= 0 {
				t.Errorf("%d bytes: %g bytes per second", size, rate)
			}
		}
	}
}
