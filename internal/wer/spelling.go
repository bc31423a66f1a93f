package wer

import (
	_ "embed"
	"strings"
)

//go:embed spelling.txt
var spellingRules string

// spelling maps British words to American ones.
type spelling map[string]string

func newSpelling() spelling {
	s := spelling{}
	for line := range strings.Lines(spellingRules) {
		if rule, stems, ok := strings.Cut(line, ":"); ok && line[0] != '#' {
			s.add(strings.Fields(rule), strings.Fields(stems))
		}
	}
	return s
}

// add takes a rule {from, to, ends} over stems.
func (s spelling) add(rule, stems []string) {
	part := func(text string) string { return strings.TrimPrefix(text, "-") }
	from, to := part(rule[0]), part(rule[1])
	for _, end := range strings.Split(rule[2], ",") {
		for _, stem := range stems {
			s[part(stem)+from+part(end)] = part(stem) + to + part(end)
		}
	}
}

func (s spelling) apply(text string) string {
	words := strings.Fields(text)
	for i, w := range words {
		if american, ok := s[w]; ok {
			words[i] = american
		}
	}
	return strings.Join(words, " ")
}
