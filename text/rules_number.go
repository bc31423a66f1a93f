package text

import "strings"

// literal is a number as written: 1,234.50
type literal struct {
	whole, fraction string
	grouped         bool // with commas
	n               int  // tokens
}

// literalAt parses the number at token i; n is zero when there is none.
func (p *parser) literalAt(i int) literal {
	if p.is(i, ".") && p.glued(i+1) && p.tok(i+1).kind == digits { // .5
		return literal{fraction: p.toks[i+1].text, n: 2}
	}
	if p.tok(i).kind != digits {
		return literal{}
	}
	l := literal{whole: p.toks[i].text, n: 1}
	var groups []string
	for len(l.whole) <= 3 && p.gluedIs(i+l.n, ",") && p.glued(i+l.n+1) && len(groups) < 20 {
		d, ok := p.digitsAt(i+l.n+1, 3, 3)
		if !ok {
			break
		}
		groups = append(groups, d)
		l.n += 2
	}
	if l.grouped = len(groups) > 0; l.grouped {
		l.whole += strings.Join(groups, "")
	}
	if p.gluedIs(i+l.n, ".") && p.glued(i+l.n+1) && p.tok(i+l.n+1).kind == digits && !(p.gluedIs(i+l.n+2, ".") && p.glued(i+l.n+3)) {
		l.fraction = p.toks[i+l.n+1].text
		l.n += 2
	}
	return l
}

func (l literal) words() string {
	if l.fraction == "" && !l.grouped && (len(l.whole) > 1 && l.whole[0] == '0' || len(l.whole) > 9 && !strings.HasSuffix(l.whole, "000")) {
		return spellDigits(l.whole) // a code
	}
	return decimal(l.whole, l.fraction)
}

func (l literal) isOne() bool { return l.whole == "1" && l.fraction == "" }

// value is the whole part, saturated, to compare sizes.
func (l literal) value() int { return atoi(strings.TrimLeft(l.whole, "0")) }

// isDash reports whether token i is a hyphen or an en dash.
func (p *parser) isDash(i int) bool { return p.is(i, "-") || p.is(i, "–") }

// quantity reads a number with what belongs to it: a multiple, a currency, a unit, the other end of a range.
func quantity(p *parser, i int) (string, int) {
	l := p.literalAt(i)
	if p.glued(i) && p.toks[i-1].kind == word {
		return serial(l, p.toks[i].text)
	}
	if words, n := p.rangeTo(i, l); n > 0 {
		return words, n
	}
	words, n := l.words(), l.n
	if m, k := p.multiple(i + n); k > 0 {
		words, n = words+" "+m, n+k
	}
	if c, k := p.currencyAfter(i + n); k > 0 {
		return words + " " + plainOr(l.isOne() && n == l.n, c.one, c.many), n + k
	}
	if u, k := p.unit(i+n, l.isOne() && n == l.n, l.fraction != ""); k > 0 {
		return words + " " + u, n + k
	}
	if u, k := p.simpleUnit(i+n+1, true); k > 0 && p.gluedIs(i+n, "/") && p.glued(i+n+1) {
		return words + " per " + u, n + 1 + k
	}
	if p.gluedIs(i+n, "(") && p.gluedIs(i+n+2, ")") && len(p.tok(i+n+1).text) == 1 && p.tok(i+n+1).kind == word { // 401(k)
		return year(l.whole) + " " + p.toks[i+n+1].text, n + 3
	}
	if n == l.n && l.fraction == "" && !l.grouped && p.soundsLikeYear(i, l.whole) {
		words = year(l.whole)
	}
	return words, n
}

func plainOr(one bool, singular, plural string) string {
	if one {
		return singular
	}
	return plural
}

// serial reads digits glued to letters: A4, B52, abc123.
func serial(l literal, first string) (string, int) {
	switch {
	case l.fraction != "" || l.grouped:
		return l.words(), l.n
	case len(first) <= 2 && first[0] != '0', strings.HasSuffix(first, "00") && len(first) <= 4 && first[0] != '0':
		return cardinal(first), 1
	}
	return spellDigits(first), 1
}

// multiple reads "million", or "k" glued to the number; not "4K".
func (p *parser) multiple(i int) (string, int) {
	t := p.tok(i)
	m, ok := multiples[t.text]
	if !ok {
		m, ok = multiples[p.lower(i)]
		ok = ok && len(t.text) > 2
	}
	short := len(t.text) <= 2
	switch {
	case !ok, short && (t.space || p.glued(i+1) && p.toks[i+1].kind == digits):
		return "", 0
	case short && (t.text == "m" || t.text == "b" || t.text == "T" || t.text == "MM"):
		return "", 0
	case t.text == "K" && len(p.toks[i-1].text) == 1:
		return "", 0
	}
	return m, 1
}

// rangeTo reads "5-10 km" as "five to ten kilometers", "1980-86" as years.
func (p *parser) rangeTo(i int, l literal) (string, int) {
	j := i + l.n
	if !p.isDash(j) || p.tok(j).space != p.tok(j+1).space || p.gluedIs(i, "-") && p.glued(i-1) {
		return "", 0
	}
	to := p.literalAt(j + 1)
	end := j + 1 + to.n
	if to.n == 0 || p.isDash(end) && p.glued(end) && p.glued(end+1) || p.is(end, "=") || p.gluedIs(end, "/") || p.gluedIs(end, ":") {
		return "", 0
	}
	words := l.words() + " to " + to.words()
	m, k := p.multiple(end)
	if k > 0 {
		words += " " + m
	}
	u, ku := p.unit(end+k, false, to.fraction != "")
	switch {
	case ku > 0:
		return words + " " + u, end + k + ku - i
	case k > 0:
		return words, end + k - i
	case p.glued(end) && p.toks[end].kind == word, p.tok(j).space:
		return "", 0
	case yearLike(l.whole) && yearLike(to.whole) && l.fraction+to.fraction == "" && to.value() > l.value():
		return year(l.whole) + " to " + year(to.whole), end - i
	case yearLike(l.whole) && len(to.whole) == 2 && to.fraction == "" && to.whole > l.whole[2:]:
		return year(l.whole) + " to " + cardinal(to.whole), end - i
	case to.value() <= l.value() || strings.HasPrefix(l.whole, "0"):
		return "", 0
	}
	return words, end - i
}

func yearLike(digits string) bool { return len(digits) == 4 && digits >= "1010" && digits < "2100" }

var (
	yearBefore  = set("in since by from until till of year circa during before after around late early mid summer winter spring fall autumn between")
	countBefore = set("about over under nearly almost exactly than least most another additional")
)

// soundsLikeYear decides about a bare number of four digits.
func (p *parser) soundsLikeYear(i int, whole string) bool {
	if p.era(i+1) && len(whole) >= 3 {
		return true
	}
	if !yearLike(whole) || whole < "1300" && !yearBefore[p.lower(i-1)] && i > 0 {
		return false
	}
	next := p.lower(i + 1)
	if countBefore[p.lower(i-1)] && next != "" {
		return false
	}
	counted := len(next) > 3 && strings.HasSuffix(next, "s") && !strings.HasSuffix(next, "ss") && p.tok(i+1).space && next == p.tok(i+1).text
	return !counted || yearBefore[p.lower(i-1)] && !countedNouns[next]
}

// era reports whether AD, B.C. or the like stands at token i.
func (p *parser) era(i int) bool {
	t := p.tok(i).text
	if p.gluedIs(i+1, ".") && p.glued(i+2) {
		t += p.toks[i+2].text
	}
	return t == "AD" || t == "BC" || t == "CE" || t == "BCE"
}

// countedNouns are nouns that are counted, after "in" as well.
var countedNouns = set("words pages people years days hours minutes seconds dollars miles meters feet pounds items steps points cases copies")

// rank reads 1st, 22nd, 1,000th.
func rank(p *parser, i int) (string, int) {
	l := p.literalAt(i)
	if possessive, ok := p.rankAt(i+l.n, l.whole); ok && l.fraction == "" {
		return ordinal(l.whole) + possessive, l.n + 1
	}
	return "", 0
}

// rankAt reports whether the suffix of an ordinal is glued to the digits before token i: th, or th's.
func (p *parser) rankAt(i int, whole string) (possessive string, ok bool) {
	if !p.glued(i) {
		return "", false
	}
	suffix, found := strings.CutSuffix(p.lower(i), "'s")
	if found {
		possessive = "'s"
	}
	return possessive, ranks(whole, suffix)
}

// ranks reports whether the suffix fits the number.
func ranks(whole, suffix string) bool {
	want := "th"
	if tens := len(whole) > 1 && whole[len(whole)-2] == '1'; !tens {
		switch whole[len(whole)-1] {
		case '1':
			want = "st"
		case '2':
			want = "nd"
		case '3':
			want = "rd"
		}
	}
	return suffix == want
}

// fraction reads 1/2, 3 1/2, 7/8ths.
func fraction(p *parser, i int) (string, int) {
	l, whole := p.literalAt(i), ""
	n := 0
	if d, ok := p.digitsAt(i+1, 1, 3); ok && p.gluedIs(i+2, "/") && l.n == 1 {
		whole, n = cardinal(p.toks[i].text), 1
		l.whole = d
	} else if f, ok := fractions[p.tok(i+l.n).text]; ok { // 2½
		if f == "one half" {
			f = "a half"
		}
		return p.withUnit(l.words()+" and "+f, i, l.n+1)
	}
	den, ok := p.digitsAt(i+n+2, 1, 5)
	if l.grouped || l.fraction != "" || len(l.whole) > 5 || !p.is(i+n+1, "/") || p.tok(i+n+1).space != p.tok(i+n+2).space || !ok || p.gluedIs(i+n+3, "/") {
		return "", 0
	}
	if special, ok := spokenPairs[l.whole+"/"+den]; ok && n == 0 {
		return special, 3
	}
	words := fractionWords(l.whole, den)
	if n > 0 {
		if words == "one half" {
			words = "a half"
		}
		words = whole + " and " + words
	}
	n += 3
	if s := p.lower(i + n); p.glued(i+n) && (s == "th" || s == "ths" || s == "rd" || s == "rds" || s == "nd" || s == "st") {
		n++
	}
	return p.withUnit(words, i, n)
}

// spokenPairs are not fractions.
var spokenPairs = map[string]string{"24/7": "twenty four seven", "9/11": "nine eleven", "50/50": "fifty fifty", "20/20": "twenty twenty"}

func fractionWords(numerator, denominator string) string {
	name := ordinal(denominator)
	switch strings.TrimLeft(denominator, "0") {
	case "", "1":
		return cardinal(numerator) + " over " + cardinal(denominator)
	case "2":
		name = "half"
	case "4":
		name = "quarter"
	}
	if strings.TrimLeft(numerator, "0") == "1" {
		return "one " + name
	}
	if name == "half" {
		return cardinal(numerator) + " halves"
	}
	return cardinal(numerator) + " " + name + "s"
}

// withUnit adds the unit that follows the first n tokens.
func (p *parser) withUnit(words string, i, n int) (string, int) {
	if u, k := p.unit(i+n, strings.HasPrefix(words, "one "), true); k > 0 {
		return words + " " + u, n + k
	}
	return words, n
}

// dimension reads 3 x 5 cm and 1920×1080.
func dimension(p *parser, i int) (string, int) {
	l := p.literalAt(i)
	words, n := l.words(), l.n
	for k := 0; k < 3; k++ {
		by := p.tok(i + n)
		next := p.literalAt(i + n + 1)
		if by.text != "x" && by.text != "×" && by.text != "X" || next.n == 0 || by.space != p.tok(i+n+1).space {
			break
		}
		words += " by " + next.words()
		n += 1 + next.n
	}
	if n == l.n {
		return "", 0
	}
	return p.withUnit(words, i, n)
}

// signed reads the sign of a number.
func signed(p *parser, i int) (string, int) {
	t := p.toks[i]
	if !p.glued(i+1) || p.toks[i+1].kind != digits && !p.is(i+1, ".") && currencies[p.toks[i+1].text].one == "" {
		if t.text == "-" && p.equation(i) {
			return "minus", 1
		}
		return "", 0
	}
	fresh := t.space || i > 0 && p.toks[i-1].kind == symbol && !strings.Contains(")-%", p.toks[i-1].text)
	switch {
	case t.text == "-" && (fresh || p.equation(i)):
		return "minus", 1
	case t.text == "~" && fresh:
		return "about", 1
	case (t.text == "<" || t.text == ">") && fresh:
		return map[string]string{"<": "less than", ">": "more than"}[t.text], 1
	}
	return "", 0
}

// equation reports whether the sign at i stands between two operands with an equals sign near.
func (p *parser) equation(i int) bool {
	if i == 0 || p.toks[i-1].kind == symbol || p.tok(i+1).kind == symbol {
		return false
	}
	return p.is(i+2, "=") || p.is(i-2, "=")
}

// pointNumber reads .5
func pointNumber(p *parser, i int) (string, int) {
	if p.toks[i].text != "." || p.glued(i) && (p.toks[i-1].kind != symbol || p.is(i-1, ".")) || !p.glued(i+1) || p.tok(i+1).kind != digits {
		return "", 0
	}
	return quantity(p, i)
}
