package text

import "strings"

// clock reads 3:45 pm, 14:30, 5pm, 1 a.m., 10:15:30, 5pm-7pm.
func clock(p *parser, i int) (string, int) {
	words, n := p.timeAt(i)
	if n == 0 {
		return p.ratio(i)
	}
	if j := i + n; p.isDash(j) {
		if to, k := p.timeAt(j + 1); k > 0 {
			return words + " to " + to, n + 1 + k
		}
	}
	return words, n
}

func (p *parser) timeAt(i int) (string, int) {
	h, ok := p.digitsAt(i, 1, 2)
	if !ok || atoi(h) > 24 || p.glued(i) && p.toks[i-1].kind == word && p.toks[i-1].text != "T" {
		return "", 0
	}
	hour := cardinal(h)
	separator := p.tok(i + 1).text
	m, ok := p.digitsAt(i+2, 2, 2)
	if !ok || separator != ":" && separator != "." || !p.glued(i+1) || !p.glued(i+2) || m > "59" {
		half, k := p.halfOfDay(i + 1)
		if k == 0 || atoi(h) > 12 || h == "0" {
			return "", 0
		}
		return hour + " " + half, 1 + k
	}
	if s, ok := p.digitsAt(i+4, 2, 2); ok && separator == ":" && p.gluedIs(i+3, ":") && p.glued(i+4) && s <= "59" {
		half, k := p.halfOfDay(i + 5)
		return strings.TrimSpace(count(h, "hour") + " " + count(m, "minute") + " and " + count(s, "second") + " " + half), 5 + k
	}
	half, k := p.halfOfDay(i + 3)
	switch {
	case separator == "." && k == 0, p.gluedIs(i+3, ":") && p.glued(i+4):
		return "", 0
	case m == "00" && k > 0:
		return hour + " " + half, 3 + k
	case m == "00":
		return fullHour(h), 3
	case m[0] == '0':
		hour += " oh"
	}
	return strings.TrimSpace(hour + " " + cardinal(m) + " " + half), 3 + k
}

// fullHour reads 9:00, and the 15:00 and 0:00 of a day of 24 hours.
func fullHour(h string) string {
	switch n := atoi(h); {
	case n == 0 || n == 24:
		return "midnight"
	case n > 12:
		return cardinal(h) + " hundred"
	}
	return cardinal(h) + " o'clock"
}

// count reads a number of units.
func count(digits, unit string) string {
	if n := cardinal(digits); n != "one" {
		return n + " " + unit + "s"
	}
	return "one " + unit
}

// halfOfDay reads am, PM, a.m., p.m; the last period stays when the sentence ends there.
func (p *parser) halfOfDay(i int) (string, int) {
	half := map[string]string{"am": "AM", "pm": "PM", "a": "AM", "p": "PM"}[p.lower(i)]
	switch t := p.tok(i).text; {
	case half == "":
		return "", 0
	case len(t) == 2:
		if p.glued(i+1) && p.toks[i+1].kind == word {
			return "", 0
		}
		return half, 1
	}
	if !p.gluedIs(i+1, ".") || !p.glued(i+2) || p.lower(i+2) != "m" {
		return "", 0
	}
	if p.gluedIs(i+3, ".") && !p.last(i+3) && !startsCapital(p.tok(i+4)) {
		return half, 4
	}
	return half, 3
}

func startsCapital(t tok) bool {
	return t.space && t.kind == word && t.text != "" && 'A' <= t.text[0] && t.text[0] <= 'Z'
}

// ratio reads 16:9.
func (p *parser) ratio(i int) (string, int) {
	a, ok1 := p.digitsAt(i, 1, 4)
	b, ok2 := p.digitsAt(i+2, 1, 4)
	if !ok1 || !ok2 || !p.gluedIs(i+1, ":") || !p.glued(i+2) || p.gluedIs(i+3, ":") {
		return "", 0
	}
	return cardinal(a) + " to " + cardinal(b), 3
}
