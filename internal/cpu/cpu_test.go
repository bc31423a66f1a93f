package cpu

import "testing"

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		name       string
		best, want Tier
	}{
		{"", AVX512, AVX512}, {"", Generic, Generic},
		{"generic", AVX512, Generic}, {"avx2", AVX512, AVX2}, {"avx512", AVX512, AVX512},
		{"avx512", AVX2, AVX2}, {"avx2", Generic, Generic}, // not available
		{"AVX2", AVX512, AVX512}, {"neon", AVX2, AVX2}, // unknown
	} {
		if got := choose(c.name, c.best); got != c.want {
			t.Errorf("choose(%q, %v) = %v, want %v", c.name, c.best, got, c.want)
		}
	}
}

func TestCurrentIsAvailable(t *testing.T) {
	if Current() > Best() {
		t.Errorf("Current() = %v above Best() = %v", Current(), Best())
	}
}
