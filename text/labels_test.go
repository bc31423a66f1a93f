package text

import (
	"bufio"
	"os"
	"strings"
	"testing"
)

// TestLabels compares the front end with the labels of the synthetic speech. PARLEY_LABELS names an unpacked labels.tsv:
// id, seconds, phonemes, frames, text.
func TestLabels(t *testing.T) {
	path := os.Getenv("PARLEY_LABELS")
	if path == "" {
		t.Skip("PARLEY_LABELS names no labels.tsv: the front end was NOT compared with the labels of the voices")
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	f := heart(t)
	exact, total, shown := 0, 0, 0
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		cols := strings.Split(lines.Text(), "\t")
		if len(cols) < 5 || cols[0] == "id" {
			continue
		}
		total++
		want := periodAfterTitle.Replace(cols[2])
		if got := f.Phonemes(cols[4]).Phonemes; got == want {
			exact++
		} else if shown++; shown <= 60 {
			t.Logf("%s\n want %s\n got  %s", cols[4], want, got)
		}
	}
	t.Logf("%d of %d sentences exact: %.2f %%", exact, total, 100*float64(exact)/float64(total))
	if exact*100 < total*97 {
		t.Error("less than 97 % exact")
	}
}

// periodAfterTitle undoes what the labels do and we do not: a pause after the period of an abbreviation.
var periodAfterTitle = strings.NewReplacer("mˈɪstəɹ.", "mˈɪstəɹ", "mˈɪsɪz.", "mˈɪsɪz", "dˈɑktəɹ.", "dˈɑktəɹ")

// heart opens the front end of the default voice.
func heart(t testing.TB) *Frontend {
	t.Helper()
	f, err := Open(os.DirFS("../models/en/voice"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
