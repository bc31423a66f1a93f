package text

import (
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

func split(s string) []string {
	var out []string
	for sentence := range Sentences(s) {
		out = append(out, sentence.Text)
	}
	return out
}

func TestSentences(t *testing.T) {
	for _, c := range []string{
		"",
		"One.|Two!|Three?",
		"Dr. Smith met Mr. J. R. Jones at 5 p.m. today.|He paid $3.50.",
		"He lives in the U.S.|She does not.",
		"The U.S. army, etc. and so on.|No. 5 is alive.|No.|Yes.",
		"Wait... what?|Well… yes.|He paused... and went on.",
		"“Why?” he said.|“Because.”|She left.",
		"(See p. 12.)|Next one.",
		"He said: “Go!”|They went.",
		"Version 1.2.3 is out.|Get it at example.com.",
		"no punctuation at all",
		"What?!|Really!!!|Yes.",
		"See e.g. Smith and i.e. this.|Done.",
		"今天。|明天！|好",
	} {
		want := strings.Split(c, "|")
		if c == "" {
			want = nil
		}
		if got := split(strings.ReplaceAll(c, "|", " ")); !slices.Equal(got, want) {
			t.Errorf("%q:\n got %q", c, got)
		}
	}
}

func TestParagraphs(t *testing.T) {
	var got []Sentence
	in := "A title\n\nFirst line\nof a sentence.  Second.\n\n- item one\n- item two\n"
	for s := range Sentences(in) {
		if !strings.HasPrefix(in[s.Offset:], s.Text) {
			t.Errorf("%q is not at %d", s.Text, s.Offset)
		}
		got = append(got, s)
	}
	var texts []string
	var breaks []bool
	for _, s := range got {
		texts, breaks = append(texts, s.Text), append(breaks, s.Break)
	}
	if want := []string{"A title", "First line\nof a sentence.", "Second.", "- item one", "- item two"}; !slices.Equal(texts, want) {
		t.Errorf("got %q", texts)
	}
	if want := []bool{true, false, true, false, true}; !slices.Equal(breaks, want) {
		t.Errorf("breaks %v", breaks)
	}
}

// The cuts must not depend on how the input arrives.
func TestSplitterInSmallPieces(t *testing.T) {
	in := "Mr. Jones paid $3.50. Then... he left! “Why?” she asked.\n\nNo one knew. She left Main St. He left Elm St. Louis. 3.5 km on, it ended"
	s := NewSplitter(iotest.OneByteReader(strings.NewReader(in)))
	for i, want := range split(in) {
		got, err := s.Next()
		if err != nil || got.Text != want {
			t.Errorf("sentence %d: %q, %v; want %q", i, got.Text, err, want)
		}
	}
	if _, err := s.Next(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

// endless gives the same bytes for ever.
type endless string

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e[i%len(e)]
	}
	return len(p) - len(p)%len(e), nil
}

func TestSplitterIsBounded(t *testing.T) {
	for _, e := range []endless{"word ", "a", "é", ".", "...", "\n", " ", "(", "a, ", "A.", "\xff", "1.", "\"", "?\" "} {
		s := NewSplitter(e)
		total := int64(0)
		for i := 0; i < 200 && total < 1<<17; i++ {
			if e == "\n" || e == " " {
				break // never a sentence: nothing to return, and nothing kept
			}
			got, err := s.Next()
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Text) > maxSentence+64 || e == "é" && !utf8.ValidString(got.Text) {
				t.Fatalf("%q: a piece of %d bytes", e, len(got.Text))
			}
			total = got.Offset
			if cap(s.buf) > 1<<16 {
				t.Fatalf("%q: holds %d bytes", e, cap(s.buf))
			}
		}
	}
}

func FuzzSplitter(f *testing.F) {
	for _, s := range []string{"A b. C d.", "“Why?” he said.\n\nx", "Mr. J. Smith... 3.5", "Main St. He St. Her", "\xff\xfe.", "今天。"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var whole, small []string
		for s := range Sentences(in) {
			if in[s.Offset:s.Offset+int64(len(s.Text))] != s.Text {
				t.Fatalf("%q is not at %d of %q", s.Text, s.Offset, in)
			}
			whole = append(whole, s.Text)
		}
		for s := NewSplitter(iotest.OneByteReader(strings.NewReader(in))); ; {
			sentence, err := s.Next()
			if err != nil {
				break
			}
			small = append(small, sentence.Text)
		}
		if len(in) < maxSentence && !slices.Equal(whole, small) {
			t.Fatalf("%q: whole %q, byte by byte %q", in, whole, small)
		}
	})
}
