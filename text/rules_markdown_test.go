package text

import "testing"

func TestMarkdown(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"# Heading", "Heading"},
		{"## Results\n\nText follows", "Results Text follows"},
		{"Text\n### 3. Results\n# 2 ways", "Text three. Results two ways"},
		{"press #, #5, # of it, #tag", "press hash, number five, hash of it, hashtag tag"},
		{"**bold** and *it*, _it_, __it__, ~~it~~ and `code`", "bold and it, it, it, it and code"},
		{"- item\n* item\n+ item", "item item item"},
		{"> quoted\n> text", "quoted text"},
		{"+ 5", "plus five"},
		{"See [the docs](https://example.com/docs) here.", "See the docs here."},
		{"[a (b)](https://example.com/Go_(game)), [b](#there)", "a, b, b"},
		{"![a cat](cat.png) [![badge](b.svg)](https://example.com)", "a cat badge"},
		{"[1] says [so](now)", "one, says, so now"},
	} {
		if got := Normalize(c.in); got != c.want {
			t.Errorf("%q\n got  %s\n want %s", c.in, got, c.want)
		}
	}
}

func TestAddressAfterSign(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"<https://example.com>", "example dot com"},
		{`"https://example.com", he said`, "example dot com, he said"},
		{"(www.example.com)", "WWW dot example dot com"},
		{"'https://example.com/a'", "example dot com slash a"},
		{"`https://example.com`.", "example dot com."},
		{"**https://example.com** _www.example.com_", "example dot com WWW dot example dot com"},
		{"the site(https://example.com)", "the site example dot com"},
		{"[https://example.com]", "example dot com"},
		{"<jo@example.com>, (jo@example.com)", "jo at example dot com, jo at example dot com"},
		{"en.wikipedia.org/wiki/Go_(game)", "en dot wikipedia dot org slash wiki slash Go underscore game"},
	} {
		if got := Normalize(c.in); got != c.want {
			t.Errorf("%q\n got  %s\n want %s", c.in, got, c.want)
		}
	}
}
