package asr

// segmenter decides where segments end, from the blank posterior of the phone CTC: at a long enough run of blanks, or, in speech
// without one, at the best pause before the segment is too long. Times are frames of the current segment.
type segmenter struct {
	silence, most int
	speech        []bool // (T): no blank is likeliest
	first, last   int    // first and last frame of speech, -1: none yet
}

// lead is how much silence is kept before speech.
const lead = 12

func (g *segmenter) reset() { g.speech, g.first, g.last = g.speech[:0], -1, -1 }

// add takes the next frame.
func (g *segmenter) add(speech bool) {
	if speech {
		if g.first < 0 {
			g.first = len(g.speech)
		}
		g.last = len(g.speech)
	}
	g.speech = append(g.speech, speech)
}

// A cut says what to do with the frames of a segment so far.
type cut struct {
	at   int  // frames that end here; 0: none, the segment goes on
	text bool // they hold speech
	end  bool // in silence: a sentence may have ended
}

func (g *segmenter) check() cut {
	n := len(g.speech)
	switch {
	case g.first < 0 && n >= 4*lead:
		return cut{at: n - lead}
	case g.first >= 0 && n-1-g.last >= g.silence:
		return cut{at: n - min(lead, g.silence/2), text: true, end: true}
	case g.first >= 0 && n >= g.most:
		return cut{at: g.pause(), text: true}
	}
	return cut{}
}

// pause returns the middle of the longest run without speech in the second half of the segment, the later one of equals.
func (g *segmenter) pause() int {
	at, longest, run := g.most-g.most/4, 0, 0
	for i := g.most / 2; i < len(g.speech); i++ {
		if g.speech[i] {
			run = 0
			continue
		}
		run++
		if run >= longest {
			at, longest = i+1-run/2, run
		}
	}
	return at
}
