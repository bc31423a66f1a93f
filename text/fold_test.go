package text

import "testing"

func TestEscapeSequences(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"\x1b[31mred\x1b[0m text", "red text"},
		{"\x1b[1;38;5;196mFAIL\x1b[m: 3 tests", "FAIL: three tests"},
		{"a\x1b[2Kb \x1b[?25hshown", "ab shown"},
		{"\x1b]0;my title\aprompt", "prompt"},
		{"\x1b]8;;https://example.com\x1b\\a link\x1b]8;;\x1b\\ here", "a link here"},
		{"\x1b(Bplain \x1bMtext", "plain text"},
		{"ends in \x1b", "ends in"},
		{"ends in \x1b[", "ends in"},
		{"ends in \x1b[3", "ends in"},
		{"an open \x1b]title", "an open title"},
		{"[31m is no sequence", "thirty one meters is no sequence"},
	} {
		if got := Normalize(c.in); got != c.want {
			t.Errorf("%q\n got  %s\n want %s", c.in, got, c.want)
		}
	}
}
