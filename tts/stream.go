package tts

import (
	"context"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/vocoder"
)

// Chunk is the next piece of a stream's sound: a fraction of a second.
type Chunk struct {
	Samples  []float32     // in [-1, 1]; they last until the next step of the iteration
	Rate     int           // Hz
	Start    time.Duration // where in the stream it starts
	Sentence *Sentence     // set on the first chunk of a sentence, else nil
}

// Sentence says when something that was written is spoken. One of more than some 20 s comes as several, each with its part of the text.
type Sentence struct {
	Text       string // as written
	Start, End time.Duration
	Words      []Word
}

// Word is a word as it was written, with the time from the start of the stream.
type Word struct {
	Text       string
	Start, End time.Duration
}

// Say speaks a text. Text without anything to be spoken (empty, only punctuation or emoji) gives a clip without samples.
// With an error comes what was spoken before it.
func (m *Model) Say(ctx context.Context, text string, opt *Options) (audio.Clip, error) {
	clip := audio.Clip{Rate: m.Rate()}
	for c, err := range m.Stream(ctx, strings.NewReader(text), opt) {
		if err != nil {
			return clip, err
		}
		clip.Samples = append(clip.Samples, c.Samples...)
	}
	return clip, nil
}

// Stream speaks a text while it is read, sentence by sentence; the first chunk comes before the first sentence is done.
// A stream ends after its first error, which may be ctx's, an Option's or the reader's. Memory does not grow with the text.
func (m *Model) Stream(ctx context.Context, text io.Reader, opt *Options) iter.Seq2[Chunk, error] {
	return func(yield func(Chunk, error) bool) {
		s, err := m.settings(opt)
		if err != nil {
			yield(Chunk{}, err)
			return
		}
		v := speaker{m: m, settings: s, utterance: m.acoustic.newUtterance(), vocoder: m.vocoder.NewStream(), ctx: ctx, yield: yield}
		for p, err := range m.pieces(ctx, text, s) {
			if err != nil {
				yield(Chunk{}, err)
				return
			}
			if !v.say(p) {
				return
			}
		}
	}
}

// speaker is the state of one Stream.
type speaker struct {
	m *Model
	settings
	*utterance
	stretch stretch
	vocoder vocoder.Stream
	ctx     context.Context // of the one call of Stream that the speaker lives in
	yield   func(Chunk, error) bool
	samples []float32 // of the chunk being made
	done    int       // samples spoken
}

// say speaks a piece and reports whether to go on.
func (v *speaker) say(p piece) bool {
	ids, at := v.m.acoustic.tokens(p.phonemes)
	if v.done > 0 && !v.pause(p.pause) {
		return false
	}
	v.plan(ids, v.voice, 1/min(1, v.speed), v.pitch) // slow speech has longer phonemes, fast speech fewer frames
	v.stretch.start(max(1, v.speed))
	sentence := v.sentence(p, at)
	for {
		if err := v.ctx.Err(); err != nil {
			v.yield(Chunk{}, err)
			return false
		}
		mel, f0 := v.next()
		if mel.Rows == 0 {
			break
		}
		mel, f0 = v.stretch.push(mel, f0)
		v.samples = v.vocoder.Push(v.samples[:0], mel, f0)
		if !v.emit(&sentence) {
			return false
		}
	}
	v.samples = v.vocoder.Flush(v.samples[:0])
	return v.emit(&sentence)
}

// emit yields v.samples, if there are any, with the sentence unless an earlier chunk has taken it.
func (v *speaker) emit(sentence **Sentence) bool {
	if len(v.samples) == 0 {
		return true
	}
	for i, x := range v.samples {
		v.samples[i] = max(-1, min(1, x*v.gain))
	}
	c := Chunk{Samples: v.samples, Rate: v.m.Rate(), Start: v.time(v.done), Sentence: *sentence}
	*sentence = nil
	v.done += len(v.samples)
	return v.yield(c, nil)
}

// pause yields silence, a fifth of a second at a time.
func (v *speaker) pause(d time.Duration) bool {
	var none *Sentence
	for n := int(d.Seconds() / v.speed * float64(v.m.Rate())); n > 0; {
		k := min(n, v.m.Rate()/5)
		if cap(v.samples) < k {
			v.samples = make([]float32, k)
		}
		v.samples = v.samples[:k]
		clear(v.samples)
		if !v.emit(&none) {
			return false
		}
		n -= k
	}
	return true
}

// sentence times the words of the piece that was just planned; at gives the token of each phoneme character.
func (v *speaker) sentence(p piece, at []int) *Sentence {
	ends := make([]int, len(v.steps)+1) // ends[i]: samples of the stream before token i
	frames := 0
	for i := range ends {
		if i > 0 {
			frames += pair * v.steps[i-1]
		}
		ends[i] = v.done + int(float64(frames*v.m.acoustic.Hop)/v.stretch.speed)
	}
	ends[len(v.steps)] = v.done + stretched(frames, v.stretch.speed)*v.m.acoustic.Hop
	s := &Sentence{Text: p.text, Start: v.time(ends[0]), End: v.time(ends[len(v.steps)])}
	token := func(i int) int {
		if i < len(at) {
			return at[i]
		}
		return len(v.steps) - 1
	}
	for _, w := range p.words {
		s.Words = append(s.Words, Word{w.text, v.time(ends[token(w.lo)]), v.time(ends[token(w.hi)])})
	}
	return s
}

// time converts samples of the stream.
func (v *speaker) time(samples int) time.Duration {
	rate := v.m.Rate()
	return time.Duration(samples/rate)*time.Second + time.Duration(samples%rate)*time.Second/time.Duration(rate) // of days, too
}
