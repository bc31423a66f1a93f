package text

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestNeMoCases measures against the case tables of NVIDIA's NeMo-text-processing (Apache-2.0): PARLEY_TN_CASES names the
// folder of test_cases_*.txt for English. What is compared are the words: case, marks, and the words that speakers put in or
// leave out at will ("and", "the" before a date, "oh" for "zero") do not count.
func TestNeMoCases(t *testing.T) {
	folder := os.Getenv("PARLEY_TN_CASES")
	if folder == "" {
		t.Skip("PARLEY_TN_CASES names no folder: the normaliser was NOT measured on NeMo's cases")
	}
	files, err := filepath.Glob(filepath.Join(folder, "test_cases_*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no test_cases_*.txt in %s: %v", folder, err)
	}
	right, total := 0, 0
	for _, name := range files {
		r, n := nemoFile(t, name)
		t.Logf("%-28s %3d of %3d", strings.TrimSuffix(filepath.Base(name)[len("test_cases_"):], ".txt"), r, n)
		right, total = right+r, total+n
	}
	t.Logf("all: %d of %d, %.1f %%", right, total, 100*float64(right)/float64(total))
	if 100*right < 75*total {
		t.Error("less than 75 % right")
	}
}

// nemoFile runs one table of written~spoken; where a line starts with ~, the lines after it are the right answers.
func nemoFile(t *testing.T, name string) (right, total int) {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	written, answers := "", []string(nil)
	check := func() {
		if written == "" || len(answers) == 0 {
			return
		}
		total++
		got := Normalize(written)
		for _, want := range answers {
			if loosely(got) == loosely(want) {
				right++
				return
			}
		}
		t.Logf("  %q: got %q, want %q", written, got, answers[0])
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\r\n")
		before, after, found := strings.Cut(line, "~")
		switch {
		case found && before == "":
			check()
			written, answers = strings.TrimPrefix(after, "~"), nil
		case found:
			check()
			written, answers = before, []string{after}
		case line != "":
			answers = append(answers, line)
		}
	}
	check()
	return right, total
}

var (
	notWord = regexp.MustCompile(`[^\pL0-9']+`)
	free    = regexp.MustCompile(`\b(and|the) `)
	letters = regexp.MustCompile(`\b(\pL) (?:(\pL)\b)`)
)

func loosely(s string) string {
	s = " " + notWord.ReplaceAllString(strings.ToLower(strings.ReplaceAll(s, "’", "'")), " ") + " "
	s = strings.NewReplacer(" oh ", " zero ", " missus ", " misses ", " mrs ", " misses ", "'s ", "s ", "' ", " ", " '", " ").Replace(s)
	s = free.ReplaceAllString(strings.TrimSpace(s)+" ", "")
	for range 4 {
		s = letters.ReplaceAllString(s, "$1$2")
	}
	return strings.Join(strings.Fields(s), "")
}
