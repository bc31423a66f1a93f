package text

import "strings"

// phone reads (212) 555-0142, +1 212-555-0142, 1-800-FLOWERS and numbers of the same form, digit by digit.
func phone(p *parser, i int) (string, int) {
	if p.glued(i) && p.toks[i-1].kind != symbol {
		return "", 0
	}
	j, plus, bracket := i, false, false
	var groups, shape []string
	if p.is(j, "+") {
		plus = true
		j++
	}
	for len(groups) < 8 {
		k := j
		if p.is(k, "(") && p.glued(k+1) && p.is(k+2, ")") && p.glued(k+2) {
			bracket = true
			k++
		}
		t := p.tok(k)
		if t.kind != digits && !(len(groups) >= 2 && groups[0] == "one" && t.kind == word && strings.ToUpper(t.text) == t.text) || len(t.text) > 20 {
			break
		}
		groups, shape = append(groups, phoneGroup(t)), append(shape, t.text)
		if k > j {
			k++
		}
		j = k + 1
		if !p.phoneGlue(j, plus || bracket) {
			break
		}
		if k := p.tok(j).text; k == "-" || k == "." {
			j++
		}
	}
	if !isPhone(shape, plus, bracket) {
		return "", 0
	}
	words := strings.Join(groups, ", ")
	if plus {
		words = "plus " + words
	}
	return words, j - i
}

// phoneGlue reports whether another group follows at token j.
func (p *parser) phoneGlue(j int, spaces bool) bool {
	if p.gluedIs(j, "-") || p.gluedIs(j, ".") {
		return p.glued(j+1) && (p.toks[j+1].kind != symbol || p.is(j+1, "("))
	}
	return (spaces || p.gluedIs(j, "(")) && (p.tok(j).kind == digits || p.is(j, "("))
}

func phoneGroup(t tok) string {
	switch {
	case t.kind == word:
		return strings.ReplaceAll(t.text, "-", " ")
	case t.text == "800":
		return "eight hundred"
	}
	return spellDigits(t.text)
}

// isPhone knows the forms: 3-3-4, 1-3-3-4, 3-4, 3-2-4 (social security), with + or an area code in brackets any of seven
// digits or more.
func isPhone(shape []string, plus, bracket bool) bool {
	form, total := "", 0
	for _, g := range shape {
		form += itoa(min(len(g), 9))
		total += len(g)
	}
	switch form {
	case "334", "1334", "34", "324", "3344", "3341", "3343":
		return true
	}
	word := len(shape) > 2 && !isDigit(shape[len(shape)-1][0])
	return plus && total >= 7 && total <= 15 || bracket && total >= 10 && total <= 15 || word && shape[0] == "1" && len(shape[1]) == 3
}

// dotted reads 192.168.0.1 digit by digit, and versions such as 1.2.3.
func dotted(p *parser, i int) (string, int) {
	parts := []string{p.toks[i].text}
	n := 1
	for p.gluedIs(i+n, ".") && p.glued(i+n+1) && p.tok(i+n+1).kind == digits && len(parts) < 8 {
		parts = append(parts, p.toks[i+n+1].text)
		n += 2
	}
	if len(parts) < 3 {
		return "", 0
	}
	for k, d := range parts {
		if len(parts) == 4 || d[0] == '0' {
			parts[k] = spellDigits(d)
		} else {
			parts[k] = cardinal(d)
		}
	}
	if len(parts) == 4 {
		return strings.Join(parts, " dot "), n
	}
	return strings.Join(parts, " point "), n
}
