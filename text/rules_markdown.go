package text

// markdown drops the signs of headings, items and links: "## Results", "+ item", "[the docs](https://example.com)".
func markdown(p *parser, i int) (string, int) {
	switch p.toks[i].text {
	case "#":
		return "", p.heading(i)
	case "*", "+", ">":
		if p.toks[i].line && p.tok(i+1).space && p.tok(i+1).kind == word {
			return "", 1
		}
	case "!":
		if p.gluedIs(i+1, "[") && p.linkText(i+1) {
			return "", 2
		}
	case "[":
		if p.linkText(i) {
			return "", 1
		}
	case "]":
		return "", p.linkTarget(i)
	}
	return "", 0
}

// heading counts the signs at the start of a heading.
func (p *parser) heading(i int) int {
	if !p.toks[i].line {
		return 0
	}
	n := 1
	for p.gluedIs(i+n, "#") {
		n++
	}
	if n > 6 || i+n == len(p.toks) || p.glued(i+n) {
		return 0
	}
	return n
}

// linkText reports whether the bracket at i opens the text of a link.
func (p *parser) linkText(i int) bool {
	for k := i + 1; k < i+64 && k < len(p.toks); k++ {
		if p.toks[k].text == "]" {
			return p.linkTarget(k) > 0
		}
	}
	return false
}

// linkTarget counts the tokens of "](https://example.com)" at i, zero when it is no address.
func (p *parser) linkTarget(i int) int {
	if !p.gluedIs(i+1, "(") {
		return 0
	}
	open, address := 1, false
	for k := i + 2; k < i+maxAddress && p.glued(k); k++ {
		switch p.toks[k].text {
		case "(":
			open++
		case ")":
			open--
		case ".", "/", "#":
			address = true
		case "[", "]":
			return 0
		}
		switch {
		case open == 0 && address:
			return k + 1 - i
		case open == 0:
			return 0
		}
	}
	return 0
}
