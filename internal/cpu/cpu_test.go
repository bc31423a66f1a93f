package cpu

import (
	"slices"
	"testing"
)

func TestChoose(t *testing.T) {
	none, some, all, arm := []Tier{Generic}, []Tier{Generic, AVX2}, []Tier{Generic, AVX2, AVX512}, []Tier{Generic, NEON}
	for _, c := range []struct {
		name  string
		tiers []Tier
		want  Tier
	}{
		{"", all, AVX512}, {"", none, Generic}, {"", arm, NEON},
		{"generic", all, Generic}, {"avx2", all, AVX2}, {"avx512", all, AVX512}, {"generic", arm, Generic},
		{"avx512", some, AVX2}, {"avx2", none, Generic}, {"avx2", arm, NEON}, {"neon", some, AVX2}, // not available
		{"AVX2", all, AVX512}, {"sse", some, AVX2}, // unknown
	} {
		if got := choose(c.name, c.tiers); got != c.want {
			t.Errorf("choose(%q, %v) = %v, want %v", c.name, c.tiers, got, c.want)
		}
	}
}

func TestTiers(t *testing.T) {
	tiers := Tiers()
	if tiers[0] != Generic || !slices.IsSorted(tiers) || !slices.Contains(tiers, Current()) {
		t.Errorf("Tiers() = %v, Current() = %v", tiers, Current())
	}
}
