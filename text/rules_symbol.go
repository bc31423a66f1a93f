package text

import "strings"

// plainSymbol emits a mark, or the name of a symbol; quotes and other signs go.
func (p *parser) plainSymbol(i int) {
	t := p.toks[i].text
	switch t {
	case ",", ";", ":", "!", "?", "…", "—":
		p.mark(t, i)
	case ".":
		p.period(i)
	case "–", "-":
		p.dash(i)
	case "/":
		p.slash(i)
	case "(", ")", "[", "]", "{", "}":
		p.bracket(i)
	default:
		if f, ok := fractions[t]; ok {
			p.say(f, i, 1)
		} else if name, ok := symbolNames[t]; ok {
			p.say(name, i, 1)
		}
	}
}

// period emits "…" for three of them and "." at the end of a sentence; others are part of something.
func (p *parser) period(i int) {
	switch {
	case p.gluedIs(i+1, ".") && p.gluedIs(i+2, "."):
		p.mark("…", i)
	case p.gluedIs(i, ".") && len(p.out) > 0 && p.out[len(p.out)-1].Text == "…":
	case p.glued(i+1) && p.toks[i+1].kind != symbol && p.glued(i):
		if p.toks[i+1].kind == digits && p.toks[i-1].kind == digits {
			p.say("point", i, 1)
		} else if p.toks[i-1].kind != symbol && strings.ToLower(p.toks[i+1].text) == p.toks[i+1].text {
			p.say("dot", i, 1)
		} else {
			p.mark(".", i)
		}
	default:
		p.mark(".", i)
	}
}

// dash emits a mark for a dash between words. A hyphen inside a compound is silent.
func (p *parser) dash(i int) {
	switch {
	case p.gluedIs(i+1, "-"), p.toks[i].text == "–" && !p.glued(i+1):
		p.mark("—", i)
	case p.toks[i].space && !p.glued(i+1) && i+1 < len(p.toks):
		p.mark("—", i)
	}
}

// silentSlash are words between which a slash is not read.
var silentSlash = set("and or he she him her his hers s")

func (p *parser) slash(i int) {
	if p.tok(i-1).kind != symbol && p.tok(i+1).kind != symbol && i > 0 && !(silentSlash[p.lower(i-1)] && silentSlash[p.lower(i+1)]) {
		p.say("slash", i, 1)
	}
}

// bracket makes a pause where a remark starts or ends, unless there is one.
func (p *parser) bracket(i int) {
	opens := strings.Contains("([{", p.toks[i].text)
	if opens && p.toks[i].space || !opens && i+1 < len(p.toks) && p.toks[i+1].space && p.toks[i+1].kind != symbol {
		p.mark(",", i)
	}
}
