package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parley-go/parley/asr"
	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/wer"
)

func at(ms int, text string, final bool) result {
	return result{asr.Segment{Text: text, Final: final}, time.Duration(ms) * time.Millisecond}
}

func TestAppearance(t *testing.T) {
	offers := []result{at(300, "the bird", false), at(600, "the birch", false), at(900, "the bird can", false), at(1200, "oh, the birch canoe.", true)}
	final := offers[3].texts()
	for _, c := range []struct {
		word, start    int
		shown, settled int
		found          bool
	}{
		{1, 0, 300, 300, true},    // "the", one place on in the final text
		{2, 100, 600, 1200, true}, // "birch", for a while "bird"
		{3, 500, 1200, 1200, true},
		{1, 400, 600, 600, true}, // what is there before the word began is another
		{4, 0, 0, 0, false},
	} {
		shown, settled, found := appearance(offers, final, c.word, time.Duration(c.start)*time.Millisecond)
		if shown.Milliseconds() != int64(c.shown) || settled.Milliseconds() != int64(c.settled) || found != c.found {
			t.Errorf("word %d from %d ms on: shown %v, settled %v, %v; want %d, %d, %v", c.word, c.start, shown, settled, found, c.shown, c.settled, c.found)
		}
	}
}

// TestMicrophone: a listener who takes 50 ms for each block of 20 falls behind; one who takes no time does not.
func TestMicrophone(t *testing.T) {
	for _, slow := range []time.Duration{0, 50 * time.Millisecond} {
		m := &microphone{clip: audio.Clip{Rate: 1000, Samples: make([]float32, 60)}}
		p := make([]float32, 100)
		for blocks := 0; ; blocks++ {
			n, err := m.Read(p)
			if errors.Is(err, io.EOF) {
				if blocks != 3 {
					t.Errorf("%d blocks, want 3", blocks)
				}
				break
			}
			if err != nil || n != 20 {
				t.Fatalf("Read: %d, %v", n, err)
			}
			m.since = m.since.Add(-slow) // as if it had taken so long
		}
		want := 60 * time.Millisecond // the last sample
		if slow > 0 {
			want = 20*time.Millisecond + 3*slow
		}
		if now := m.now(); now < want || now > want+15*time.Millisecond {
			t.Errorf("%v for each block: the clock says %v, want %v", slow, now, want)
		}
	}
}

func TestReadTable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.tsv")
	if err := os.WriteFile(path, []byte("path\ttext\na.wav\thello\nb.wav\t\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	rows, err := wer.ReadTable(path, "path", "text")
	if err != nil || len(rows) != 2 || rows[0]["text"] != "hello" || rows[1]["path"] != filepath.Join(filepath.Dir(path), "b.wav") {
		t.Errorf("%v, %v", rows, err)
	}
	if _, err := wer.ReadTable(path, "end"); err == nil {
		t.Error("a missing column is no error")
	}
}
