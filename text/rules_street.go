package text

import "strings"

// street reads the last word of a street's name, after a house number, and the direction before it.
func (p *parser) street(i, n int) (string, bool) {
	if !p.afterHouse(i) {
		return "", false
	}
	if s, ok := streets[p.lower(i)]; ok && p.toks[i].text != "ST" && startsName(p.tok(i-1)) {
		return strings.ToUpper(s[:1]) + s[1:], true
	}
	s, ok := compass[p.toks[i].text]
	return s, ok && (startsCapital(p.tok(i+n)) || p.tok(i+n).kind == digits || n == 1 && p.tok(i+1).text == ",")
}

// streetAfterName reads Main St. and Rodeo Dr. without a house number: a name stands before, and no name after.
func (p *parser) streetAfterName(i, n int) (string, bool) {
	t, before, next := p.toks[i], p.tok(i-1), p.tok(i+n)
	if !afterName[p.lower(i)] || !startsCapital(t) || t.text[1] < 'a' || !startsCapital(before) || startsSentence[p.lower(i-1)] {
		return "", false
	}
	if startsCapital(next) && (n == 1 || !startsSentence[p.lower(i+n)] || p.gluedIs(i+n+1, ".")) {
		return "", false
	}
	first := i < 2 || strings.Contains(".!?", p.toks[i-2].text)
	return streets[p.lower(i)], !(first && p.is(i, "Dr")) // "Hello Dr."
}

// afterName are the abbreviations of streets that are read after a name without a house number.
var afterName = set("st dr ave blvd rd ln ct sq hwy pkwy")

// startsSentence are words that begin a sentence in capitals and are hardly ever names.
var startsSentence = set("he she it they we you i the this that these those there here his her its my our their your a an and but so then when while if " +
	"in on at as after before for from with by is are was were do does did can will would not now please what where why how")

// afterHouse reports whether a house number stands up to five tokens before i.
func (p *parser) afterHouse(i int) bool {
	for k := i - 1; k >= 0 && k >= i-5; k-- {
		if p.toks[k].kind == digits {
			return true
		}
	}
	return false
}

// houseNumber reads a number before the name of a street two digits at a time, and a ZIP code digit by digit.
func houseNumber(p *parser, i int) (string, int) {
	d, ok := p.digitsAt(i, 3, 5)
	if !ok || !p.tok(i).space {
		return "", 0
	}
	if len(d) == 5 && (states[p.tok(i-1).text] != "" || p.is(i-1, ",") && states[p.tok(i-2).text] != "") {
		return spellDigits(d), 1
	}
	for k := i + 1; k < i+6; k++ {
		t := p.tok(k)
		if t.kind == digits {
			continue
		}
		if t.kind != word || !t.space && t.kind != word || p.tok(k-1).text == "," {
			return "", 0
		}
		if lower := strings.ToLower(t.text); k > i+1 && (streets[lower] != "" && t.text != "ST" || streetWords[lower]) {
			return pairs(d), 1
		}
		if t.text[0] > 'Z' && p.tok(k-1).kind != digits {
			return "", 0
		}
	}
	return "", 0
}

var streetWords = set("street avenue road boulevard lane drive court highway expressway parkway place square")
