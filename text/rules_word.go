package text

import "strings"

// initials reads U.S.A., e.g., i.e., J. R. R. Tolkien.
func initials(p *parser, i int) (string, int) {
	if len(p.toks[i].text) != 1 || !p.gluedIs(i+1, ".") {
		return "", 0
	}
	letters, n := p.toks[i].text, 2
	for p.glued(i+n) && p.tok(i+n).kind == word && len(p.tok(i+n).text) == 1 && n < 20 {
		letters += p.toks[i+n].text
		n++
		if !p.gluedIs(i+n, ".") {
			break
		}
		n++
	}
	if p.is(i+n-1, ".") && p.last(i+n-1) {
		n-- // the sentence ends here
	}
	if s, ok := latinShort[strings.ToLower(letters)]; ok && len(letters) > 1 {
		return s, n
	}
	switch {
	case len(letters) > 1 && n >= 2*len(letters)-1:
		return strings.ToUpper(letters), n
	case n == 2 && letters != "I" && letters[0] < 'a' && startsCapital(p.tok(i)) && startsCapital(p.tok(i+2)) && (len(p.tok(i+2).text) > 1 || p.gluedIs(i+3, ".")):
		return letters, n
	}
	return "", 0
}

var latinShort = map[string]string{"eg": "for example", "ie": "that is", "aka": "also known as", "ps": "P S", "nb": "note", "asap": "as soon as possible"}

// elision reads 'tis, 'em, rock 'n' roll.
func elision(p *parser, i int) (string, int) {
	if p.toks[i].text != "'" || !p.glued(i+1) || p.glued(i) && p.toks[i-1].kind != symbol {
		return "", 0
	}
	w := p.lower(i + 1)
	if w == "n" && p.gluedIs(i+2, "'") {
		return "'n'", 3
	}
	if elided[w] {
		return "'" + p.toks[i+1].text, 2
	}
	return "", 0
}

var elided = set("em tis twas til twere twill twould bout cause")

// abbreviation reads Dr. Smith, Ph.D., w/, No. 5, etc., 12 Elm St., Springfield, CA 95051.
func abbreviation(p *parser, i int) (string, int) {
	t, lower := p.toks[i].text, p.lower(i)
	n := 1
	if p.gluedIs(i+1, ".") {
		n = 2
	}
	switch {
	case t == "Ph" && n == 2 && p.glued(i+2) && p.is(i+2, "D"):
		return "PhD", p.afterPeriod(i+3) - i
	case (t == "w" || t == "W") && p.gluedIs(i+1, "/") && !p.glued(i+2):
		return "with", 2
	}
	next := p.tok(i + n)
	if s, ok := numbered[lower]; ok && next.kind == digits && (n == 2 || lower == "apt" || lower == "ext") && !(lower == "no" && n == 1) {
		return s, n
	}
	if s, ok := p.street(i, n); ok {
		return s, p.periodStays(i, n)
	}
	if s, ok := p.streetAfterName(i, n); ok {
		return s, p.periodStays(i, n)
	}
	if s, ok := titles[lower]; ok && startsCapital(next) && (n == 2 || alwaysTitle[lower]) && t[0] < 'a' || ok && lower == "dr" && startsCapital(next) {
		return s, n
	}
	if s, ok := p.state(i); ok {
		return s, 1
	}
	if s, ok := short[lower]; ok && (n == 2 || lower == "etc" || lower == "vs") {
		return s, p.periodStays(i, n)
	}
	return "", 0
}

// afterPeriod returns the token after the period at i, if there is one that does not end the sentence.
func (p *parser) afterPeriod(i int) int {
	if p.gluedIs(i, ".") && !p.last(i) {
		return i + 1
	}
	return i
}

var alwaysTitle = set("mr mrs dr drs prof st messrs")

// periodStays drops the period from the n tokens of an abbreviation that ends the sentence.
func (p *parser) periodStays(i, n int) int {
	if n == 2 && (p.last(i+1) || startsCapital(p.tok(i+2)) && p.lower(i) != "vs") {
		return 1
	}
	return n
}

func startsName(t tok) bool {
	return t.text != "" && ('A' <= t.text[0] && t.text[0] <= 'Z' || t.kind == word && len(t.text) == 2)
}

// state reads the code of a US state before a ZIP code or after a city and a comma.
func (p *parser) state(i int) (string, bool) {
	s, ok := states[p.toks[i].text]
	if !ok {
		return "", false
	}
	if _, zip := p.digitsAt(i+1, 5, 5); zip || p.is(i+1, ",") && p.tok(i+2).kind == digits && len(p.tok(i+2).text) == 5 {
		return s, true
	}
	city := p.is(i-1, ",") && startsName(p.tok(i-2)) && p.tok(i-2).kind == word
	return s, city && !ambiguousStates[p.toks[i].text]
}

var ambiguousStates = set("OK IN OR ME HI OH ID MA PA LA AL MO DE CO")

// roman reads numerals after a name or a heading: Henry VIII, Chapter IV, World War II.
func roman(p *parser, i int) (string, int) {
	t := p.toks[i].text
	n, ok := romanValue(t)
	if !ok || i == 0 || !p.tok(i).space || p.toks[i-1].kind != word {
		return "", 0
	}
	prev := strings.ToLower(p.toks[i-1].text)
	switch {
	case numeralAfter[prev] && startsName(p.toks[i-1]):
		return number(n), 1
	case n >= 40 || t == "I" && p.lower(i+1) != "" && !afterFirst[p.lower(i+1)] || !startsName(p.toks[i-1]) || len(prev) < 3:
		return "", 0
	case regnal[prev]:
		return "the " + ordinal(itoa(n)), 1
	case t == "I" || t == "V" || t == "X":
		return "", 0
	}
	return number(n), 1
}

var (
	numeralAfter = set("chapter part section act scene volume book phase type class appendix article title level figure table war bowl stage grade canto psalm mark")
	regnal       = set("henry louis charles george edward richard william james elizabeth john paul pius benedict francis leo gregory clement innocent " +
		"alexander nicholas frederick philip ferdinand napoleon catherine peter ivan mary christian gustav otto ramses thutmose xerxes darius harald olaf " +
		"haakon albert leopold umberto wilhelm friedrich maximilian constantine justinian julius urban boniface sixtus celestine felipe carlos juan " +
		"victor stephen robert david malcolm kenneth baldwin casimir sigismund selim murad mehmed suleiman artaxerxes ptolemy antiochus")
	afterFirst = set("of was and in the reigned died ruled became had who")
)

// romanValue reads a numeral of I, V and X, or XL, L, C and what they begin.
func romanValue(s string) (int, bool) {
	if len(s) > 8 {
		return 0, false
	}
	value := map[byte]int{'I': 1, 'V': 5, 'X': 10, 'L': 50, 'C': 100}
	n := 0
	for i := range len(s) {
		v := value[s[i]]
		if v == 0 {
			return 0, false
		}
		if i+1 < len(s) && value[s[i+1]] > v {
			v = -v
		}
		n += v
	}
	return n, n > 0 && toRoman(n) == s
}

func toRoman(n int) string {
	var b strings.Builder
	for i, v := range []int{100, 90, 50, 40, 10, 9, 5, 4, 1} {
		for ; n >= v; n -= v {
			b.WriteString([]string{"C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"}[i])
		}
	}
	return b.String()
}
