package asr

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// textCandidate is a text whose words' units are their numbers in the text.
func textCandidate(text string) *candidate {
	c := &candidate{words: strings.Fields(text), written: strings.Fields(text), phones: true}
	for i := range c.words {
		c.units = append(c.units, []int{1 + i})
	}
	return c
}

func TestDifferences(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want []string // "lo hi words"
	}{
		{"the same", "the same", nil},
		{"", "all new", []string{"0 0 all new"}},
		{"all gone", "", []string{"0 2 "}},
		{"it fits and sits", "it fits in its", []string{"2 4 in its"}},
		{"us peace maker here", "as peacemaker here now", []string{"0 3 as peacemaker", "4 4 now"}},
		{"a b c d e", "a x c e", []string{"1 2 x", "3 4 "}},
	} {
		a, b := textCandidate(c.a), textCandidate(c.b)
		got := differences(a, b)
		if len(got) != len(c.want) {
			t.Errorf("%q to %q: %v, want %q", c.a, c.b, got, c.want)
			continue
		}
		for i, w := range got {
			f := strings.SplitN(c.want[i], " ", 3)
			if f[0] != string(rune('0'+w.lo)) || f[1] != string(rune('0'+w.hi)) || f[2] != strings.Join(w.words, " ") || len(w.units) != len(w.words) {
				t.Errorf("%q to %q: %v, want %q", c.a, c.b, got, c.want)
			}
		}
	}
}

// All differences together make the other text, with its units.
func TestApplyDifferences(t *testing.T) {
	s, _ := heardSession(t, tinyHybrid(t))
	s.search.reset(false)
	rng := rand.New(rand.NewPCG(17, 18))
	for range 200 {
		texts := [2]*candidate{}
		for i := range texts {
			words := make([]string, rng.IntN(7))
			for k := range words {
				words[k] = []string{"a", "see", "the", "tree"}[rng.IntN(4)]
			}
			texts[i] = textCandidate(strings.Join(words, " "))
		}
		got := s.apply(texts[0], differences(texts[0], texts[1]), true)
		if !slices.Equal(got.words, texts[1].words) || len(got.units) != len(got.words) {
			t.Fatalf("%q by %v: %q", texts[0].words, differences(texts[0], texts[1]), got.words)
		}
	}
}

func TestCompatible(t *testing.T) {
	swaps := []swap{{lo: 4, hi: 5, gain: 1}, {lo: 0, hi: 2, gain: 2}, {lo: 1, hi: 3, gain: 3}, {lo: 3, hi: 4, gain: 1.5}, {lo: 7, hi: 8, gain: -1}, {lo: 6, hi: 6, gain: 0.5}}
	var got []int
	for _, w := range compatible(swaps) {
		got = append(got, w.lo)
	}
	if want := []int{1, 4, 6}; !slices.Equal(got, want) { // 0-2 crosses 1-3, and 3-4 touches it
		t.Errorf("swaps at %v, want %v", got, want)
	}
}
