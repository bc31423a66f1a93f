package text

import "strings"

// inflected reads a word as a known one with -s, -'s, -s', -ed or -ing, by rule; ok is false when none fits.
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
	return "", false
}

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
