package text

// isoDate reads 2024-01-05 and 2024/1/5.
func isoDate(p *parser, i int) (string, int) {
	y, ok1 := p.digitsAt(i, 4, 4)
	m, ok2 := p.digitsAt(i+2, 1, 2)
	d, ok3 := p.digitsAt(i+4, 1, 2)
	if !ok1 || !ok2 || !ok3 || !p.separated(i, "-/.") || !dayOfMonth(d, m) {
		return "", 0
	}
	n := 5
	if p.gluedIs(i+5, "T") && p.glued(i+6) {
		n++ // 2024-01-05T14:30
	}
	return monthNames[atoi(m)] + " " + ordinal(d) + ", " + year(y), n
}

// slashDate reads 1/5/2024, month first where that can be; 15.01.2020 and 15-01-2020.
func slashDate(p *parser, i int) (string, int) {
	a, ok1 := p.digitsAt(i, 1, 2)
	b, ok2 := p.digitsAt(i+2, 1, 2)
	y, ok3 := p.digitsAt(i+4, 2, 4)
	if !ok1 || !ok2 || !ok3 || len(y) == 3 || len(y) == 2 && !p.is(i+1, "/") || !p.separated(i, "-/.") {
		return "", 0
	}
	spoken := year(y)
	if len(y) == 2 {
		if spoken = cardinal(y); y[0] == '0' {
			spoken = "oh " + cardinal(y)
		}
	}
	switch {
	case dayOfMonth(b, a):
		return monthNames[atoi(a)] + " " + ordinal(b) + ", " + spoken, 5
	case dayOfMonth(a, b):
		return "the " + ordinal(a) + " of " + monthNames[atoi(b)] + ", " + spoken, 5
	}
	return "", 0
}

// separated reports whether tokens i, i+2, i+4 are glued by the same of the separators, and nothing is glued after them.
func (p *parser) separated(i int, separators string) bool {
	s := p.tok(i + 1).text
	for k := 1; k < 5; k++ {
		if !p.glued(i + k) {
			return false
		}
	}
	found := false
	for k := range len(separators) {
		found = found || s == separators[k:k+1]
	}
	return found && p.is(i+3, s) && !(p.gluedIs(i+5, s) && p.glued(i+6))
}

func dayOfMonth(day, month string) bool {
	d, m := atoi(day), atoi(month)
	return 1 <= m && m <= 12 && 1 <= d && d <= 31
}

// dayMonth reads 5 January, 5th of May 2024.
func dayMonth(p *parser, i int) (string, int) {
	d, ok := p.digitsAt(i, 1, 2)
	if !ok || atoi(d) < 1 || atoi(d) > 31 || p.glued(i) && p.toks[i-1].kind != symbol {
		return "", 0
	}
	n, ranked := 1, false
	if _, ok := p.rankAt(i+1, d); ok {
		n, ranked = 2, true
	}
	if ranked && p.lower(i+n) == "of" {
		n++
	} else if p.gluedIs(i+n, "-") {
		n++
	}
	month, k := p.month(i+n, false)
	if k == 0 {
		return "", 0
	}
	y, ky := p.yearAfter(i + n + k)
	if !ranked && ky == 0 && p.commonWord(i+n) {
		return "", 0
	}
	words := ordinal(d) + " of " + month + y
	if p.lower(i-1) != "the" {
		words = "the " + words
	}
	return words, n + k + ky
}

// month reads a month's name or abbreviation; withDay says that a number follows.
func (p *parser) month(i int, withDay bool) (string, int) {
	t := p.tok(i)
	name, ok := months[p.lower(i)]
	if !ok || withDay && p.commonWord(i) {
		return "", 0
	}
	if len(t.text) < 5 && p.gluedIs(i+1, ".") && !p.last(i+1) {
		return name, 2
	}
	return name, 1
}

// commonWord reports whether token i is a month's name that is a word of its own as well: may, march.
func (p *parser) commonWord(i int) bool {
	t := p.tok(i).text
	return t == "may" || t == "march" || t == "mar"
}

// yearAfter reads ", 2024" or " 2024" behind a day or a month.
func (p *parser) yearAfter(i int) (string, int) {
	n, comma := 0, ""
	if p.gluedIs(i, ",") || p.gluedIs(i, "-") {
		n, comma = 1, ","
	}
	y, ok := p.digitsAt(i+n, 4, 4)
	if !ok || p.glued(i+n+1) && (p.toks[i+n+1].kind != symbol || p.is(i+n+1, ":")) {
		return "", 0
	}
	return comma + " " + year(y), n + 1
}

// last reports whether nothing but closing signs follows token i.
func (p *parser) last(i int) bool {
	for k := i + 1; k < len(p.toks) && k < i+4; k++ {
		if p.toks[k].kind != symbol {
			return false
		}
	}
	return true
}

// monthDay reads Jan 5, January 5th, 2024, Jan-15-2020, July 1876, and Jan. alone.
func monthDay(p *parser, i int) (string, int) {
	if day, ok := weekdays[p.lower(i)]; ok {
		return p.weekday(i, day)
	}
	t := p.toks[i].text
	month, n := p.month(i, true)
	if n == 0 {
		return "", 0
	}
	if y, k := p.yearAfter(i + n); k == 1 {
		return month + y, n + k
	}
	j := i + n
	if p.gluedIs(j, "-") && p.glued(j+1) {
		j++
	}
	d, ok := p.digitsAt(j, 1, 2)
	if l := p.literalAt(j); !ok || atoi(d) < 1 || atoi(d) > 31 || l.n > 1 || p.gluedIs(j+1, ":") || p.is(j+1, "%") {
		if n == 2 || month != t && len(t) <= 4 && t[0] < 'a' && month != "May" { // Jan.
			return month, n
		}
		return "", 0
	}
	words := month + " " + ordinal(d)
	j++
	if possessive, ok := p.rankAt(j, d); ok {
		words += possessive
		j++
	}
	if to, ok := p.digitsAt(j+1, 1, 2); ok && p.isDash(j) && p.glued(j+1) && atoi(to) <= 31 { // Jan 5-7
		words += " to " + ordinal(to)
		j += 2
	}
	y, k := p.yearAfter(j)
	return words + y, j + k - i
}

// weekday reads "Wed, Apr 3" and "Mon."; an abbreviation alone stays, for Sun and Sat are words.
func (p *parser) weekday(i int, day string) (string, int) {
	n := 1
	if p.gluedIs(i+n, ".") && !p.last(i+n) {
		n++
	}
	j := i + n
	if p.is(j, ",") {
		j++
	}
	if t := p.toks[i].text; t[0] > 'Z' || p.monthName(j) == "" && n == 1 {
		return "", 0
	}
	return day, n
}

func (p *parser) monthName(i int) string {
	name, _ := p.month(i, true)
	return name
}

// decades reads 1980s, 80s, 1960s-80s.
func decades(p *parser, i int) (string, int) {
	words, n := p.decade(i)
	if n > 0 && p.isDash(i+n) && p.glued(i+n+1) && p.tok(i+n+1).kind == digits {
		if to, k := p.decade(i + n + 1); k > 0 {
			return words + " to " + to, n + 1 + k
		}
	}
	return words, n
}

func (p *parser) decade(i int) (string, int) {
	d := p.toks[i].text
	n := 1
	if p.gluedIs(i+n, "'") {
		n++
	}
	if len(d) != 2 && len(d) != 4 || d[len(d)-1] != '0' || d == "00" || !p.glued(i+n) || p.tok(i+n).text != "s" || len(d) == 4 && !yearLike(d) {
		return "", 0
	}
	if p.glued(i) && p.toks[i-1].kind == word {
		return "", 0
	}
	return plural(year(d)), n + 1
}

// shortDecade reads '80s.
func shortDecade(p *parser, i int) (string, int) {
	if p.toks[i].text != "'" || !p.glued(i+1) || p.tok(i+1).kind != digits {
		return "", 0
	}
	if words, n := p.decade(i + 1); n > 0 {
		return words, n + 1
	}
	return "", 0
}
