package wer

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// English returns Whisper's normaliser for English. It follows the published one to the letter, oddities included, because error rates
// are only comparable then.
func English() Normalizer {
	numbers, spelling := newNumbers(), newSpelling()
	return func(text string) string {
		text = withoutBrackets(strings.ToLower(text))
		for _, filler := range []string{"hmm", "mm", "mhm", "mmm", "uh", "um"} {
			text = expand(text, filler, "", true)
		}
		text = beforeApostrophe.ReplaceAllString(text, "'")
		for _, c := range contractions {
			text = expand(text, c[0], c[1], c[0][0] != '\'' && c[0] != "n't")
		}
		text = digitComma.ReplaceAllString(text, "$1$2")
		text = fullStop.ReplaceAllString(text, " $1")
		text = withoutSymbols(text)
		text = spelling.apply(numbers.apply(text))
		text = loneSign.ReplaceAllString(text, " $1")
		text = lonePercent.ReplaceAllString(text, "$1 ")
		return spaces.ReplaceAllString(text, " ")
	}
}

var (
	beforeApostrophe = regexp.MustCompile(`[\s\p{Z}\x{85}]+'`)
	digitComma       = regexp.MustCompile(`(\d),(\d)`)
	fullStop         = regexp.MustCompile(`\.([^0-9]|$)`)
	loneSign         = regexp.MustCompile(`[.$¢€£]([^0-9])`)
	lonePercent      = regexp.MustCompile(`([^0-9])%`)
)

// contractions and abbreviations with what they stand for, replaced in this order.
var contractions = [][2]string{
	{"won't", "will not"}, {"can't", "can not"}, {"let's", "let us"}, {"ain't", "aint"}, {"y'all", "you all"}, {"wanna", "want to"},
	{"gotta", "got to"}, {"gonna", "going to"}, {"i'ma", "i am going to"}, {"imma", "i am going to"}, {"woulda", "would have"},
	{"coulda", "could have"}, {"shoulda", "should have"}, {"ma'am", "madam"},

	{"mr", "mister "}, {"mrs", "missus "}, {"st", "saint "}, {"dr", "doctor "}, {"prof", "professor "}, {"capt", "captain "},
	{"gov", "governor "}, {"ald", "alderman "}, {"gen", "general "}, {"sen", "senator "}, {"rep", "representative "},
	{"pres", "president "}, {"rev", "reverend "}, {"hon", "honorable "}, {"asst", "assistant "}, {"assoc", "associate "},
	{"lt", "lieutenant "}, {"col", "colonel "}, {"jr", "junior "}, {"sr", "senior "}, {"esq", "esquire "},

	{"'d been", " had been"}, {"'s been", " has been"}, {"'d gone", " had gone"}, {"'s gone", " has gone"}, {"'d done", " had done"},
	{"'s got", " has got"},
	{"n't", " not"}, {"'re", " are"}, {"'s", " is"}, {"'d", " would"}, {"'ll", " will"}, {"'t", " not"}, {"'ve", " have"}, {"'m", " am"},
}

// expand replaces old where it ends a word, and starts one too if whole is set.
func expand(text, old, by string, whole bool) string {
	if !strings.Contains(text, old) {
		return text
	}
	var b strings.Builder
	for from := 0; ; {
		i := strings.Index(text[from:], old)
		if i < 0 {
			b.WriteString(text[from:])
			return b.String()
		}
		at, end := from+i, from+i+len(old)
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[end:])
		if end < len(text) && inWord(after) || whole && at > 0 && inWord(before) {
			_, n := utf8.DecodeRuneInString(text[at:])
			b.WriteString(text[from : at+n])
			from = at + n
			continue
		}
		b.WriteString(text[from:at])
		b.WriteString(by)
		from = end
	}
}

// inWord tells whether a regular expression's \w matches.
func inWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) }

// letters that Unicode does not take apart.
var letters = map[rune]string{
	'œ': "oe", 'Œ': "OE", 'ø': "o", 'Ø': "O", 'æ': "ae", 'Æ': "AE", 'ß': "ss", 'ẞ': "SS", 'đ': "d", 'Đ': "D", 'ð': "d", 'Ð': "D",
	'þ': "th", 'Þ': "th", 'ł': "l", 'Ł': "L",
}

// withoutSymbols takes accents off letters and makes spaces of punctuation and symbols, but for those of numbers.
func withoutSymbols(text string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		switch plain, ok := letters[r]; {
		case strings.ContainsRune(".%$¢€£", r):
			b.WriteRune(r)
		case ok:
			b.WriteString(plain)
		case unicode.Is(unicode.Mn, r):
		case unicode.In(r, unicode.M, unicode.S, unicode.P):
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
