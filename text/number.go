package text

import "strings"

var (
	ones = [...]string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
		"thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"}
	tens   = [...]string{"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"}
	scales = [...]string{"", "thousand", "million", "billion", "trillion", "quadrillion", "quintillion", "sextillion", "septillion",
		"octillion", "nonillion", "decillion"}
	irregularOrdinals = map[string]string{"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
		"nine": "ninth", "twelve": "twelfth"}
)

// cardinal reads a string of digits as a number: "one hundred and twenty three". Numbers beyond the named scales are
// read digit by digit.
func cardinal(digits string) string {
	digits = strings.TrimLeft(digits, "0")
	if digits == "" {
		return "zero"
	}
	if len(digits) > 3*len(scales) {
		return spellDigits(digits)
	}
	var words []string
	for len(digits) > 0 {
		group := (len(digits) - 1) / 3
		cut := len(digits) - 3*group
		words = appendHundreds(words, atoi(digits[:cut]), group == 0)
		if group > 0 && strings.Trim(digits[:cut], "0") != "" {
			words = append(words, scales[group])
		}
		digits = digits[cut:]
	}
	return strings.Join(words, " ")
}

// appendHundreds reads n < 1000; with and, as in "one hundred and two".
func appendHundreds(words []string, n int, and bool) []string {
	if n >= 100 {
		words = append(words, ones[n/100], "hundred")
	}
	rest := n % 100
	if and && rest > 0 && len(words) > 0 {
		words = append(words, "and")
	}
	switch {
	case rest == 0:
		return words
	case rest < 20:
		return append(words, ones[rest])
	case rest%10 == 0:
		return append(words, tens[rest/10])
	}
	return append(words, tens[rest/10], ones[rest%10])
}

// number reads a small integer.
func number(n int) string { return cardinal(itoa(n)) }

// ordinal reads digits as a rank: "one hundred twenty first".
func ordinal(digits string) string {
	return toOrdinal(strings.ReplaceAll(cardinal(digits), " and ", " "))
}

// toOrdinal turns the last word of a number into its rank.
func toOrdinal(words string) string {
	i := strings.LastIndexByte(words, ' ') + 1
	last := words[i:]
	switch o, ok := irregularOrdinals[last]; {
	case ok:
		last = o
	case strings.HasSuffix(last, "y"):
		last = last[:len(last)-1] + "ieth"
	default:
		last += "th"
	}
	return words[:i] + last
}

// spellDigits reads digits one by one.
func spellDigits(digits string) string {
	words := make([]string, len(digits))
	for i := range digits {
		words[i] = ones[digits[i]-'0']
	}
	return strings.Join(words, " ")
}

// year reads three or four digits as a year: "nineteen oh six", "two thousand six", "twenty twelve", "twelve hundred".
func year(digits string) string {
	digits = strings.TrimLeft(digits, "0")
	n := atoi(digits)
	switch {
	case len(digits) < 3 || len(digits) > 4 || n%1000 == 0 || n/10 == 200:
		return strings.Replace(cardinal(digits), " and ", " ", 1)
	case n%100 == 0:
		return number(n/100) + " hundred"
	case n%100 < 10:
		return number(n/100) + " oh " + number(n%100)
	}
	return number(n/100) + " " + number(n%100)
}

// pairs reads digits two at a time, as in house numbers: "fourteen twenty eight", "one twenty three", "seven zero eight".
func pairs(digits string) string {
	n := atoi(digits)
	switch {
	case len(digits) > 4 || digits[0] == '0':
		return spellDigits(digits)
	case len(digits) < 3 || n%100 == 0:
		return cardinal(digits)
	case n%100 < 10:
		return spellDigits(digits)
	}
	return number(n/100) + " " + number(n%100)
}

// decimal reads a number with the digits after the point one by one: "three point one four".
func decimal(whole, fraction string) string {
	if fraction == "" {
		return cardinal(whole)
	}
	point := "point " + spellDigits(fraction)
	if whole == "" {
		return point
	}
	return cardinal(whole) + " " + point
}

// plural makes the last word of a phrase plural: "sixty" -> "sixties", "inch" -> "inches".
func plural(s string) string {
	switch {
	case strings.HasSuffix(s, "y") && !strings.HasSuffix(s, "ey") && !strings.HasSuffix(s, "ay"):
		return s[:len(s)-1] + "ies"
	case strings.HasSuffix(s, "x"), strings.HasSuffix(s, "ch"), strings.HasSuffix(s, "s"):
		return s + "es"
	}
	return s + "s"
}

// atoi reads at most nine digits; longer strings saturate.
func atoi(digits string) int {
	n := 0
	for i := 0; i < len(digits) && n < 1e9; i++ {
		n = 10*n + int(digits[i]-'0')
	}
	return n
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}
