package cpu

import "os"

// Tier is a set of instructions that kernels may assume. On one architecture a higher tier includes the lower ones.
type Tier int

// The tiers.
const (
	Generic Tier = iota // portable Go
	NEON                // arm64; every such processor has it
	AVX2                // amd64 with AVX2 and FMA
	AVX512              // AVX2 and AVX-512 F, BW, DQ, VL
)

var names = [...]string{"generic", "neon", "avx2", "avx512"}

// String returns the name that PARLEY_CPU takes.
func (t Tier) String() string { return names[t] }

// Env is the environment variable that lowers the tier, for tests and bug reports: generic, neon, avx2 or avx512.
const Env = "PARLEY_CPU"

var (
	tiers   = available()
	current = choose(os.Getenv(Env), tiers)
)

// Tiers returns the tiers that the machine, its operating system and this build support, lowest first. With the purego
// tag, and on other architectures than amd64 and arm64, that is Generic alone.
func Tiers() []Tier { return tiers }

// Current returns the tier of this process: the highest of Tiers, or the one that Env names. A name that is unknown or
// not available has no effect: the variable can never make a program fail.
func Current() Tier { return current }

// choose applies the rule of Current.
func choose(name string, tiers []Tier) Tier {
	for _, t := range tiers {
		if t.String() == name {
			return t
		}
	}
	return tiers[len(tiers)-1]
}
