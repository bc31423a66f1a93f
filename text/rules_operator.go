package text

import "strings"

// comparisons are signs of up to three characters, the longer ones first.
var comparisons = []struct{ sign, name string }{
	{"!==", "is not equal to"}, {"===", "equals"}, {"!=", "is not equal to"}, {"==", "equals"},
	{"<=", "less than or equal to"}, {">=", "greater than or equal to"}, {"<", "less than"}, {">", "greater than"},
}

// comparison reads a < b, x >= 5, x != y. The same signs in arrows, tags, breadcrumbs and quotations are silent.
func comparison(p *parser, i int) (string, int) {
	if !strings.Contains("<>=!", p.toks[i].text) {
		return "", 0
	}
	if n := p.ruler(i); n > 0 {
		return "", n
	}
	for _, c := range comparisons {
		n := len(c.sign)
		if p.signAt(i, c.sign) && (p.between(i, n) && !p.tag(i, n) || n > 1 && c.sign[0] != '=' && p.tok(i+n).kind == digits) {
			return c.name, n
		}
	}
	return "", 0
}

// ruler counts the signs of an arrow "=>" or of a line "====", which are silent.
func (p *parser) ruler(i int) int {
	n := 0
	for p.is(i+n, "=") && (n == 0 || p.glued(i+n)) {
		n++
	}
	switch {
	case n > 0 && p.gluedIs(i+n, ">"):
		return n + 1
	case n > 3:
		return n
	}
	return 0
}

// signAt reports whether the characters of a sign stand at i without space, and no more of the kind around them.
func (p *parser) signAt(i int, sign string) bool {
	for k := range len(sign) {
		if !p.is(i+k, sign[k:k+1]) || k > 0 && p.toks[i+k].space {
			return false
		}
	}
	n := len(sign)
	return !(p.glued(i+n) && strings.Contains("<>=", p.toks[i+n].text))
}

// between reports whether the n tokens at i stand between operands, with space on both sides or on none.
func (p *parser) between(i, n int) bool {
	return i > 0 && !p.toks[i].line && p.toks[i].space == p.tok(i+n).space && p.leftOperand(i-1) && p.rightOperand(i+n)
}

// leftOperand reports whether token i may end an operand.
func (p *parser) leftOperand(i int) bool {
	return p.operand(i) || strings.Contains(")]%", p.toks[i].text)
}

// rightOperand reports whether token i may start an operand.
func (p *parser) rightOperand(i int) bool {
	return p.operand(i) || p.is(i, "(") || (p.is(i, "-") || p.is(i, ".") || currencies[p.tok(i).text].one != "") && p.glued(i+1) && p.toks[i+1].kind == digits
}

// operand reports whether token i is a number or the name of a variable; Capitalized words are not.
func (p *parser) operand(i int) bool {
	t := p.tok(i)
	return t.kind == digits || t.kind == word && (len(t.text) == 1 || t.text[0] > 'Z' || allCapitals(t.text))
}

// short reports whether token i is a number or one letter.
func (p *parser) short(i int) bool {
	t := p.tok(i)
	return t.kind == digits || t.kind == word && len(t.text) == 1
}

// tag reports whether the sign of n tokens at i, glued to its operands, is rather that of a tag or a type: x<br>y, List<T>.
func (p *parser) tag(i, n int) bool {
	if n > 1 || p.toks[i].space {
		return false
	}
	for k := i - 1; k >= 0 && k > i-12 && p.glued(k+1); k-- {
		if p.toks[k].text == "<" {
			return true
		}
	}
	number := p.toks[i-1].kind == digits || p.tok(i+1).kind == digits || !p.operand(i+1)
	return p.is(i+2, ">") || !number && !(p.short(i-1) && p.short(i+1))
}

// product reads y * 2 and 2*x; the star of a footnote, of emphasis or inside of a word is silent.
func product(p *parser, i int) (string, int) {
	if p.toks[i].text != "*" || !p.between(i, 1) {
		return "", 0
	}
	number := p.toks[i-1].kind == digits || p.tok(i+1).kind == digits
	if number || p.equation(i) || p.toks[i].space && p.short(i-1) && p.short(i+1) {
		return "times", 1
	}
	return "", 0
}

// power reads x^2, 10^6, e^-x.
func power(p *parser, i int) (string, int) {
	if p.toks[i].text != "^" || !p.glued(i) || !p.glued(i+1) || !p.short(i-1) && !p.is(i-1, ")") || !p.rightOperand(i+1) && !p.is(i+1, "-") {
		return "", 0
	}
	end := i + 2
	if name := map[string]string{"2": "squared", "3": "cubed"}[p.toks[i+1].text]; name != "" && !(p.glued(end) && (p.toks[end].kind == word || p.is(end, "."))) {
		return name, 2
	}
	if p.is(i+1, "-") {
		return "to the power of minus", 2
	}
	return "to the power of", 1
}

// height reads 6'2" as six foot two, and 6'2 of a person.
func height(p *parser, i int) (string, int) {
	feet, ok := p.digitsAt(i, 1, 2)
	inches, ok2 := p.digitsAt(i+2, 1, 2)
	if !ok || !ok2 || !p.gluedIs(i+1, "'") || atoi(inches) > 11 || p.glued(i) && p.is(i-1, "°") {
		return "", 0
	}
	n := 3
	if p.gluedIs(i+3, `"`) {
		n++
	} else if feet < "4" || feet > "7" || inches[0] == '0' || p.tok(i+2).space || p.glued(i+3) && p.toks[i+3].kind == word {
		return "", 0
	}
	return cardinal(feet) + " foot " + cardinal(inches), n
}

// sharp reads C#, F# and F#m.
func sharp(p *parser, i int) (string, int) {
	t := p.toks[i].text
	if len(t) != 1 || t[0] < 'A' || t[0] > 'G' || p.glued(i) && p.toks[i-1].kind != symbol || !p.gluedIs(i+1, "#") {
		return "", 0
	}
	switch {
	case p.gluedIs(i+2, "m"):
		return t + " sharp minor", 3
	case p.glued(i+2) && p.toks[i+2].kind != symbol:
		return "", 0
	}
	return t + " sharp", 2
}
