package text

import "strings"

const maxAddress = 400 // tokens

// address reads a URL or an e-mail address, to the next space or sign that ends it.
func address(p *parser, i int) (string, int) {
	if i < p.plain {
		return "", 0
	}
	if p.toks[i].kind == symbol && p.toks[i].text != "/" {
		return "", 0
	}
	end := p.addressEnd(i)
	p.plain = end
	for end > i && strings.Contains(`.,;:!?)}'*_`, p.toks[end-1].text) {
		end--
	}
	if end-i < 3 || end-i > maxAddress || !p.isAddress(i, end) {
		return "", 0
	}
	start := i
	if k := p.scheme(i, end); k > 0 {
		start = k
	}
	var words []string
	for k := start; k < end; k++ {
		words = append(words, p.addressWord(k))
	}
	return strings.Join(words, " "), end - i
}

// addressEnd returns where what may be an address at i ends: at a space, a quotation mark or a bracket, but a round one
// may open inside of an address.
func (p *parser) addressEnd(i int) int {
	end, found := i+1, false
	for ; p.glued(end) && !strings.Contains(`"<>[]|`, p.toks[end].text); end++ {
		if p.toks[end].text != "(" || found {
			continue
		}
		if found = p.isAddress(i, end); !found {
			break
		}
	}
	return end
}

// isAddress reports whether tokens i to end have "://", an e-mail's @, or a host name with a known last part.
func (p *parser) isAddress(i, end int) bool {
	if p.scheme(i, end) > 0 || p.is(i, "www") && p.is(i+1, ".") {
		return true
	}
	host := i
	for k := i; k < end; k++ {
		if p.is(k, "@") && k > i && k+3 < end {
			return true
		}
	}
	for k := host; k+1 < end; k++ { // example.com, example.com/path
		if p.is(k+1, "/") {
			return k-2 >= i && domains[p.tok(k).text] && p.is(k-1, ".")
		}
	}
	last := p.tok(end - 1).text
	return p.is(end-2, ".") && domains[last] && len(last) != 2 && p.tok(end-3).kind != symbol
}

// scheme returns the token after "https://", zero when there is no scheme.
func (p *parser) scheme(i, end int) int {
	if i+4 < end && p.toks[i].kind == word && p.is(i+1, ":") && p.is(i+2, "/") && p.is(i+3, "/") {
		return i + 4
	}
	return 0
}

var addressSigns = map[string]string{".": "dot", "/": "slash", "-": "dash", "_": "underscore", "@": "at", ":": "colon", "?": "question mark",
	"=": "equals", "&": "ampersand", "#": "hash", "~": "tilde", "%": "percent", "+": "plus", "–": "dash"}

// addressWord reads one token of an address.
func (p *parser) addressWord(k int) string {
	t := p.toks[k]
	switch {
	case t.kind == digits && len(t.text) <= 2 && t.text[0] != '0':
		return cardinal(t.text)
	case t.kind == digits:
		return spellDigits(t.text)
	case t.kind == symbol:
		return addressSigns[t.text]
	case t.text == "www", len(t.text) == 2 && p.gluedIs(k, ".") && domains[t.text], t.text == "html" || t.text == "htm":
		return strings.ToUpper(t.text)
	}
	return strings.ReplaceAll(t.text, "-", " dash ")
}

// hashtag reads #1, #golang and @name.
func hashtag(p *parser, i int) (string, int) {
	t := p.toks[i].text
	if t != "#" || !p.glued(i+1) {
		return "", 0
	}
	switch p.toks[i+1].kind {
	case digits:
		return "number", 1
	case word:
		return "hashtag", 1
	}
	return "", 0
}
