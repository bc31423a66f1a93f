package cpu

import (
	"slices"
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	none, some, all, arm := []Tier{Generic}, []Tier{Generic, AVX2}, []Tier{Generic, AVX2, AVX512}, []Tier{Generic, NEON}
	amx := append(slices.Clip(all), AMX)
	for _, c := range []struct {
		env   string
		tiers []Tier
		want  Tier
	}{
		{"", all, AVX512}, {"", none, Generic}, {"", arm, NEON}, {"", amx, AMX},
		{"generic", all, Generic}, {"avx2", all, AVX2}, {"avx512", all, AVX512}, {"generic", arm, Generic},
		{"amx", amx, AMX}, {"avx2", amx, AVX2}, {"avx2-novnni", all, AVX2}, {"novnni", amx, AMX}, {"amx-novnni", amx, AMX},
		{"amx", all, AVX512}, {"avx512", some, AVX2}, {"avx2", none, Generic}, {"avx2", arm, NEON}, {"neon", some, AVX2}, // not available
		{"AVX2", all, AVX512}, {"sse", some, AVX2}, {"-", all, AVX512}, // unknown
	} {
		asked := false
		with := func() []Tier { asked = true; return c.tiers }
		plain := c.tiers
		if plain[len(plain)-1] == AMX {
			plain = plain[:len(plain)-1]
		}
		got, _ := choose(c.env, plain, with, extrasOf)
		if got != c.want {
			t.Errorf("choose(%q, %v) = %v, want %v", c.env, c.tiers, got, c.want)
		}
		if lower := slices.Contains(plain, got) && strings.Contains(c.env, got.String()); asked == lower {
			t.Errorf("%q, %v: the operating system is asked for AMX: %v", c.env, c.tiers, asked)
		}
	}
}

func TestExtrasLeftOut(t *testing.T) {
	everything := Extras{VNNI: true, AVXVNNI: true, DotProd: true}
	for env, want := range map[string]Extras{
		"": everything, "avx2": everything, "avx2-novnni": {DotProd: true}, "novnni": {DotProd: true},
		"neon-nodotprod": {VNNI: true, AVXVNNI: true}, "nodotprod-novnni": {}, "nothing": everything,
	} {
		_, has := choose(env, []Tier{Generic}, func() []Tier { return []Tier{Generic} }, func(Tier) Extras { return everything })
		if got := has(Generic); got != want {
			t.Errorf("%q: %+v, want %+v", env, got, want)
		}
	}
}

func TestTiers(t *testing.T) {
	tiers := Tiers()
	if tiers[0] != Generic || !slices.IsSorted(tiers) || !slices.Contains(tiers, Current()) {
		t.Errorf("Tiers() = %v, Current() = %v", tiers, Current())
	}
	for _, tier := range tiers {
		e := Has(tier)
		if e.VNNI && tier < AVX512 || e.AVXVNNI && tier < AVX2 || e.DotProd && tier != NEON {
			t.Errorf("%v has %+v", tier, e)
		}
	}
	t.Logf("tiers %v, current %v with %+v", tiers, Current(), Has(Current()))
}
