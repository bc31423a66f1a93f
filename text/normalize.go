package text

import "strings"

// A Token is a spoken word, or a mark that shapes its sentence: one of , . ? ! ; : — …
type Token struct {
	Text       string
	Start, End int  // bytes of the source text that it stands for; all words of "twenty five" share those of "25"
	Mark       bool // a mark, not a word
}

// Normalize writes text as it is spoken: numbers, dates, times, money, units, abbreviations, addresses and symbols
// become words. Marks stay, attached to the word before them; quotes and brackets go. The signs of Markdown,
// the targets of its links, words in other alphabets than the Latin and Greek ones, emoji, control characters and escape
// sequences of terminals are left out.
func Normalize(s string) string {
	var b strings.Builder
	for _, t := range Tokens(s) {
		if !t.Mark && b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.Text)
	}
	return b.String()
}

// Tokens is Normalize with the places in the source. It takes time in proportion to the length of the text.
func Tokens(s string) []Token {
	f := fold(s)
	p := &parser{toks: lex(f)}
	p.out = make([]Token, 0, len(p.toks)+8)
	for i := 0; i < len(p.toks); {
		i += p.step(i)
	}
	return p.out
}

// parser walks over the tokens; each rule looks at a bounded number of them.
type parser struct {
	toks  []tok
	out   []Token
	plain int // tokens before this one are known to hold no address
}

// A rule reads what starts at token i: the words, and how many tokens it used; zero when it does not apply.
type rule func(p *parser, i int) (string, int)

// rules by the kind of token they start with, in order of precedence.
var rules map[byte][]rule

func init() {
	rules = map[byte][]rule{
		digits: {address, isoDate, slashDate, dayMonth, clock, duration, phone, dotted, decades, dimension, height, fraction, rank, houseNumber, quantity},
		word:   {address, monthDay, currencyCode, sharp, initials, abbreviation, roman},
		symbol: {markdown, address, phone, money, comparison, product, power, signed, shortDecade, pointNumber, hashtag, elision},
	}
}

// step reads token i and what belongs to it, and returns how many tokens that were.
func (p *parser) step(i int) int {
	for _, r := range rules[p.toks[i].kind] {
		if words, n := r(p, i); n > 0 {
			p.say(words, i, n)
			return n
		}
	}
	switch p.toks[i].kind {
	case word:
		p.plainWord(i)
	case symbol:
		p.plainSymbol(i)
	}
	return 1
}

// say emits words that stand for tokens i..i+n.
func (p *parser) say(words string, i, n int) {
	start, end := p.toks[i].start, p.toks[i+n-1].end
	for w := range strings.FieldsSeq(words) {
		mark := ""
		if k := len(w) - 1; k > 0 && w[k] == ',' { // a pause inside a phrase
			w, mark = w[:k], ","
		}
		p.out = append(p.out, Token{Text: w, Start: start, End: end})
		if mark != "" {
			p.out = append(p.out, Token{mark, start, end, true})
		}
	}
}

// mark emits a mark. Of a comma and a mark that ends more, the comma goes; at most two marks follow each other.
func (p *parser) mark(m string, i int) {
	n := len(p.out)
	if n == 0 {
		return
	}
	last := &p.out[n-1]
	switch {
	case !last.Mark:
	case last.Text == m, m == ",", n > 1 && p.out[n-2].Mark:
		return
	case last.Text == "," && m != "—":
		last.Text = m
		return
	}
	p.out = append(p.out, Token{m, p.toks[i].start, p.toks[i].end, true})
}

// tok returns token i, or an empty one.
func (p *parser) tok(i int) tok {
	if i < 0 || i >= len(p.toks) {
		return tok{space: true}
	}
	return p.toks[i]
}

// is reports whether token i is text.
func (p *parser) is(i int, text string) bool {
	return i >= 0 && i < len(p.toks) && p.toks[i].text == text
}

// glued reports whether token i exists and follows the one before it without space.
func (p *parser) glued(i int) bool { return i > 0 && i < len(p.toks) && !p.toks[i].space }

// gluedIs reports whether token i follows without space and is text.
func (p *parser) gluedIs(i int, text string) bool { return p.glued(i) && p.toks[i].text == text }

// digitsAt returns the digits at token i when there are min to max of them.
func (p *parser) digitsAt(i, min, max int) (string, bool) {
	t := p.tok(i)
	return t.text, t.kind == digits && len(t.text) >= min && len(t.text) <= max
}

// lower returns token i in lower case when it is a word.
func (p *parser) lower(i int) string {
	if t := p.tok(i); t.kind == word && len(t.text) < 32 {
		return strings.ToLower(t.text)
	}
	return ""
}

// plainWord emits a word as it is; one without Latin letters is skipped, unless it is the name of a Greek letter.
func (p *parser) plainWord(i int) {
	t := p.toks[i].text
	if name, ok := greek[t]; ok {
		t = name
	}
	if latin(t) {
		p.say(t, i, 1)
	}
}
