package tokenizer

import (
	"slices"
	"strings"
	"unicode"
)

// added are the tokens that are looked for in the text before anything else.
type added struct {
	tokens  map[string]addedToken
	lengths []int // of the tokens, bytes, longest first
	special map[int]bool
}

type addedToken struct {
	ID      int    `json:"id"`
	Content string `json:"content"`
	Special bool   `json:"special"`
	LStrip  bool   `json:"lstrip"` // takes the white space before it along
	RStrip  bool   `json:"rstrip"` // and after it
}

func newAdded(tokens []addedToken) added {
	a := added{map[string]addedToken{}, nil, map[int]bool{}}
	for _, t := range tokens {
		if t.Special {
			a.special[t.ID] = true
		}
		if t.Content == "" {
			continue
		}
		a.tokens[t.Content] = t
		a.lengths = append(a.lengths, len(t.Content))
	}
	slices.Sort(a.lengths)
	a.lengths = slices.Compact(a.lengths)
	slices.Reverse(a.lengths)
	return a
}

// split calls visit for each part of text, which starts at byte at: a token with its id, or other text with id -1.
func (a added) split(text string, visit func(part string, at, id int)) {
	start := 0
	for i := 0; i < len(text); {
		t, ok := a.match(text[i:])
		if !ok {
			i++
			continue
		}
		before := text[start:i]
		if t.LStrip {
			before = strings.TrimRightFunc(before, unicode.IsSpace)
		}
		if before != "" {
			visit(before, start, -1)
		}
		visit(t.Content, i, t.ID)
		i += len(t.Content)
		if t.RStrip {
			i = len(text) - len(strings.TrimLeftFunc(text[i:], unicode.IsSpace))
		}
		start = i
	}
	if start < len(text) {
		visit(text[start:], start, -1)
	}
}

// match returns the longest token that text starts with.
func (a added) match(text string) (addedToken, bool) {
	for _, n := range a.lengths {
		if n <= len(text) {
			if t, ok := a.tokens[text[:n]]; ok {
				return t, true
			}
		}
	}
	return addedToken{}, false
}
