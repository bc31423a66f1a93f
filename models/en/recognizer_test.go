package en

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/parley-go/parley/audio"
)

// mostErrors is how many of the words in testdata/audio/speech the recogniser may get wrong: what it did when its weights were
// committed, and two for other CPUs' rounding.
const mostErrors = 4

// TestRecognizerHearsOurVoice transcribes the voice's recordings.
func TestRecognizerHearsOurVoice(t *testing.T) {
	m, err := Recognizer()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../testdata/audio/speech/*.opus")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	errors, words := 0, 0
	for _, name := range files {
		text, err := os.ReadFile(strings.TrimSuffix(name, ".opus") + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		src, err := audio.Decode(f)
		if err != nil {
			t.Fatal(err)
		}
		got, err := m.Transcribe(context.Background(), src, nil)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		want := plainWords(string(text))
		d := distance(plainWords(got.Text), want)
		t.Logf("%d of %d wrong: %s", d, len(want), got.Text)
		if !sentence.MatchString(got.Text) {
			t.Errorf("%q is no sentence with a capital and a full stop", got.Text)
		}
		errors, words = errors+d, words+len(want)
	}
	if errors > mostErrors {
		t.Errorf("%d of %d words are wrong, at most %d were", errors, words, mostErrors)
	}
}

var sentence = regexp.MustCompile(`^[A-Z][A-Za-z' ,]+\.$`)

var word = regexp.MustCompile(`[a-z']+`)

func plainWords(s string) []string { return word.FindAllString(strings.ToLower(s), -1) }

// distance is the Levenshtein distance of two texts in words.
func distance(a, b []string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(row[j+1]+1, row[j]+1, cost)
		}
	}
	return row[len(b)]
}
