package main

import (
	"strings"
	"testing"
)

func TestCount(t *testing.T) {
	for _, c := range []struct {
		ref, hyp string
		s, i, d  int
	}{
		{"", "", 0, 0, 0},
		{"a b c", "a b c", 0, 0, 0},
		{"a b c", "a x c", 1, 0, 0},
		{"a b c", "a c", 0, 0, 1},
		{"a c", "a b c", 0, 1, 0},
		{"a b c d", "", 0, 0, 4},
		{"the cat sat on the mat", "the cat on a hat mat", 3, 0, 0},
		{"", "x y", 0, 2, 0},
	} {
		ref := strings.Fields(c.ref)
		got := count(ref, strings.Fields(c.hyp))
		if want := (errorCount{len(ref), c.s, c.i, c.d}); got != want {
			t.Errorf("%q, %q: %+v, want %+v", c.ref, c.hyp, got, want)
		}
	}
}

func TestNormalise(t *testing.T) {
	got := strings.Join(normalise("“Don’t—STOP,” he said; 'twas o'clock 9."), "|")
	if want := "don't|stop|he|said|twas|o'clock|9"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
