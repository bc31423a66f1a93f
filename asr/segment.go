package asr

import (
	"strings"
	"time"
)

// A Segment is a stretch of speech between two silences.
//
// Segments come in order. One with Final == false is a partial result: the next Segment has the same Start and replaces it. A Final one
// never changes, and the Segment after it, if there is one, starts later. Only streams with Options.Partials yield partial results.
type Segment struct {
	Text       string        // of Parley's own models with capitals and marks once it is final, unless Options.Plain
	Joined     bool          // no space is between it and the segment before: in languages such as Chinese
	Start, End time.Duration // from the start of the sound
	Words      []Word        // Whisper: if Options.Words asks for them
	Final      bool
	Language   string // spoken, such as "en", where the model knows one only or says so, or Options.Language does

	Decoding *Decoding // how Whisper came to the text; nil for other models

	Alternatives []Alternative // other readings, best first, as many as Options.Alternatives asks for; of final segments
}

// A Word is one word of a segment.
type Word struct {
	Text       string        // with the punctuation that belongs to it
	Joined     bool          // no space is between it and the word before: in languages such as Chinese, and after hyphens
	Start, End time.Duration // from the start of the sound
	Confidence float32       // 0 to 1: how clearly the sounds of the word were heard
}

// An Alternative is another reading of a segment.
type Alternative struct {
	Text  string
	Score float64 // natural log of its likelihood over that of the segment's Text, as the search sees it: mostly at most 0
}

// A Transcript is the text of a whole sound.
type Transcript struct {
	Text     string // of all segments
	Segments []Segment
	Language string        // of the first segment that says so
	Duration time.Duration // of the sound
}

// JoinText returns the text of segments, with spaces between them where the language has them.
func JoinText(segments []Segment) string {
	var text strings.Builder
	for _, s := range segments {
		if text.Len() > 0 && s.Text != "" && !s.Joined {
			text.WriteByte(' ')
		}
		text.WriteString(s.Text)
	}
	return text.String()
}

// Decoding says how a window of sound became text.
type Decoding struct {
	Tokens           []int   // of the segment, with timestamps
	Temperature      float64 // at which it was found
	AvgLogProb       float64 // of the tokens of the window
	CompressionRatio float64 // of the text of the window: above 2.4 it repeats itself
	NoSpeechProb     float64 // that nobody speaks in the window
}
