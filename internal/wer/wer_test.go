package wer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// golden is what training/goldens/wer.py wrote; PARLEY_WER_GOLDEN names a larger one.
type golden struct {
	Texts  [][3]string // text, whisper, basic
	Counts [][5]any    // reference, hypothesis, substitutions, insertions, deletions
}

func loadGolden(t *testing.T) (g golden) {
	t.Helper()
	path := "testdata/golden.json"
	if p := os.Getenv("PARLEY_WER_GOLDEN"); p != "" {
		path = p
	}
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestNormalizersAgree(t *testing.T) {
	english := English()
	wrong := 0
	for _, c := range loadGolden(t).Texts {
		for i, got := range []string{english(c[0]), Basic(c[0])} {
			if want := c[1+i]; got != want && wrong < 20 {
				wrong++
				t.Errorf("%s of %q is %q, want %q", Normalizers[i], c[0], got, want)
			}
		}
	}
}

// TestAlignAgrees: substitutions, insertions and deletions are jiwer's.
func TestAlignAgrees(t *testing.T) {
	for _, c := range loadGolden(t).Counts {
		ref := strings.Fields(c[0].(string))
		got := Align(ref, strings.Fields(c[1].(string)))
		if want := (Counts{len(ref), int(c[2].(float64)), int(c[3].(float64)), int(c[4].(float64))}); got != want {
			t.Errorf("%q, %q: %+v, want %+v", c[0], c[1], got, want)
		}
	}
}

func TestAlign(t *testing.T) {
	for _, c := range []struct {
		ref, hyp string
		s, i, d  int
	}{
		{"", "", 0, 0, 0}, {"a b c", "a b c", 0, 0, 0}, {"a b c", "a x c", 1, 0, 0}, {"a b c", "a c", 0, 0, 1}, {"a c", "a b c", 0, 1, 0},
		{"a b c d", "", 0, 0, 4}, {"", "x y", 0, 2, 0}, {"a b", "b c", 2, 0, 0},
	} {
		ref := strings.Fields(c.ref)
		got := Align(ref, strings.Fields(c.hyp))
		if want := (Counts{len(ref), c.s, c.i, c.d}); got != want {
			t.Errorf("%q, %q: %+v, want %+v", c.ref, c.hyp, got, want)
		}
	}
	total := Counts{Words: 3, Substitutions: 1}
	total.Add(Counts{Words: 1, Insertions: 2, Deletions: 1})
	if total.Errors() != 4 || total.Rate() != 1 || total.String() != "WER 100.00 % (4 words, 1 S, 2 I, 1 D)" {
		t.Errorf("%+v: %v", total, total)
	}
}

// The cases that openai/whisper publishes for its normaliser (tests/test_normalizer.py).
func TestPublishedCases(t *testing.T) {
	english, numbers := English(), newNumbers()
	for text, want := range map[string]string{
		"two": "2", "thirty one": "31", "five twenty four": "524", "nineteen ninety nine": "1999", "twenty nineteen": "2019",
		"two point five million": "2500000", "four point two billions": "4200000000s", "200 thousand": "200000",
		"200 thousand dollars": "$200000", "$20 million": "$20000000", "€52.4 million": "€52400000", "£77 thousands": "£77000s",
		"two double o eight": "2008", "three thousand twenty nine": "3029", "forty three thousand two hundred sixty": "43260",
		"forty three thousand two hundred and sixty": "43260", "nineteen fifties": "1950s", "thirty first": "31st",
		"thirty three thousand and three hundred and thirty third": "33333rd", "three billion": "3000000000", "millions": "1000000s",
		"july third twenty twenty": "july 3rd 2020", "august twenty sixth twenty twenty one": "august 26th 2021", "3 14": "3 14",
		"3.14": "3.14", "3 point 2": "3.2", "3 point 14": "3.14", "fourteen point 4": "14.4", "two point two five dollars": "$2.25",
		"two hundred million dollars": "$200000000", "$20.1 million": "$20100000", "ninety percent": "90%", "seventy six per cent": "76%",
		"double oh seven": "007", "double zero seven": "007", "nine one one": "911", "nine double one": "911", "one triple oh one": "10001",
		"two thousandth": "2000th", "thirty two thousandth": "32000th", "minus 500": "-500", "positive twenty thousand": "+20000",
		"two dollars and seventy cents": "$2.70", "3 cents": "¢3", "$0.36": "¢36", "three euros and sixty five cents": "€3.65",
		"three and a half million": "3500000", "forty eight and a half dollars": "$48.5", "b747": "b 747", "10 th": "10th", "10th": "10th",
	} {
		if got := english(text); got != want {
			t.Errorf("english(%q) = %q, want %q", text, got, want)
		}
		if got := numbers.apply(text); got != want {
			t.Errorf("numbers of %q: %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"mobilisation": "mobilization", "cancelation": "cancellation", "Let's": "let us", "he's like": "he is like",
		"she's been like": "she has been like", "10km": "10 km", "10mm": "10 mm", "RC232": "rc 232",
		"Mr. Park visited Assoc. Prof. Kim Jr.": "mister park visited associate professor kim junior",
	} {
		if got := english(text); got != want {
			t.Errorf("english(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	if got, want := Words("“Don’t—STOP,” he said; 'twas o'clock 9. '"), "don't stop he said twas o'clock 9"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestNewNormalizer(t *testing.T) {
	for _, name := range Normalizers {
		n, err := NewNormalizer(name)
		if err != nil {
			t.Fatal(err)
		}
		if c := n.Score("one two", "one  three "); c.Words != 2 && name != "whisper" || c.Substitutions != 1 {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if _, err := NewNormalizer("Whisper"); err == nil || !strings.Contains(err.Error(), "want one of whisper, basic") {
		t.Errorf("unknown: %v", err)
	}
}

func TestReadManifest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.tsv")
	for _, c := range []struct{ table, want, fails string }{
		{"path\ttext\na.wav\thello\n", "a.wav hello", ""},
		{"\ufeffid\ttext\tpath\n1\thello there\tx/a.wav\n\n2\t\t/abs.wav\n", "x/a.wav hello there|/abs.wav ", ""},
		{"", "", "is empty"},
		{"file\ttext\na\tb\n", "", "names the columns"},
		{"path\ttext\na\n", "", "line 2 has 1 columns"},
		{"path\ttext\n", "", "no utterances"},
	} {
		if err := os.WriteFile(path, []byte(c.table), 0o644); err != nil {
			t.Fatal(err)
		}
		list, err := ReadManifest(path)
		var got []string
		for _, u := range list {
			rel, e := filepath.Rel(filepath.Dir(path), u.Path)
			if e != nil || strings.HasPrefix(rel, "..") {
				rel = u.Path
			}
			got = append(got, filepath.ToSlash(rel)+" "+u.Text)
		}
		if s := strings.Join(got, "|"); s != c.want || (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%q: %q, %v; want %q, %s", c.table, s, err, c.want, c.fails)
		}
	}
}

func FuzzEnglish(f *testing.F) {
	f.Add("two point five million dollars and 3 cents")
	f.Add("per point . 1.2.3 double and a half")
	english := English()
	f.Fuzz(func(t *testing.T, text string) {
		english(text)
		Basic(text)
		Words(text)
	})
}
