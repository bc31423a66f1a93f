package asr

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/wav2vec2"
	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/transformer"
	"github.com/parley-go/parley/vad"
)

// ctcEngine is a wav2vec 2.0 or HuBERT model as an engine.
type ctcEngine struct{ m *wav2vec2.Model }

func openCTC(fsys fs.FS, opt *OpenOptions) (engine, error) {
	dir, err := weights.OpenDirFS(fsys)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	l, err := opt.loader(dir, kernel.F32)
	if err != nil {
		return nil, err
	}
	m, err := wav2vec2.Open(fsys, l)
	if err != nil {
		return nil, err
	}
	return &ctcEngine{m}, nil
}

// stream is Model.Stream. Each stretch of speech that the voice activity detector finds is a segment; with Options.Doubtful the whole
// sound is heard, in windows, and its segments are made of the letters between silences.
func (e *ctcEngine) stream(ctx context.Context, src audio.Source, opt *Options, yield func(Segment, error) bool) {
	h, err := newHearing(e.m, opt, yield)
	switch {
	case err != nil:
	case h.Doubtful:
		err = e.m.Windows(ctx, src, int(h.Chunk.Seconds()*sampleRate), h.window)
		if err == nil {
			err = h.end(h.logp.len())
		}
	default:
		err = h.spans(ctx, src)
	}
	if err != nil && !errors.Is(err, errStopped) {
		yield(Segment{}, err)
	}
}

// hearing is one sound on its way to text.
type hearing struct {
	Options
	m          *wav2vec2.Model
	yield      func(Segment, error) bool
	prefix     *prefixBeam // or nil: the likeliest path
	greedy     greedy
	align      aligner
	maxFrames  int           // of a segment
	maxSilence int           // frames within a segment
	base       time.Duration // where frame 0 of logp is
	logp       frames        // ln P of units: what the next segment may have
	silent     int           // frames since the last letter
}

func newHearing(m *wav2vec2.Model, opt *Options, yield func(Segment, error) bool) (*hearing, error) {
	if err := opt.only("wav2vec 2.0", "Words", "Alternatives", "Beam", "Doubtful", "Progress", "Chunk", "Silence", "Search", "MaxSegment", "Language"); err != nil {
		return nil, err
	}
	h := &hearing{m: m, yield: yield, logp: frames{cols: m.Units()}}
	if opt != nil {
		h.Options = *opt
	}
	var err error
	if h.Language, err = opt.onlyLanguage(""); err != nil {
		return nil, err
	}
	if h.Search == Default {
		h.Search = Greedy
		if h.Alternatives > 0 || h.Beam > 1 {
			h.Search = PrefixBeam
		}
	}
	set(&h.Beam, map[Search]int{Greedy: 1, PrefixBeam: 16}[h.Search])
	set(&h.Silence, 800*time.Millisecond)
	set(&h.MaxSegment, 20*time.Second)
	set(&h.Chunk, 30*time.Second)
	if h.Search == PrefixBeam {
		h.prefix = newPrefixBeam(max(h.Beam, h.Alternatives+1), 0, pieceFloor)
	}
	h.maxFrames, h.maxSilence = int(h.MaxSegment/h.time(1)), int(h.Silence/h.time(1))
	return h, h.check()
}

func (e *ctcEngine) check(opt *Options) error {
	_, err := newHearing(e.m, opt, nil)
	return err
}

func (h *hearing) check() error {
	switch {
	case h.Search != Greedy && h.Search != PrefixBeam, h.Search == Greedy && (h.Beam > 1 || h.Alternatives > 0):
		return optionf("Search", "is %v, Beam %d and Alternatives %d; wav2vec 2.0 has %v, and %v with one result", h.Search, h.Beam, h.Alternatives, PrefixBeam, Greedy)
	case h.Beam < 1 || h.Beam > 10000:
		return optionf("Beam", "is %d, want 1 to 10000", h.Beam)
	case h.Alternatives < 0 || h.Alternatives > 100:
		return optionf("Alternatives", "is %d, want 0 to 100", h.Alternatives)
	case h.Chunk < time.Second || h.Chunk > 30*time.Second:
		return optionf("Chunk", "is %v, want 1 s to 30 s for wav2vec 2.0", h.Chunk)
	}
	return h.checkSegments()
}

// time is that of a number of frames.
func (h *hearing) time(frames int) time.Duration {
	return time.Duration(frames*h.m.Hop()) * samplePeriod
}

// spans makes a segment of each stretch of speech.
func (h *hearing) spans(ctx context.Context, src audio.Source) error {
	around := min(400*time.Millisecond, h.Silence)
	set := &vad.Options{MinSilence: h.Silence, Before: around, After: around, MaxSpeech: h.MaxSegment}
	for s, err := range vad.Spans(ctx, audio.Resample(src, sampleRate), nil, set) {
		if err != nil {
			return err
		}
		y, err := h.m.LogProbs(ctx, s.Samples)
		if err != nil {
			return err
		}
		h.base = time.Duration(s.Start) * samplePeriod
		copy(h.logp.extend(y.Rows).Data, y.Data)
		if err := h.end(h.logp.len()); err != nil {
			return err
		}
		h.progress(time.Duration(s.End) * samplePeriod)
	}
	return nil
}

// window takes the next frames of a whole sound and ends the segments whose silence was heard, or that are too long.
func (h *hearing) window(y transformer.Mat) error {
	for t := range y.Rows {
		copy(h.logp.extend(1).Data, y.Row(t))
		h.silent++
		if u := transformer.Argmax(y.Row(t)); u != 0 && u != h.m.Delimiter() {
			h.silent = 0
		}
		n := h.logp.len()
		switch {
		case h.silent == n && n > h.maxSilence: // nobody speaks: not even kept
			h.drop(n - h.maxSilence/2)
		case h.silent >= h.maxSilence && h.silent < n:
			if err := h.end(n - h.maxSilence/2); err != nil {
				return err
			}
		case n >= h.maxFrames:
			if err := h.end(h.pause()); err != nil {
				return err
			}
		}
	}
	h.progress(h.base + h.time(h.logp.len()))
	return nil
}

// pause is the end of the last frame between words in the second half of what was heard, or of all if there is none.
func (h *hearing) pause() int {
	all := h.logp.first(h.logp.len())
	for t := all.Rows - 1; t > all.Rows/2; t-- {
		if transformer.Argmax(all.Row(t)) == h.m.Delimiter() {
			return t + 1
		}
	}
	return all.Rows
}

func (h *hearing) drop(n int) {
	h.logp.drop(n)
	h.base += h.time(n)
	h.silent = min(h.silent, h.logp.len())
}

func (h *hearing) progress(heard time.Duration) {
	if h.Progress != nil {
		h.Progress(heard)
	}
}

// end makes a segment of the first n frames and drops them.
func (h *hearing) end(n int) error {
	defer h.drop(n)
	logp := h.logp.first(n)
	readings := h.readings(logp)
	if len(readings) == 0 || readings[0].text == "" {
		return nil
	}
	best := readings[0]
	seg := Segment{Text: best.text, Final: true, Language: h.Language}
	spans := h.align.align(logp, best.units)
	if spans == nil { // weights that are no numbers
		spans = spread(len(best.units), 0, n)
	}
	for _, w := range h.m.Words(best.units) {
		of := spans[w.Lo:w.Hi]
		seg.Words = append(seg.Words, Word{Text: w.Text, Start: h.base + h.time(of[0].lo), End: h.base + h.time(of[len(of)-1].hi), Confidence: confidence(of)})
	}
	seg.Start, seg.End = seg.Words[0].Start, seg.Words[len(seg.Words)-1].End
	for _, r := range readings[1:min(len(readings), 1+h.Alternatives)] {
		seg.Alternatives = append(seg.Alternatives, Alternative{r.text, float64(r.score - best.score)})
	}
	if !h.yield(seg, nil) {
		return errStopped
	}
	return nil
}

// A reading is a text with its units.
type reading struct {
	text  string
	units []int
	score float32
}

// readings returns the texts of logp (T, V), best first.
func (h *hearing) readings(logp transformer.Mat) []reading {
	if h.prefix == nil {
		h.greedy.reset()
		for t := range logp.Rows {
			h.greedy.step(logp.Row(t))
		}
		return []reading{h.reading(h.greedy.units, h.greedy.score)}
	}
	h.prefix.reset()
	for t := range logp.Rows {
		h.prefix.step(logp.Row(t))
	}
	var out []reading
	for i := range h.prefix.tokens {
		r := h.reading(h.prefix.units(nil, i), h.prefix.tokens[i].total)
		if !slices.ContainsFunc(out, func(o reading) bool { return o.text == r.text }) {
			out = append(out, r)
		}
	}
	return out
}

func (h *hearing) reading(units []int, score float32) reading {
	var texts []string
	for _, w := range h.m.Words(units) {
		texts = append(texts, w.Text)
	}
	return reading{strings.Join(texts, " "), units, score}
}
