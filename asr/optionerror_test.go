package asr

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// What a model cannot heed is an error that names the field, before anything is heard.
func TestOptionErrors(t *testing.T) {
	own, many, moonshine, letters := tinyModel(t), openTiny(t, "multilingual"), openModel(t, tinyMoonshine), openTinyCTC(t, "group")
	for _, c := range []struct {
		m           *Model
		field, says string
		o           Options
	}{
		{own, "Prompt", "this family of models has no such option; it has Partials,", Options{Prompt: "x"}},
		{own, "Whisper", "", Options{Whisper: WhisperOptions{Batch: 2}}},
		{own, "Hotwords", "", Options{Hotwords: []Hotword{{Text: "x"}}}},
		{own, "Clips", "", Options{Clips: []Clip{{}}}},
		{own, "Beam", "is -3, want 1 to 10000", Options{Beam: -3}},
		{own, "Chunk", "is 10ms, want 80 ms to 30 s", Options{Chunk: 10 * time.Millisecond}},
		{own, "Search", "unknown", Options{Search: 99}},
		{many, "LMWeight", "", Options{LMWeight: 1}},
		{many, "MaxSegment", "", Options{MaxSegment: time.Second}},
		{many, "Search", "", Options{Search: Lexicon}},
		{many, "Beam", "is 1000, want 1 to 100", Options{Beam: 1000}},
		{many, "Chunk", "is 10ms, want 80 ms to 30 s", Options{Chunk: 10 * time.Millisecond}},
		{many, "Whisper.Batch", "", Options{Doubtful: true, Whisper: WhisperOptions{Batch: 2}}},
		{many, "Whisper.Batch", "", Options{Partials: true, Whisper: WhisperOptions{Batch: 2}}},
		{many, "Whisper.Patience", "", Options{Whisper: WhisperOptions{Patience: -1}}},
		{moonshine, "Words", "Moonshine has no such option", Options{Words: true}},
		{moonshine, "Partials", "", Options{Partials: true}},
		{moonshine, "Beam", "is 5, Moonshine has none", Options{Beam: 5}},
		{moonshine, "Search", "", Options{Search: Lexicon}},
		{moonshine, "Silence", "", Options{Silence: 1}},
		{moonshine, "MaxSegment", "", Options{MaxSegment: time.Hour}},
		{letters, "Chunk", "is 100ms, want 1 s to 30 s", Options{Chunk: 100 * time.Millisecond}},
		{letters, "Plain", "", Options{Plain: true}},
	} {
		var wrong *OptionError
		err := c.m.Check(&c.o)
		if !errors.As(err, &wrong) || wrong.Field != c.field || !strings.Contains(err.Error(), "asr: Options."+c.field+" ") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.field, err, c.says)
		}
		for _, again := range c.m.Stream(t.Context(), bells(1).Source(), &c.o) {
			if again == nil || err == nil || again.Error() != err.Error() {
				t.Errorf("%s: Stream says %v, Check %v", c.field, again, err)
			}
		}
	}
	for _, m := range []*Model{own, many, moonshine, letters} {
		if err := m.Check(nil); err != nil {
			t.Error(err)
		}
	}
}

func openModel(t *testing.T, dir string) *Model {
	t.Helper()
	m, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
