package wer

import (
	"math/big"
	"regexp"
	"strings"
)

// numbers writes spelled-out numbers in digits, word by word, the way Whisper's evaluation does: "nineteen ninety nine" is 1999, "two
// dollars and seventy cents" $2.70, "double oh seven" 007.
type numbers struct {
	units, tens              map[string]int64    // one to nineteen; twenty to ninety
	powers                   map[string]*big.Int // hundred to decillion
	endUnits, endTens        map[string]suffixed // sixes, sixth; sixties, sixtieth
	endPowers                map[string]powerEnd // hundreds, hundredth
	signsBefore, signsBehind map[string]string   // minus -> -; dollars -> $
	words, zeros, afterPoint map[string]bool     // all words that belong to numbers; those for 0; those that can follow "point"
}

type suffixed struct {
	value  int64
	suffix string
}

type powerEnd struct {
	value  *big.Int
	suffix string
}

func newNumbers() *numbers {
	n := &numbers{
		units: map[string]int64{}, tens: map[string]int64{}, powers: map[string]*big.Int{},
		endUnits: map[string]suffixed{"zeroth": {0, "th"}, "first": {1, "st"}, "second": {2, "nd"}, "third": {3, "rd"}, "fifth": {5, "th"}, "twelfth": {12, "th"}},
		endTens:  map[string]suffixed{}, endPowers: map[string]powerEnd{},
		signsBefore: map[string]string{"minus": "-", "negative": "-", "plus": "+", "positive": "+"},
		signsBehind: map[string]string{"pound": "£", "pounds": "£", "euro": "€", "euros": "€", "dollar": "$", "dollars": "$", "cent": "¢", "cents": "¢"},
		zeros:       map[string]bool{"o": true, "oh": true, "zero": true},
	}
	n.fill()
	n.words, n.afterPoint = map[string]bool{}, map[string]bool{}
	add(n.afterPoint, n.zeros)
	add(n.afterPoint, n.units)
	add(n.afterPoint, n.tens)
	add(n.words, n.afterPoint)
	add(n.words, n.powers)
	add(n.words, n.endUnits)
	add(n.words, n.endTens)
	add(n.words, n.endPowers)
	add(n.words, n.signsBefore)
	add(n.words, n.signsBehind)
	for _, w := range []string{"per", "percent", "and", "double", "triple", "point"} {
		n.words[w] = true
	}
	return n
}

// fill makes the tables of units, tens and powers with their plurals and ordinals.
func (n *numbers) fill() {
	for i, name := range strings.Fields("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen") {
		value := int64(i + 1)
		n.units[name] = value
		plural := name + "s"
		if name == "six" {
			plural = "sixes"
		}
		n.endUnits[plural] = suffixed{value, "s"}
		if value > 3 && value != 5 && value != 12 {
			ordinal := name + "th"
			if strings.HasSuffix(name, "t") {
				ordinal = name + "h"
			}
			n.endUnits[ordinal] = suffixed{value, "th"}
		}
	}
	for i, name := range strings.Fields("twenty thirty forty fifty sixty seventy eighty ninety") {
		value := int64(10 * (i + 2))
		n.tens[name] = value
		stem := strings.TrimSuffix(name, "y")
		n.endTens[stem+"ies"], n.endTens[stem+"ieth"] = suffixed{value, "s"}, suffixed{value, "th"}
	}
	value := big.NewInt(100)
	for _, name := range strings.Fields("hundred thousand million billion trillion quadrillion quintillion sextillion septillion octillion nonillion decillion") {
		n.powers[name] = new(big.Int).Set(value)
		n.endPowers[name+"s"], n.endPowers[name+"th"] = powerEnd{n.powers[name], "s"}, powerEnd{n.powers[name], "th"}
		if name == "hundred" {
			value.SetInt64(1000)
		} else {
			value.Mul(value, big.NewInt(1000))
		}
	}
}

// add puts the keys of a map into a set.
func add[V any](set map[string]bool, from map[string]V) {
	for w := range from {
		set[w] = true
	}
}

var (
	andAHalf    = regexp.MustCompile(`\band\s+a\s+half\b`)
	letterDigit = regexp.MustCompile(`([a-z])([0-9])`)
	digitLetter = regexp.MustCompile(`([0-9])([a-z])`)
	suffixAlone = regexp.MustCompile(`([0-9])\s+(st|nd|rd|th|s)\b`)
	cents       = regexp.MustCompile(`([€£$])([0-9]+) (?:and )?¢([0-9]{1,2})\b`)
	onlyCents   = regexp.MustCompile(`[€£$]0.([0-9]{1,2})\b`)
	one         = regexp.MustCompile(`\b1(s?)\b`)
)

// apply rewrites the numbers of a text in lower case.
func (n *numbers) apply(text string) string {
	r := reading{numbers: n, words: strings.Fields(n.prepare(text))}
	r.read()
	text = strings.Join(r.out, " ")
	text = cents.ReplaceAllStringFunc(text, func(m string) string {
		p := cents.FindStringSubmatch(m)
		return p[1] + p[2] + "." + ("0" + p[3])[len(p[3])-1:]
	})
	text = onlyCents.ReplaceAllStringFunc(text, func(m string) string {
		cents := strings.TrimPrefix(onlyCents.FindStringSubmatch(m)[1], "0")
		if cents == "" {
			cents = "0"
		}
		return "¢" + cents
	})
	return one.ReplaceAllString(text, "one$1")
}

// prepare writes "and a half" as "point five" behind numbers, and parts digits from letters, but for the endings of ordinals.
func (n *numbers) prepare(text string) string {
	var parts []string
	segments := andAHalf.Split(text, -1)
	for i, s := range segments {
		words := strings.Fields(s)
		if len(words) == 0 {
			continue
		}
		parts = append(parts, s)
		last := words[len(words)-1]
		switch _, power := n.powers[last]; {
		case i == len(segments)-1:
		case n.afterPoint[last] || power:
			parts = append(parts, "point five")
		default:
			parts = append(parts, "and a half")
		}
	}
	text = letterDigit.ReplaceAllString(strings.Join(parts, " "), "$1 $2")
	text = digitLetter.ReplaceAllString(text, "$1 $2")
	return suffixAlone.ReplaceAllString(text, "$1$2")
}

var numeral = regexp.MustCompile(`^\d+(\.\d+)?$`)

// sign is the currency or sign that a word starts with, "" if it does not.
func sign(word string) string {
	for _, s := range []string{"-", "+", "£", "€", "$", "¢"} {
		if strings.HasPrefix(word, s) {
			return s
		}
	}
	return ""
}

func has[V any](m map[string]V, word string) bool {
	_, ok := m[word]
	return ok
}

// numeric tells whether a word can go on a number.
func (n *numbers) numeric(word string) bool { return n.words[word] || numeral.MatchString(word) }
