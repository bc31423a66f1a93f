package text

import "strings"

// inflected reads a word as a known one with -s, -'s, -s', -ed, -ing or a contraction, by rule; ok is false when none fits.
func inflected(w string, known func(string) (string, bool)) (phonemes string, ok bool) {
	stem := func(suffix string, add ...string) string {
		s, found := strings.CutSuffix(w, suffix)
		if !found || len(s) < 2 {
			return ""
		}
		for _, a := range add {
			if p, ok := known(s + a); ok {
				return p
			}
		}
		return ""
	}
	if p := stem("'s", ""); p != "" {
		return p + sibilant(p), true
	}
	if p := stem("s'", "s"); p != "" {
		return p, true
	}
	if p := stem("'", ""); p != "" {
		return p, true
	}
	if p := stem("s", ""); p != "" {
		return p + sibilant(p), true
	}
	if p := stem("ed", "", "e"); p != "" {
		return p + past(p), true
	}
	if p := stem("ing", "", "e"); p != "" {
		return p + "ɪŋ", true
	}
	if p := stem("in'", "ing"); p != "" {
		return strings.TrimSuffix(p, "ŋ") + "n", true
	}
	for _, c := range contractions {
		if p := stem(c.suffix, ""); p != "" {
			return p + c.phonemes, true
		}
	}
	return "", false
}

var contractions = [...]struct{ suffix, phonemes string }{{"'ve", "əv"}, {"'ll", "əl"}, {"'d", "d"}, {"'re", "əɹ"}, {"n't", "ᵊnt"}}

// derived reads a word as a known one between affixes, or as two known ones: unfunded, greyness, firebrick.
func derived(w string, known func(string) (string, bool)) (phonemes string, ok bool) {
	for _, a := range suffixes {
		if s, found := strings.CutSuffix(w, a.letters); found && len(s) > 3 {
			if p, ok := known(s); ok {
				return p + a.phonemes, true
			}
		}
	}
	for _, a := range prefixes {
		if s, found := strings.CutPrefix(w, a.letters); found && len(s) > 3 {
			if p, ok := known(s); ok {
				return a.phonemes + p, true
			}
		}
	}
	for i := len(w) - 4; i >= 4; i-- {
		first, ok1 := known(w[:i])
		second, ok2 := known(w[i:])
		if ok1 && ok2 {
			return first + strings.ReplaceAll(second, "ˈ", "ˌ"), true
		}
	}
	return "", false
}

type affix struct{ letters, phonemes string }

var (
	suffixes = [...]affix{{"ness", "nəs"}, {"less", "ləs"}, {"like", "lˌIk"}, {"ship", "ʃˌɪp"}, {"wise", "wˌIz"}, {"proof", "pɹˌuf"}}
	prefixes = [...]affix{{"un", "ʌn"}, {"non", "nˌɑn"}, {"over", "ˌOvəɹ"}, {"under", "ˌʌndəɹ"}, {"super", "sˌupəɹ"}, {"inter", "ˌɪntəɹ"},
		{"multi", "mˌʌlti"}, {"micro", "mˌIkɹO"}, {"cyber", "sˌIbəɹ"}, {"anti", "ˌænti"}, {"pre", "pɹˌi"}, {"mis", "mˌɪs"}}
)

// sibilant is the plural ending after a phoneme string.
func sibilant(p string) string {
	switch {
	case endsIn(p, "ptkfθ"):
		return "s"
	case endsIn(p, "szʃʒʧʤ"):
		return "ᵻz"
	}
	return "z"
}

// past is the ending of the past tense.
func past(p string) string {
	switch {
	case endsIn(p, "td"):
		return "ᵻd"
	case endsIn(p, "pkfθsʃʧ"):
		return "t"
	}
	return "d"
}

func endsIn(p, phonemes string) bool {
	for _, r := range phonemes {
		if strings.HasSuffix(p, string(r)) {
			return true
		}
	}
	return false
}
