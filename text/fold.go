package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folded is a text in the few characters that the rules know, with the way back to the source.
type folded struct {
	text string
	from []int32 // byte of the source for each byte of text and its end; nil when text is the source
}

// source returns the byte of the source that byte i of the folded text stands for.
func (f *folded) source(i int) int {
	if f.from == nil {
		return i
	}
	return int(f.from[i])
}

// typographic characters and what the rules and the lexicon expect.
var foldTable = map[rune]string{
	'‘': "'", '’': "'", '‛': "'", '′': "'", 'ʼ': "'", '`': "'", '´': "'",
	'“': `"`, '”': `"`, '„': `"`, '‟': `"`, '″': `"`, '«': `"`, '»': `"`,
	'‐': "-", '‑': "-", '‒': "–", '―': "—", '−': "-", '﹣': "-", '－': "-",
	'…': "…", '。': ".", '，': ",", '、': ",", '！': "!", '？': "?", '：': ":", '；': ";", '¡': "", '¿': "",
	'º': "°", '˚': "°", 'µ': "μ", '∕': "/", '⁄': "/", '·': " ", '•': " ", '\u00ad': "",
	'℃': "°C", '℉': "°F", '№': "No. ", '©': " copyright ", '®': "", '™': "",
}

// keptSymbols are not decomposed: rules know them.
const keptSymbols = "²³½⅓⅔¼¾⅕⅖⅗⅘⅙⅛⅜⅝⅞°×÷±€£¥₩₹₽¢§μ–—…≈≠≤≥∞√→"

// fold maps the text onto letters, digits and the punctuation that the rules know: curly quotes and dashes, full-width
// forms, ligatures and other compatibility characters. Emoji and other symbols become a space; control characters and the
// escape sequences of terminals go.
func fold(s string) folded {
	if isPlain(s) {
		return folded{text: s}
	}
	var b strings.Builder
	b.Grow(len(s))
	from := make([]int32, 0, len(s)+1)
	put := func(piece string, at int) {
		b.WriteString(piece)
		for range len(piece) {
			from = append(from, int32(at))
		}
	}
	for i := 0; i < len(s); {
		if n := escapeSequence(s[i:]); n > 0 {
			i += n
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		put(foldRune(r, s[i:i+n]), i)
		i += n
	}
	return folded{b.String(), append(from, int32(len(s)))}
}

// maxEscape bounds the search for the end of an escape sequence that holds a text.
const maxEscape = 1024

// escapeSequence returns the length of the terminal's escape sequence at the start of s (ECMA-48, section 5), or zero:
// a colour, "\x1b[31m"; a title or a link, "\x1b]0;title\a"; or a short one, "\x1b(B". Of one that does not end, the start counts.
func escapeSequence(s string) int {
	if len(s) < 2 || s[0] != 0x1b {
		return 0
	}
	n := 2
	switch s[1] {
	case '[':
		n = skipBytes(s, skipBytes(s, n, 0x30, 0x3f), 0x20, 0x2f)
	case ']', 'P', 'X', '^', '_':
		if k := strings.IndexAny(s[:min(len(s), maxEscape)][2:], "\a\x1b"); k >= 0 {
			n = 2 + k + 1
			if s[n-1] == 0x1b {
				n = skipBytes(s, n, '\\', '\\')
			}
		}
		return n
	default:
		n = skipBytes(s, 1, 0x20, 0x2f)
	}
	return min(skipBytes(s, n, 0x30, 0x7e), n+1)
}

// skipBytes returns the position of the first byte of s from i that is not within first to last.
func skipBytes(s string, i int, first, last byte) int {
	for i < len(s) && first <= s[i] && s[i] <= last {
		i++
	}
	return i
}

func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == '`' || c == 0x7f {
			return false
		}
	}
	return true
}

func foldRune(r rune, raw string) string {
	if t, ok := foldTable[r]; ok {
		return t
	}
	switch {
	case r == '\n':
		return "\n"
	case r == '\t' || r == '\r':
		return " "
	case r < ' ' || r == 0x7f || r == utf8.RuneError || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r):
		return ""
	case r < utf8.RuneSelf || strings.ContainsRune(keptSymbols, r):
		return raw
	case unicode.IsSpace(r):
		return " "
	case unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r):
		return norm.NFKC.String(raw)
	}
	if k := norm.NFKC.String(raw); k[0] < utf8.RuneSelf {
		return k
	}
	return " "
}

// plainLetters spells Latin letters that no decomposition takes apart.
var plainLetters = strings.NewReplacer("ß", "ss", "æ", "ae", "Æ", "Ae", "œ", "oe", "Œ", "Oe", "ø", "o", "Ø", "O", "ł", "l", "Ł", "L",
	"đ", "d", "Đ", "D", "ð", "th", "Ð", "Th", "þ", "th", "Þ", "Th", "ı", "i", "ħ", "h")

// unaccent takes the accents off Latin letters: "café" -> "cafe", "Straße" -> "Strasse".
func unaccent(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return strings.Map(func(r rune) rune {
				if unicode.Is(unicode.Mn, r) {
					return -1
				}
				return r
			}, norm.NFD.String(plainLetters.Replace(s)))
		}
	}
	return s
}
