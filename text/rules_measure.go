package text

import "strings"

// unit reads the unit at token i, in the singular when one; exact says that the number has a fraction, which makes even
// an ambiguous letter a unit.
func (p *parser) unit(i int, one, exact bool) (string, int) {
	j := i
	if p.gluedIs(j, "-") && p.glued(j+1) && len(p.toks[j+1].text) > 1 { // 5-km run
		j++
	}
	name, n := p.simpleUnit(j, exact)
	if n == 0 {
		return "", 0
	}
	n += j - i
	if j > i {
		one = true
	}
	if p.tok(i+n-1).text == "sq" {
		if next, k := p.simpleUnit(i+n, true); k > 0 {
			name, n = "square "+next, n+k
		}
	}
	if power, ok := powers[p.tok(i+n).text]; ok && p.glued(i+n) {
		name, n = power+" "+name, n+1
	}
	if !one {
		name = pluralUnit(name)
	}
	if p.gluedIs(i+n, "/") {
		if per, k := p.simpleUnit(i+n+1, true); k > 0 && p.glued(i+n+1) {
			name, n = name+" per "+per, n+1+k
		}
	}
	if p.gluedIs(i+n, ".") && p.tok(i+n+1).space && p.lower(i+n+1) != "" && p.lower(i+n+1) == p.tok(i+n+1).text && j == i && len(p.toks[i].text) < 4 {
		n++ // the period of "5 ft. tall"
	}
	return name, n
}

var powers = map[string]string{"²": "square", "³": "cubic", "2": "square", "3": "cubic"}

// simpleUnit reads one unit, singular.
func (p *parser) simpleUnit(i int, exact bool) (string, int) {
	t := p.tok(i)
	if t.text == "°" {
		if name, ok := units["°"+p.tok(i+1).text]; ok && p.tok(i+1).kind == word {
			return name, 2
		}
		return "degree", 1
	}
	if t.text == `"` && !t.space && i > 0 && !p.quoted(i) {
		return "inch", 1
	}
	name, ok := units[t.text]
	if !ok || p.glued(i+1) && p.toks[i+1].kind == word {
		return "", 0
	}
	if t.space && ambiguousUnits[t.text] && !exact && !p.gluedIs(i+1, "/") && powers[p.tok(i+1).text] == "" {
		return "", 0
	}
	return name, 1
}

// quoted reports whether a quotation is open before token i, within a few words.
func (p *parser) quoted(i int) bool {
	open := false
	for k := max(0, i-40); k < i; k++ {
		if p.toks[k].text == `"` {
			open = !open
		}
	}
	return open
}

// pluralUnit makes "mile per hour" "miles per hour".
func pluralUnit(name string) string {
	first, rest := name, ""
	if i := strings.Index(name, " per "); i > 0 {
		first, rest = name[:i], name[i:]
	}
	if first == "" || strings.HasPrefix(name, "per ") {
		return name
	}
	if strings.HasPrefix(first, "degree") {
		return "degrees" + first[len("degree"):] + rest
	}
	i := strings.LastIndexByte(first, ' ') + 1
	for _, key := range []string{first, first[i:]} {
		if p, ok := unitPlurals[key]; ok {
			return strings.TrimSuffix(first, key) + p + rest
		}
	}
	return plural(first) + rest
}
