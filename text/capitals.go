package text

import "strings"

func allCapitals(w string) bool { return w == strings.ToUpper(w) && w != strings.ToLower(w) }

// shouted reports whether the word in capitals at part i is read as it is in small letters. An ordinary word is when one
// stands beside it, or when the whole sentence is in capitals (loud); an unknown one only when both hold.
func (f *Frontend) shouted(parts []part, i int, loud bool) bool {
	w := parts[i].letters
	if !allCapitals(w) || !f.hasSmall(w) && (!loud || spelt[w]) {
		return false
	}
	if _, ok := f.gold(strings.ToLower(w)); ok && loud && !spelt[w] {
		return true
	}
	return f.ordinary(parts, i-1) || f.ordinary(parts, i+1)
}

// ordinary reports whether part i is a word of the language in capitals, not an acronym: SHOUTS, but neither NASA nor US.
func (f *Frontend) ordinary(parts []part, i int) bool {
	if i < 0 || i >= len(parts) || parts[i].Mark {
		return false
	}
	w := parts[i].letters
	if len(w) < 2 || spelt[w] || !allCapitals(w) {
		return false
	}
	_, acronym := f.lexicon.Lookup(w)
	return !acronym && f.hasSmall(w)
}

// hasSmall reports whether the built-in lexicon has the word in small letters, or a word of it with an ending.
func (f *Frontend) hasSmall(w string) bool {
	lower := strings.ToLower(w)
	if _, ok := f.lexicon.Lookup(lower); ok {
		return true
	}
	_, ok := inflected(lower, f.gold)
	return ok
}
