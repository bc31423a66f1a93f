package whisper

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/parley-go/parley/audio"
)

// SpeedOptions say what Model.Speed does.
type SpeedOptions struct {
	Seconds int // of sound, 1 to 30
	Tokens  int // written, whatever the sound is
	Beam    int // hypotheses of the beam
	Runs    int // of each stage
}

// Speed is how long the stages of a window take, in milliseconds: medians of the runs.
type Speed struct {
	Mel     float64 `json:"mel_ms"`              // sound to log-mel
	Encoder float64 `json:"encoder_ms"`          // log-mel to encoder states, and to the decoder's keys and values of them
	Prompt  float64 `json:"prompt_ms"`           // the tokens before the text, and the first of the text
	Token   float64 `json:"decode_ms_per_token"` // greedily
	Step    float64 `json:"beam_ms_per_step"`    // a token of every hypothesis of the beam
	Total   float64 `json:"total_ms"`            // sound to text, greedily
}

// few tokens come before those whose time is measured: a token's is the difference between a long and a short text.
const few = 4

// Speed times the stages of one window with texts of a fixed length: the end of the text is never written, so that models of any
// weights do the same work.
func (m *Model) Speed(ctx context.Context, o SpeedOptions) (Speed, error) {
	if o.Seconds < 1 || o.Seconds > m.config.frames()/frameRate {
		return Speed{}, fmt.Errorf("whisper: %d seconds, want 1 to %d", o.Seconds, m.config.frames()/frameRate)
	}
	if most := m.config.TextContext - few - 4; o.Tokens < 1 || o.Tokens > most {
		return Speed{}, fmt.Errorf("whisper: %d tokens, want 1 to %d", o.Tokens, most)
	}
	if o.Runs < 1 {
		return Speed{}, fmt.Errorf("whisper: %d runs, want at least 1", o.Runs)
	}
	s := m.sessions.Get().(*session)
	defer s.release()
	w := &stopwatch{transcription: transcription{session: s}, ctx: ctx, clip: sweep(o.Seconds), runs: o.Runs}
	return w.measure(o)
}

// sweep is a rising tone in noise.
func sweep(seconds int) audio.Clip {
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, seconds*sampleRate)
	for i := range x {
		t := float64(i) / sampleRate
		x[i] = float32(0.1*math.Sin(2*math.Pi*(200+50*t)*t) + 0.01*r.NormFloat64())
	}
	return audio.Clip{Rate: sampleRate, Samples: x}
}

// stopwatch runs the stages of a window; err is the first that failed.
type stopwatch struct {
	transcription
	ctx  context.Context
	clip audio.Clip
	runs int
	err  error
}

func (w *stopwatch) measure(o SpeedOptions) (Speed, error) {
	beam := w.median(func() float64 { return w.perToken(o.Beam, o.Tokens) })
	r := Speed{
		Mel:     w.median(func() float64 { return timed(w.mel) }),
		Encoder: w.median(func() float64 { return timed(w.states) }),
		Prompt:  w.median(func() float64 { return timed(func() { w.write(1, 1) }) }),
		Token:   w.median(func() float64 { return w.perToken(1, o.Tokens) }),
		Step:    beam,
		Total: w.median(func() float64 {
			return timed(func() {
				w.mel()
				w.states()
				w.write(1, o.Tokens)
			})
		}),
	}
	return r, w.err
}

// median runs a stage once to warm it up and returns the median of the runs after that.
func (w *stopwatch) median(stage func() float64) float64 {
	if w.memory.Data == nil {
		w.mel()
		w.states()
	}
	if w.err != nil { // nothing to decode
		return 0
	}
	stage()
	times := make([]float64, w.runs)
	for i := range times {
		if w.err != nil {
			return 0
		}
		times[i] = stage()
	}
	slices.Sort(times)
	return (times[(w.runs-1)/2] + times[w.runs/2]) / 2
}

// timed returns the milliseconds that f takes.
func timed(f func()) float64 {
	start := time.Now()
	f()
	return float64(time.Since(start).Nanoseconds()) / 1e6
}

func (w *stopwatch) mel() {
	f := w.open(w.clip.Source())
	n := w.m.config.frames()
	if err := f.fill(w.ctx, n); err != nil && w.err == nil {
		w.err = err
	}
	f.window(w.window(), 0, min(n, f.end()), false)
}

func (w *stopwatch) states() {
	err := w.encode(w.ctx, &w.memory)
	if err == nil {
		err = w.search.listen(w.ctx, w.memory)
	}
	if err != nil && w.err == nil {
		w.err = err
	}
}

// write decodes n tokens.
func (w *stopwatch) write(beam, n int) {
	o := Options{Beam: beam, MaxTokens: n, NoTimestamps: true, Suppress: []int{w.m.tokens.end}}
	if w.m.tokens.multilingual {
		o.Language = w.m.tokens.languages[0].code
	}
	set, err := w.m.settings(o)
	if err == nil {
		w.set = set
		w.prompt()
		err = w.search.run(w.ctx, set.pass, &w.task)
	}
	if err != nil && w.err == nil {
		w.err = err
	}
}

func (w *stopwatch) perToken(beam, n int) float64 {
	short := timed(func() { w.write(beam, few) })
	return (timed(func() { w.write(beam, few+n) }) - short) / float64(n)
}
