package asr

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/internal/whisper"
)

// WhisperOptions are the settings that only Whisper has. The defaults are those of the transcribe function of openai/whisper.
type WhisperOptions struct {
	CarryPrompt bool   // Options.Prompt is before every window and not only the first
	Prefix      string // text that the first window begins with; the result does not repeat it
	Independent bool   // the text of a window is not shown to the next: less consistent, but an error does not spread

	Patience      float64 // the beam goes on until Beam*Patience texts have ended; default 1
	LengthPenalty float64 // alpha of Wu et al. 2016, arXiv:1609.08144, 0 to 1; default: scores are divided by the length
	BestOf        int     // texts drawn at temperatures above 0; default Options.Beam

	// Temperatures are tried in turn while the text is doubtful. Default 0, 0.2, 0.4, 0.6, 0.8, 1.
	Temperatures []float64
	// A text is doubtful if it repeats itself, that is compresses by more than CompressionRatio (default 2.4), or if its tokens have on
	// average a log-probability below LogProb (default -1); unless nobody speaks: NoSpeech (default 0.6) is the least probability of that.
	// NaN turns a test off.
	CompressionRatio, LogProb, NoSpeech float64

	Suppress      []int          // tokens never to write, besides those of the model
	SuppressRegex *regexp.Regexp // the same for tokens whose text matches
	Annotations   bool           // allow the brackets, notes and speaker marks that the model suppresses
	Blank         bool           // allow a window to begin with a space, or to be empty
	NoTimestamps  bool           // one segment for each window
	FirstWithin   time.Duration  // the latest first timestamp of a window; default 1 s
	MaxTokens     int            // of a window; default half of what the decoder takes

	// Batch windows are decoded together, which is faster: speech is cut into windows at its pauses, and each is independent of the
	// others. Default: one window after the other, each from where the text of the one before ended.
	Batch int
}

// whisperPrecision is the usual one of Whisper's weights: texts are those of float32 (docs/whisper.md), in half the memory.
const whisperPrecision = kernel.BF16

// whisperEngine is a Whisper model as an engine.
type whisperEngine struct{ m *whisper.Model }

func openWhisper(fsys fs.FS, opt *OpenOptions) (engine, error) {
	dir, err := weights.OpenDirFS(fsys)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	l, err := opt.loader(dir, whisperPrecision)
	if err != nil {
		return nil, err
	}
	m, err := whisper.Open(fsys, l)
	if err != nil {
		return nil, err
	}
	return &whisperEngine{m}, nil
}

// stream is Model.Stream.
func (e *whisperEngine) stream(ctx context.Context, src audio.Source, opt *Options, yield func(Segment, error) bool) {
	o, err := whisperOptions(opt)
	if err != nil {
		yield(Segment{}, err)
		return
	}
	pass := func(final bool) func(whisper.Segment) error {
		return func(s whisper.Segment) error {
			if !yield(whisperSegment(s, final), nil) {
				return errStopped
			}
			return nil
		}
	}
	if opt != nil && opt.Partials {
		o.Live = pass(false)
	}
	err = e.m.Transcribe(ctx, src, o, pass(true))
	if err != nil && !errors.Is(err, errStopped) {
		yield(Segment{}, whisperError(err))
	}
}

func (e *whisperEngine) check(opt *Options) error {
	o, err := whisperOptions(opt)
	if err != nil {
		return err
	}
	if opt != nil && opt.Partials {
		o.Live = func(whisper.Segment) error { return nil }
	}
	return whisperError(e.m.Check(o))
}

// whisperError is an error of package whisper with the names that Options have.
func whisperError(err error) error {
	var wrong *whisper.OptionError
	if !errors.As(err, &wrong) {
		return err
	}
	field := wrong.Field
	if _, ok := reflect.TypeFor[WhisperOptions]().FieldByName(field); ok {
		field = "Whisper." + field
	}
	if field == "Every" {
		field = "Chunk"
	}
	return &OptionError{Field: field, err: wrong.Err}
}

// A LanguageProb says how likely it is that a sound is in a language.
type LanguageProb struct {
	Language string // such as "en"
	Prob     float64
}

// DetectLanguage returns how likely each language of the model is at the beginning of the speech in a sound, the likeliest first; nothing
// if nobody speaks. It hears at most the first half minute of speech. Only Whisper models can.
func (m *Model) DetectLanguage(ctx context.Context, src audio.Source) ([]LanguageProb, error) {
	e, ok := m.engine.(*whisperEngine)
	if !ok {
		return nil, errors.New("asr: this family of models cannot tell languages apart; use a Whisper model")
	}
	probs, err := e.m.Detect(ctx, src)
	if err != nil {
		return nil, fmt.Errorf("asr: %w", err)
	}
	var out []LanguageProb
	for _, p := range probs {
		out = append(out, LanguageProb{p.Code, p.Prob})
	}
	return out, nil
}

// whisperOptions are Options as package whisper has them.
func whisperOptions(opt *Options) (o whisper.Options, err error) {
	if opt == nil {
		return o, nil
	}
	if err := opt.only("Whisper", "Partials", "Words", "Alternatives", "Beam", "Doubtful", "Progress", "Chunk", "Silence", "Search", "Language",
		"Languages", "Translate", "Prompt", "Hotwords", "Clips", "Whisper"); err != nil {
		return o, err
	}
	if s := opt.Search; s != Default && s != Attention && s != Greedy || s == Greedy && opt.Beam > 1 {
		return o, optionf("Search", "is %v and Beam %d; Whisper has %v, and %v without a beam", s, opt.Beam, Attention, Greedy)
	}
	language, err := opt.language()
	if err != nil {
		return o, err
	}
	w := &opt.Whisper
	o = whisper.Options{
		Language: language, Languages: opt.Languages, Translate: opt.Translate,
		Prompt: opt.Prompt, CarryPrompt: w.CarryPrompt, Prefix: w.Prefix, Forget: w.Independent,
		Beam: opt.Beam, Patience: w.Patience, LengthPenalty: w.LengthPenalty, BestOf: w.BestOf, Temperatures: w.Temperatures,
		Alternatives:     opt.Alternatives,
		CompressionRatio: w.CompressionRatio, LogProb: w.LogProb, NoSpeech: w.NoSpeech,
		Suppress: w.Suppress, SuppressRegex: w.SuppressRegex, AllTokens: w.Annotations, AllowBlank: w.Blank,
		NoTimestamps: w.NoTimestamps, FirstWithin: w.FirstWithin, MaxTokens: w.MaxTokens,
		Words: opt.Words, Progress: opt.Progress, NoVAD: opt.Doubtful, Batch: w.Batch,
		Every: opt.Chunk, Silence: opt.Silence,
	}
	for _, h := range opt.Hotwords {
		set(&h.Boost, 2)
		o.Hotwords = append(o.Hotwords, whisper.Hotword(h))
	}
	for _, c := range opt.Clips {
		o.Clips = append(o.Clips, whisper.Clip(c))
	}
	return o, nil
}

func whisperSegment(s whisper.Segment, final bool) Segment {
	text, joined := trimmed(s.Text)
	out := Segment{Text: text, Joined: joined, Start: seconds(s.Start), End: seconds(s.End), Final: final, Language: s.Language,
		Decoding: &Decoding{s.Tokens, s.Temperature, s.AvgLogProb, s.Compression, s.NoSpeech}}
	for _, w := range s.Words {
		text, joined := trimmed(w.Text)
		out.Words = append(out.Words, Word{Text: text, Joined: joined, Start: seconds(w.Start), End: seconds(w.End), Confidence: float32(w.Prob)})
	}
	for _, a := range s.Alternatives {
		out.Alternatives = append(out.Alternatives, Alternative{strings.TrimSpace(a.Text), a.Score})
	}
	return out
}

// trimmed returns text as the model wrote it without the spaces around it, and whether there is none before it.
func trimmed(text string) (_ string, joined bool) {
	return strings.TrimSpace(text), !strings.HasPrefix(text, " ")
}

// seconds is x seconds, to the millisecond.
func seconds(x float64) time.Duration {
	return time.Duration(x*1000+0.5) * time.Millisecond
}
