package cpu

import (
	"os"
	"slices"
	"strings"
	"sync"
)

// Tier is a set of instructions that kernels may assume. On one architecture a higher tier includes the lower ones.
type Tier int

// The tiers.
const (
	Generic Tier = iota // portable Go
	NEON                // arm64; every such processor has it
	AVX2                // amd64 with AVX2 and FMA
	AVX512              // AVX2 and AVX-512 F, BW, DQ, VL
	AMX                 // AVX512, AVX-512 VNNI and BF16, and the tile registers with AMX-BF16 and AMX-INT8; Linux
)

var names = [...]string{"generic", "neon", "avx2", "avx512", "amx"}

// String returns the name that PARLEY_CPU takes.
func (t Tier) String() string { return names[t] }

// Extras are instructions that some processors of a tier have and others lack.
type Extras struct {
	VNNI    bool // AVX512 and up: VPDPBUSD in its EVEX form (AVX512_VNNI)
	AVXVNNI bool // AVX2 and up: VPDPBUSD in its VEX form (AVX-VNNI)
	DotProd bool // NEON: SDOT (FEAT_DotProd)
}

// Env is the environment variable that changes what this process uses, for tests and bug reports: the name of a tier,
// and extras to leave out, as in avx512, avx2-novnni, neon-nodotprod.
const Env = "PARLEY_CPU"

var (
	plain           = available()
	current, extras = choose(os.Getenv(Env), plain, withAMX, extrasOf)
	withAMX         = sync.OnceValue(func() []Tier {
		if hasAMX() && requestAMX() {
			return append(slices.Clip(plain), AMX)
		}
		return plain
	})
)

// Tiers returns the tiers that the machine, its operating system and this build support, lowest first. With the purego
// tag, and on other architectures than amd64 and arm64, that is Generic alone.
func Tiers() []Tier { return withAMX() }

// Current returns the tier of this process: the one that Env names, else the highest of Tiers. A name that is unknown or
// not available has no effect: the variable can never make a program fail.
func Current() Tier { return current }

// Has returns the extras of this machine that tier t may use, less those that Env leaves out.
func Has(t Tier) Extras { return extras(t) }

// choose applies the rule of Current, and returns the rule of Has.
func choose(env string, tiers []Tier, withAMX func() []Tier, offered func(Tier) Extras) (Tier, func(Tier) Extras) {
	words := strings.Split(env, "-")
	named := slices.IndexFunc(tiers, func(t Tier) bool { return slices.Contains(words, t.String()) })
	if named < 0 { // with a lower tier AMX is not asked for: permission makes the signal frames of every thread larger
		tiers = withAMX()
		named = len(tiers) - 1
	}
	tier := tiers[named]
	vnni, dot := !slices.Contains(words, "novnni"), !slices.Contains(words, "nodotprod")
	return tier, func(t Tier) Extras {
		e := offered(t)
		return Extras{VNNI: e.VNNI && vnni, AVXVNNI: e.AVXVNNI && vnni, DotProd: e.DotProd && dot}
	}
}
