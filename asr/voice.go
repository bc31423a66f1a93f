package asr

import "github.com/parley-go/parley/vad"

// voice is what the voice activity detector hears in the current segment, beside the encoder.
type voice struct {
	stream vad.Stream
	hop    int
	probs  []float32
	first  int // its frame that probs begins with
}

func newVoice() *voice {
	d := vad.Default()
	return &voice{stream: d.NewStream(), hop: d.Hop()}
}

func (v *voice) reset() {
	v.probs, v.first = v.stream.Flush(v.probs)[:0], 0
}

func (v *voice) push(samples []float32) { v.probs = v.stream.Push(v.probs, samples) }

func (v *voice) flush() { v.probs = v.stream.Flush(v.probs) }

// at is the detector's frame at the start of an encoder frame.
func (v *voice) at(frame int) int { return frame * samplesOfFrame / v.hop }

// drop forgets what was before an encoder frame.
func (v *voice) drop(frame int) {
	n := min(max(0, v.at(frame)-v.first), len(v.probs))
	v.probs = v.probs[:copy(v.probs, v.probs[n:])]
	v.first += n
}

// speaks reports whether somebody speaks between encoder frames lo and hi: for a tenth of a second in a row at least, pauses of a
// frame aside.
func (v *voice) speaks(lo, hi int) bool {
	lo, hi = max(0, v.at(lo)-v.first), min(len(v.probs), v.at(hi)-v.first)
	run, need := 0, 100*sampleRate/1000/v.hop
	for i := lo; i < hi; i++ {
		if v.probs[i] < 0.5 {
			run = max(0, run-2)
			continue
		}
		if run++; run >= need {
			return true
		}
	}
	return false
}
