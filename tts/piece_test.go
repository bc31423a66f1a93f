package tts

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestSplitLongPieces(t *testing.T) {
	sentence := strings.Repeat("ab ab, ", 100) + "ab"
	p := phonemePiece([]rune(sentence))
	p.pause = 7
	parts := p.split()
	words, text, written := 0, "", ""
	for i, q := range parts {
		if len(q.phonemes) > longest+1 {
			t.Errorf("part %d has %d phonemes", i, len(q.phonemes))
		}
		if last := q.phonemes[len(q.phonemes)-1]; !strings.ContainsRune(marks, last) {
			t.Errorf("part %d ends in %q", i, last)
		}
		for _, w := range q.words {
			if got := string(q.phonemes[w.lo:w.hi]); got != w.text {
				t.Errorf("word %q is at %q", w.text, got)
			}
			if !strings.HasPrefix(q.text[w.at:], w.text) {
				t.Errorf("word %q is not at byte %d of %q", w.text, w.at, q.text)
			}
		}
		words += len(q.words)
		written += q.text + " "
		text += strings.TrimRight(string(q.phonemes), " ") + " "
	}
	if words != 201 {
		t.Errorf("%d words, want 201", words)
	}
	if written != sentence+" " {
		t.Errorf("the parts' texts make %q", written)
	}
	if want := sentence + ". "; text != want {
		t.Errorf("parts make %q", text)
	}
	if parts[0].pause != 7 || parts[1].pause != 0 {
		t.Errorf("pauses %v, %v: want 7 and 0", parts[0].pause, parts[1].pause)
	}
}

func TestSplitOneEndlessWord(t *testing.T) {
	n := 0
	for _, q := range phonemePiece([]rune(strings.Repeat("a", 10*longest))).split() {
		n += strings.Count(string(q.phonemes), "a")
		if len(q.phonemes) > longest+1 {
			t.Errorf("a part of %d phonemes", len(q.phonemes))
		}
	}
	if n != 10*longest {
		t.Errorf("%d phonemes are left of %d", n, 10*longest)
	}
}

func TestPhonemeLines(t *testing.T) {
	var got []string
	for p, err := range phonemeLines(strings.NewReader("ab a\n\nb ab.\n \xff\n" + strings.Repeat("ab ", 2*longest))) {
		if err != nil {
			t.Fatal(err)
		}
		if len(p.phonemes) > 4*longest {
			t.Errorf("a line of %d phonemes", len(p.phonemes))
		}
		got = append(got, p.text)
	}
	if len(got) < 5 || got[0] != "ab a" || got[1] != "b ab." {
		t.Errorf("lines %q", got)
	}
}

// Lines may end as on Windows, and any space parts words.
func TestPhonemeLinesOfWindows(t *testing.T) {
	var got []string
	for p, err := range phonemeLines(strings.NewReader("ab\tba.\r\nb\r\n")) {
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range p.words {
			got = append(got, w.text)
		}
		got = append(got, "|")
	}
	if want := []string{"ab", "ba.", "|", "b", "|"}; !slices.Equal(got, want) {
		t.Errorf("words %q, want %q", got, want)
	}
}

func TestReaderErrorEndsTheStream(t *testing.T) {
	bad := errors.New("disk on fire")
	r := io.MultiReader(strings.NewReader("ab ab.\n"), iotest.ErrReader(bad))
	var got error
	pieces := 0
	for _, err := range tinyModel(t).pieces(context.Background(), r, settings{phonemes: true}) {
		if got = err; err == nil {
			pieces++
		}
	}
	if !errors.Is(got, bad) || pieces != 1 {
		t.Errorf("error %v after %d pieces, want %v after 1", got, pieces, bad)
	}
}
