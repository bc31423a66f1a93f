package card

import (
	"slices"
	"strings"
	"testing"
)

const good = `{"name": "ear", "what": "hears", "languages": "English", "parameters": 1234567, "license": "MIT",
"files": [{"name": "a.bin", "bytes": 1500000}, {"name": "b.json", "bytes": 99}],
"data": [{"name": "Talk", "license": "CC0-1.0", "use": "all of it"}, {"name": "More", "license": "MIT"}], "teachers": [],
"figures": [{"measure": "WER", "value": "1 %", "set": "a few", "method": "by hand", "date": "2026-11-21"}], "recipe": "training/ear"}`

func TestParse(t *testing.T) {
	c, err := Parse([]byte(good))
	if err != nil || c.Bytes() != 1500099 {
		t.Fatal(c.Bytes(), err)
	}
	want := []Line{
		{"name", "ear"}, {"what", "hears"}, {"languages", "English"}, {"parameters", "1.23 M"}, {"size", "1.5 MB"}, {"licence", "MIT"},
		{"data", "Talk, CC0-1.0: all of it"}, {"", "More, MIT"}, {"recipe", "training/ear"},
		{"measured", "WER: 1 %; a few; by hand; 2026-11-21"}, {"files", "a.bin, 1.5 MB"}, {"", "b.json, 99 bytes"},
	}
	if got := c.Lines(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`"name": "ear", `, ``, "empty field"},
		{`"ear", `, `"ear", "colour": 1, `, "unknown field"},
		{`"bytes": 99`, `"bytes": 0`, "b.json"},
		{`"teachers": [],`, ``, "want files, data, teachers"},
		{`"license": "CC0-1.0", `, ``, `source with an empty field: ["Talk" ""]`},
		{`"method": "by hand"`, `"method": ""`, "figure with an empty field"},
		{`2026-11-21`, `yesterday`, "figure WER: parsing time"},
		{`"training/ear"}`, `"training/ear"} x`, "after the JSON object"},
	} {
		if _, err := Parse([]byte(strings.Replace(good, c.old, c.new, 1))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.new, err, c.want)
		}
	}
}
