package cpu

import "os"

// Tier is a set of instructions that kernels may assume. A higher tier includes the lower ones.
type Tier int

// The tiers.
const (
	Generic Tier = iota // portable Go
	AVX2                // amd64 with AVX2 and FMA
	AVX512              // AVX2 and AVX-512 F, BW, DQ, VL
)

var names = [...]string{"generic", "avx2", "avx512"}

// String returns the name that PARLEY_CPU takes.
func (t Tier) String() string { return names[t] }

// Env is the environment variable that lowers the tier, for tests and bug reports: generic, avx2 or avx512.
const Env = "PARLEY_CPU"

var current = choose(os.Getenv(Env), best())

// Best returns the highest tier that the machine, its operating system and this build support.
// Only amd64 builds without the purego tag know more than Generic.
func Best() Tier { return best() }

// Current returns the tier of this process: Best, or a lower one that Env names. A name that is unknown, or higher
// than Best, counts as Best: the variable can never make a program fail.
func Current() Tier { return current }

// choose applies the rule of Current.
func choose(name string, best Tier) Tier {
	for t, n := range names {
		if n == name {
			return min(Tier(t), best)
		}
	}
	return best
}
