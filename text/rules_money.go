package text

import "strings"

// money reads $5, $3.50, €2 million, $5-$10.
func money(p *parser, i int) (string, int) {
	c, ok := currencies[p.toks[i].text]
	if !ok || p.toks[i].text == "¢" {
		return "", 0
	}
	words, n := p.amount(i+1, c, true)
	if n == 0 {
		return "", 0
	}
	return words, n + 1
}

// currencyCode reads EUR 20 and US$5.
func currencyCode(p *parser, i int) (string, int) {
	code, n := p.toks[i].text, 1
	if code == "US" && p.gluedIs(i+1, "$") {
		code, n = "US$", 2
	}
	c, ok := currencies[code]
	if !ok {
		return "", 0
	}
	words, k := p.amount(i+n, c, true)
	if k == 0 {
		return "", 0
	}
	return words, n + k
}

// amount reads the number at token i as an amount of c, or a range of amounts.
func (p *parser) amount(i int, c currency, ranges bool) (string, int) {
	l := p.literalAt(i)
	if l.n == 0 {
		return "", 0
	}
	n := l.n
	m, k := p.moneyMultiple(i + n)
	words := l.words()
	switch {
	case k > 0:
		words, n = words+" "+m+" "+c.many, n+k
	case ranges && p.isDash(i+n) && p.glued(i+n) && p.glued(i+n+1):
		return p.amountRange(i, l, c)
	default:
		words = c.of(l)
	}
	if p.gluedIs(i+n, "/") && p.lower(i+n+1) != "" {
		per := p.lower(i + n + 1)
		if u, k := p.simpleUnit(i+n+1, true); k > 0 {
			per = u
		}
		return words + " per " + per, n + 2
	}
	return words, n
}

// amountRange reads the rest of $5-10 and of $5-$10 million.
func (p *parser) amountRange(i int, l literal, c currency) (string, int) {
	j := i + l.n + 1
	same := currencies[p.tok(j).text] == c
	if same {
		j++
	}
	to, n := p.amount(j, c, false)
	if n == 0 || p.literalAt(j).n == 0 {
		return c.of(l), l.n
	}
	from := l.words()
	if same && n == p.literalAt(j).n {
		from = c.of(l)
	}
	return from + " to " + to, j + n - i
}

// of reads an amount without a multiple: "five dollars and ten cents".
func (c currency) of(l literal) string {
	fraction := strings.TrimRight(l.fraction, "0")
	if len(fraction) == 1 {
		fraction += "0"
	}
	whole := decimal(plainOr(l.whole == "", "0", l.whole), "")
	main := whole + " " + plainOr(whole == "one", c.one, c.many)
	switch {
	case fraction == "":
		return main
	case len(fraction) > 2 || c.cent == "":
		return decimal(l.whole, strings.TrimRight(l.fraction, "0")) + " " + c.many
	}
	hundredths := cardinal(fraction)
	hundredths += " " + plainOr(hundredths == "one", c.cent, c.cents)
	if whole == "zero" {
		return hundredths
	}
	return main + " and " + hundredths
}

// moneyMultiple also takes letters that mean units elsewhere: $5m, $30 b.
func (p *parser) moneyMultiple(i int) (string, int) {
	if m, k := p.multiple(i); k > 0 {
		return m, k
	}
	t := p.tok(i)
	if m, ok := multiples[t.text]; ok && t.kind == word && (!t.space || t.text == "b" || t.text == "B" || t.text == "M" || t.text == "K") && !p.glued(i+1) {
		return m, 1
	}
	return "", 0
}

// currencyAfter reads the currency behind a number: 5€, 20 USD.
func (p *parser) currencyAfter(i int) (currency, int) {
	t := p.tok(i)
	c, ok := currencies[t.text]
	if !ok || t.kind == symbol && (t.space && t.text == "$" || p.glued(i+1) && p.toks[i+1].kind != symbol) {
		return c, 0
	}
	return c, 1
}
