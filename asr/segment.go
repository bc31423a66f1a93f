package asr

import "time"

// A Segment is a stretch of speech between two silences.
//
// Segments come in order. One with Final == false is a partial result: the next Segment has the same Start and replaces it. A Final one
// never changes, and the Segment after it, if there is one, starts later. Only streams with Options.Partials yield partial results.
type Segment struct {
	Text       string
	Start, End time.Duration // from the start of the sound
	Words      []Word
	Final      bool

	Alternatives []Alternative // other readings, best first, as many as Options.Alternatives asks for; of final segments
}

// A Word is one word of a segment.
type Word struct {
	Text       string
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
	Text     string // of all segments, separated by spaces
	Segments []Segment
	Duration time.Duration // of the sound
}
