package text

import (
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestNormalize(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{" \n\t ", ""},
		{"?!... ---", ""},
		{"😀👍🏽", ""},
		{"plain words stay, as they are.", "plain words stay, as they are."},
		// numbers
		{"0 7 12 40 99 100 101 110", "zero seven twelve forty ninety nine one hundred one hundred and one one hundred and ten"},
		{"1,001 and 2,000,017", "one thousand and one and two million and seventeen"},
		{"12345 things", "twelve thousand three hundred and forty five things"},
		{"007", "zero zero seven"},
		{"3.14, .5 and 10.0", "three point one four, point five and ten point zero"},
		{"It rose by .5-1 points.", "It rose by point five to one points."},
		{"-3 and −4.5", "minus three and minus four point five"},
		{"5-3=2", "five minus three equals two"},
		{"1st, 2nd, 3rd, 11th, 21st, 100th", "first, second, third, eleventh, twenty first, one hundredth"},
		{"1/2, 3/4, 2 1/3 and 2½ cups", "one half, three quarters, two and one third and two and a half cups"},
		{"pages 10-12", "pages ten to twelve"},
		{"a 3–4 day trip", "a three to four day trip"},
		{"a 4x4, 3 x 5 cm", "a four by four, three by five centimeters"},
		{"5 million people, 5k, 4K", "five million people, five thousand, four K"},
		{strings.Repeat("9", 40), strings.TrimSpace(strings.Repeat("nine ", 40))},
		// years
		{"in 1066, 1905, 2000, 2007 and 2024", "in ten sixty six, nineteen oh five, two thousand, two thousand seven and twenty twenty four"},
		{"in 1984 words", "in one thousand nine hundred and eighty four words"},
		{"the 1990s, '80s and mid-1970s", "the nineteen nineties, eighties and mid nineteen seventies"},
		{"1939-45, 1980-1986", "nineteen thirty nine to forty five, nineteen eighty to nineteen eighty six"},
		// money
		{"$5, $1, $3.50, $0.01, $20.01", "five dollars, one dollar, three dollars and fifty cents, one cent, twenty dollars and one cent"},
		{"$3.5 million and $2bn", "three point five million dollars and two billion dollars"},
		{"€20, £1.20, ¥500, 50¢, 5€, 20 USD", "twenty euros, one pound and twenty pence, five hundred yen, fifty cents, five euros, twenty US dollars"},
		{"$5-10, $250-$300, $15/hr", "five to ten dollars, two hundred and fifty dollars to three hundred dollars, fifteen dollars per hour"},
		// dates
		{"2024-01-05, 1/5/2024, 15/3/2024", "January fifth, twenty twenty four, January fifth, twenty twenty four, the fifteenth of March, twenty twenty four"},
		{"Jan 5, 2024", "January fifth, twenty twenty four"},
		{"on the 5th of May, 5 June 1999, July 1876", "on the fifth of May, the fifth of June nineteen ninety nine, July eighteen seventy six"},
		{"Jan 5-7, Sept. 3rd", "January fifth to seventh, September third"},
		{"they march 5 miles; you may 5 times", "they march five miles; you may five times"},
		{"2021-05-06T14:30:00Z", "May sixth, twenty twenty one fourteen hours thirty minutes and zero seconds Z"},
		// times
		{"3:45 pm, 14:30, 3:05, 12:00, 5pm, 10 a.m. to 6 p.m.", "three forty five PM, fourteen thirty, three oh five, twelve o'clock, five PM, ten AM to six PM."},
		{"5pm-7pm, 16:9", "five PM to seven PM, sixteen to nine"},
		// telephone, addresses
		{"(212) 555-0142", "two one two, five five five, zero one four two"},
		{"+1 212-555-0142", "plus one, two one two, five five five, zero one four two"},
		{"1-800-FLOWERS", "one, eight hundred, FLOWERS"},
		{"192.168.0.1, version 1.2.3", "one nine two dot one six eight dot zero dot one, version one point two point three"},
		{"jo.doe@example.com", "jo dot doe at example dot com"},
		{"(see https://example.com/a-b_c?x=1).", "see example dot com slash a dash b underscore c question mark x equals one."},
		{"example.org and report.pdf", "example dot org and report dot pdf"},
		{"Dr. Ray, 12 Elm St., Reno, NV 89501", "doctor Ray, twelve Elm Street, Reno, Nevada eight nine five zero one"},
		// units
		{"5%, 2.5 kg, 1 km, 60 mph, 16GB, 100km/h, 5 m²", "five percent, two point five kilograms, one kilometer, sixty miles per hour, sixteen gigabytes, one hundred kilometers per hour, five square meters"},
		{"20°C, -4 °F, 90°, 5'", "twenty degrees Celsius, minus four degrees Fahrenheit, ninety degrees, five"},
		{"6 ft. tall, 5 in a row, a 5-km run", "six feet tall, five in a row, a five kilometer run"},
		// abbreviations, names
		{"Mr. and Mrs. Smith vs. St. Mary's", "Mr. and Mrs Smith versus saint Mary's"},
		{"e.g. this, i.e. that, etc.", "for example this, that is that, et cetera."},
		{"J. R. R. Tolkien, the U.S. Army, U.N.", "J R R Tolkien, the US Army, UN."},
		{"Henry VIII, World War II, Chapter IV, I am", "Henry the eighth, World War two, Chapter four, I am"},
		{"A Ph.D. w/ honors", "A PhD with honors"},
		{"No. 5, p. 12, no 5", "number five, page twelve, no five"},
		{"'Tis rock 'n' roll, 'quoted'", "'Tis rock 'n' roll, quoted"},
		// symbols and scripts
		{"A & B @ 5 + 3 = 8 #1 §4", "A and B at five plus three equals eight number one section four"},
		{"“Yes” — said ‘she’… (softly) [now]", "Yes— said she… softly, now"},
		{"wait -- no - yes; well-known", "wait— no— yes; well-known"},
		{"Ｆｕｌｌ　ｗｉｄｔｈ ①, ﬁne", "Full width one, fine"},
		{"привет 你好 α and café", "alpha and café"},
		{"zero\u200bwidth\x00 \x1b[31m soft\u00adhyphen", "zerowidth softhyphen"},
		{"he/she, up/down", "he she, up slash down"},
		{"\xff\xfe bad utf8", "bad utf eight"},
	} {
		if got := Normalize(c.in); got != c.want {
			t.Errorf("%q\n got  %s\n want %s", c.in, got, c.want)
		}
	}
}

func TestTokensPointIntoSource(t *testing.T) {
	in := "“$5” – für Łódź, 3½ km…"
	for _, tok := range Tokens(in) {
		if tok.Start < 0 || tok.End > len(in) || tok.Start >= tok.End || !utf8.ValidString(in[tok.Start:tok.End]) {
			t.Errorf("%+v outside of %q", tok, in)
		}
	}
	toks := Tokens(in)
	if got := in[toks[0].Start:toks[0].End]; got != "$5" || toks[1].Text != "dollars" || toks[1].Start != toks[0].Start {
		t.Errorf("first tokens %+v of %q", toks[:2], got)
	}
}

// One line of a megabyte, in every shape that makes some rule look ahead, must take linear time. PARLEY_SLOW=1 takes a megabyte, otherwise a sixteenth.
func TestNormalizeIsLinear(t *testing.T) {
	size := 1 << 16
	if os.Getenv("PARLEY_SLOW") != "" {
		size = 1 << 20
	}
	for _, piece := range []string{"word ", "a", "1", "1 ", "1,000,", "1.", ".", "-", "'", "(", "$", "$5-", "1/2 ", "a.b.", "U.S.", "1-800-", "12:30 ", "@a", "x@", "5 x ",
		"Jan 5 ", "http://", "[a](", "](a.", "a(", "a.com(", "\x1b[", "\x1b]", "\x1b[31m", "#", "\n#", "e\u0301", "²", "😀", "1980s-", "1h ", "=", "a<", "2^", "6'2", "1h1m", "123 Elm St ", "\"", "...", "A-", "…", "3-", "+1 ("} {
		in := strings.Repeat(piece, size/len(piece))
		start := time.Now()
		Normalize(in)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%q repeated to %d bytes: %v", piece, size, took)
		} else {
			t.Logf("%-14q %v", piece, took)
		}
	}
}

func BenchmarkNormalize(b *testing.B) {
	in := strings.Repeat("The quick brown fox paid $3.50 on Jan 5, 2024 for 5 km of rope, didn't he? ", 1000)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		Normalize(in)
	}
}
