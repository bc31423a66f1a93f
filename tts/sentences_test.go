package tts

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/parley-go/parley/text"
)

// readingModel is tinyModel with a lexicon of a few words.
func readingModel(t testing.TB) *Model {
	t.Helper()
	data, err := text.PackLexicon([]text.Entry{{Word: "abba", Phonemes: "ˈabə"}, {Word: "bob", Phonemes: "bˈab"}})
	if err != nil {
		t.Fatal(err)
	}
	m := tinyModel(t)
	if m.front, err = text.Open(fstest.MapFS{"lexicon.bin": {Data: data}}, nil); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSentencesAndPauses(t *testing.T) {
	m := readingModel(t)
	_, sentences := stream(t, m, "Bob, abba! Abba bob.\n\nBob", nil)
	if len(sentences) != 3 {
		t.Fatalf("%d sentences, want 3", len(sentences))
	}
	for i, want := range []string{"Bob, abba!", "Abba bob.", "Bob"} {
		if sentences[i].Text != want {
			t.Errorf("sentence %d is %q, want %q", i, sentences[i].Text, want)
		}
	}
	for i, want := range []time.Duration{sentencePause, paragraphPause} {
		if got := sentences[i+1].Start - sentences[i].End; got != want {
			t.Errorf("pause %d is %v, want %v", i, got, want)
		}
	}
}

func TestWordsAreTheWritten(t *testing.T) {
	_, sentences := stream(t, readingModel(t), "Abba: bob-abba!", nil)
	if len(sentences) != 1 || len(sentences[0].Words) != 2 || sentences[0].Words[0].Text != "Abba" || sentences[0].Words[1].Text != "bob-abba" {
		t.Errorf("sentences %+v", sentences[0])
	}
}

func TestLexiconOption(t *testing.T) {
	m := readingModel(t)
	usual, _ := stream(t, m, "bob", nil)
	long, _ := stream(t, m, "bob", &Options{Lexicon: map[string]string{"bob": "ˈabəbəbəbəbə"}})
	if len(long) <= len(usual) {
		t.Errorf("%d samples with a longer pronunciation, %d without", len(long), len(usual))
	}
	if _, err := m.Say(context.Background(), "bob", &Options{Lexicon: map[string]string{"bob": "b★b"}}); err == nil || !strings.Contains(err.Error(), "bob") {
		t.Errorf("bad pronunciation: error %v", err)
	}
}

func TestSilentText(t *testing.T) {
	m := readingModel(t)
	for _, s := range []string{"", "   ", "...", "?!", "🙂🎉", "\x00\x07", "\n\n\n", "\xff\xfe"} {
		if samples, _ := stream(t, m, s, nil); len(samples) != 0 {
			t.Errorf("%q: %d samples", s, len(samples))
		}
	}
}

// TestLongTextInFlatMemory speaks a megabyte on one line.
func TestLongTextInFlatMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a few seconds")
	}
	m := readingModel(t)
	peak := func(n int) uint64 {
		var s runtime.MemStats
		var most uint64
		left := 40
		for _, err := range m.Stream(context.Background(), strings.NewReader(strings.Repeat("bob ", n)), nil) {
			if err != nil {
				t.Fatal(err)
			}
			if left--; left%10 == 0 {
				runtime.GC()
				runtime.ReadMemStats(&s)
				most = max(most, s.HeapAlloc)
			}
			if left == 0 {
				break
			}
		}
		return most
	}
	small, large := peak(1000), peak(250_000)
	if large > small+3<<20 { // the text itself is one megabyte
		t.Errorf("%d bytes in use for 1 MB of text, %d for 4 kB", large, small)
	}
}
