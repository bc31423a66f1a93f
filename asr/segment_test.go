package asr

import (
	"testing"

	"github.com/parley-go/parley/internal/whisper"
)

// Whisper's texts say where a space is; it is not theirs any more, but JoinText knows of it.
func TestJoinText(t *testing.T) {
	for want, texts := range map[string][]string{
		"Hello, world. Bye.": {" Hello, world.", " Bye."},
		"你好，世界。再见。 是 no":     {"你好，世界。", "再见。", " 是 ", " no"},
		"one two":            {"", " one", "", " two", ""},
		"":                   nil,
	} {
		var segs []Segment
		for _, text := range texts {
			segs = append(segs, whisperSegment(whisper.Segment{Text: text}, true))
		}
		if got := JoinText(segs); got != want {
			t.Errorf("%q: %q, want %q", texts, got, want)
		}
	}
	seg := whisperSegment(whisper.Segment{Text: " well-known", Words: []whisper.Word{{Text: " well"}, {Text: "-known"}}}, true)
	if w := seg.Words; w[0].Joined || !w[1].Joined || w[0].Text != "well" || w[1].Text != "-known" {
		t.Errorf("words %+v", w)
	}
}
