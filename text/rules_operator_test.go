package text

import "testing"

func TestOperators(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"a < b, 5 > 3, x<y, p<0.05, f(x) > 0", "a less than b, five greater than three, x less than y, p less than zero point zero five, f x greater than zero"},
		{"x <= 5, x>=5, count > limit, >=2", "x less than or equal to five, x greater than or equal to five, count greater than limit, greater than or equal to two"},
		{"x != y, a == b, a === b, x = y", "x is not equal to y, a equals b, a equals b, x equals y"},
		{"temp < -5, cost > $5, 5% < 6%", "temp less than minus five, cost greater than five dollars, five percent less than six percent"},
		{"y * 2, 2*x, 2*3, a * b, z = a*b", "y times two, two times x, two times three, a times b, z equals a times b"},
		{"10^6, x^2, x^3 and e^x, 10^-6, (a+b)^2", "ten to the power of six, x squared, x cubed and e to the power of x, ten to the power of minus six, a plus b squared"},
		{`He is 6'2" tall, 5' 11", 5'10 and 6′2″.`, "He is six foot two tall, five foot eleven, five foot ten and six foot two."},
		{"C#, F# and C#/F#, F#m", "C sharp, F sharp and C sharp F sharp, F sharp minor"},
		// no operators
		{"<b>bold</b> x<br>y List<T> Map<K,V> vector<int> <p=1>5</p>", "b bold b x br y List T Map K, V vector int p equals one five p"},
		{"a -> b, a => b, a ==> b, a <- b, a >> b", "a b, a b, a b, a b, a b"},
		{"File > Open, Settings > General", "File Open, Settings General"},
		{"he said\n> so\n> 5 times", "he said so five times"},
		{"one * two, f*ck, 5* hotel, *2* and 2 *really* big", "one two, f ck, five hotel, two and two really big"},
		{"Title\n=====", "Title"},
		{"^_^ >_< note^2 [^1]", "note two, one"},
		{`at 40°12'30", 1'000, 1'9`, "at forty degrees twelve thirty inches, one zero zero zero, one nine"},
		{"Wow! = yes; no!", "Wow! equals yes; no!"},
	} {
		if got := Normalize(c.in); got != c.want {
			t.Errorf("%q\n got  %s\n want %s", c.in, got, c.want)
		}
	}
}
