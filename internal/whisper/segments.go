package whisper

import "strings"

// A Segment is a stretch of text with its time from the start of the sound.
type Segment struct {
	Start, End float64 // seconds
	Text       string  // as the model wrote it, mostly with a space before it
	Tokens     []int   // with the timestamps around the text
	Words      []Word  // if Options ask for them

	Language     string
	Temperature  float64
	AvgLogProb   float64 // of the tokens of the window
	Compression  float64 // ratio of the window's text
	NoSpeech     float64 // probability that nobody speaks in the window
	Alternatives []Alternative
}

// An Alternative is another text of a segment.
type Alternative struct {
	Text  string
	Score float64 // ln of the likelihood of the window's text over that of the chosen one
}

// cut is a window's text as segments, and where the next window begins.
type cut struct {
	segs    []Segment
	advance int  // frames from the start of the window to that of the next
	ended   bool // the text says that nobody speaks after its last timestamp
}

// cutSegments divides the text of a window at its pairs of timestamps (openai/whisper, transcribe.py). The window begins at offset
// seconds and has so many frames. What follows the last pair is heard again in the next window, or with all is a segment too.
func (m *Model) cutSegments(tokens []int, offset float64, frames int, all bool) cut {
	first := m.tokens.timestamp
	stamp := func(i int) bool { return i >= 0 && tokens[i] >= first }
	seconds := func(i int) float64 { return float64(tokens[i]-first) / stateRate }
	n := len(tokens)
	c := cut{advance: frames, ended: n >= 2 && stamp(n-1) && !stamp(n-2)}
	lo := 0
	for i := 1; i < n; i++ {
		if stamp(i-1) && stamp(i) {
			c.segs = append(c.segs, m.newSegment(tokens[lo:i], offset+seconds(lo), offset+seconds(i-1)))
			lo = i
		}
	}
	if lo > 0 {
		switch {
		case c.ended:
			c.segs = append(c.segs, m.newSegment(tokens[lo:], offset+seconds(lo), offset+seconds(n-1)))
		case all:
			c.segs = append(c.segs, m.newSegment(tokens[lo:], offset+seconds(lo), offset+float64(frames)/frameRate))
		default:
			c.advance = 2 * (tokens[lo-1] - first)
		}
		return c
	}
	end := float64(frames) / frameRate
	for i := n - 1; i >= 0; i-- {
		if stamp(i) {
			if tokens[i] != first {
				end = seconds(i)
			}
			break
		}
	}
	c.segs = []Segment{m.newSegment(tokens, offset, offset+end)}
	return c
}

func (m *Model) newSegment(tokens []int, start, end float64) Segment {
	return Segment{Start: start, End: end, Text: m.decode(tokens), Tokens: tokens}
}

// describe fills in what the search says about a window.
func (m *Model) describe(segs []Segment, r *result, language string) {
	for i := range segs {
		s := &segs[i]
		s.Language, s.Temperature, s.AvgLogProb, s.Compression, s.NoSpeech = language, r.temperature, r.avgLogProb, r.compression, r.noSpeech
	}
}

// offer gives the segments of a window the other texts of the same stretch of time, up to n.
func (m *Model) offer(segs []Segment, r *result, offset float64, frames, n int, all bool) {
	for _, other := range r.others[:min(n, len(r.others))] {
		texts := make([]string, len(segs))
		for _, o := range m.cutSegments(other.tokens, offset, frames, all).segs {
			i := len(segs) - 1
			for i > 0 && (o.Start+o.End)/2 < segs[i].Start {
				i--
			}
			texts[i] += o.Text
		}
		for i, text := range texts {
			if strings.TrimSpace(text) != strings.TrimSpace(segs[i].Text) {
				segs[i].Alternatives = append(segs[i].Alternatives, Alternative{text, other.score - r.score})
			}
		}
	}
}
