package whisper

import (
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Options say how to transcribe. Zero fields mean the defaults of openai/whisper's transcribe function.
type Options struct {
	Language  string   // code or English name; "": the likeliest of the first window
	Languages []string // the only ones to choose from
	Translate bool     // into English

	Prompt      string // text before the first window: names, spelling, style
	CarryPrompt bool   // before every window
	Prefix      string // text that the first window begins with; it is not repeated in the result
	Forget      bool   // the text of a window is not the prompt of the next

	Beam          int     // 0, 1: greedy
	Patience      float64 // 0: 1
	LengthPenalty float64 // 0: the score is divided by the length
	BestOf        int     // samples at temperatures above 0; 0: Beam
	Temperatures  []float64
	Alternatives  int // other texts of each window to return

	// A text that fails these is decoded again at the next temperature. NaN: no such test.
	CompressionRatio float64 // above it the text repeats itself; 0: 2.4
	LogProb          float64 // below it, on average for a token, the text is doubtful; 0: -1
	NoSpeech         float64 // above it, and below LogProb, nobody speaks; 0: 0.6

	Suppress      []int // more tokens never to write
	SuppressRegex *regexp.Regexp
	AllTokens     bool // write also annotations and brackets
	AllowBlank    bool // a window may begin with a space or be empty
	NoTimestamps  bool // one segment a window
	FirstWithin   time.Duration
	MaxTokens     int // of a window; 0: half of what the decoder takes

	Quiet    bool // a short window is filled up with silence: see features.window
	NoVAD    bool // hear also where nobody speaks
	Batch    int  // windows to decode together, each for itself; 0, 1: one after the other
	Words    bool // times of words
	Hotwords []Hotword
	Clips    []Clip // the only parts to hear; none: all

	Progress func(done time.Duration)

	// Live, unless nil, gets what the text of the speech that goes on may become, every so often.
	Live    func(Segment) error
	Every   time.Duration // 0: 1 s
	Silence time.Duration // ends the speech that goes on; 0: 800 ms
}

// Clip is a part of a sound. End 0 is the end of the sound.
type Clip struct{ Start, End time.Duration }

// An OptionError says that a field of Options is not what the model can heed.
type OptionError struct {
	Field string
	Err   error // such as "is -1, want 1 to 100"
}

func (e *OptionError) Error() string { return "whisper: Options." + e.Field + " " + e.Err.Error() }

func wrong(field, format string, args ...any) error {
	return &OptionError{field, fmt.Errorf(format, args...)}
}

// Check returns the error that Transcribe would return for o before it hears anything: an OptionError, or nil.
func (m *Model) Check(o Options) error {
	_, err := m.settings(o)
	return err
}

// settings are Options made ready.
type settings struct {
	Options
	pass      pass
	translate bool
	allowed   []string // languages
}

func (m *Model) settings(o Options) (*settings, error) {
	s := &settings{Options: o, translate: o.Translate}
	set(&s.Beam, 1)
	set(&s.Patience, 1)
	set(&s.BestOf, s.Beam)
	set(&s.CompressionRatio, 2.4)
	set(&s.LogProb, -1)
	set(&s.NoSpeech, 0.6)
	set(&s.MaxTokens, m.config.TextContext/2)
	set(&s.FirstWithin, time.Second)
	set(&s.Every, time.Second)
	set(&s.Silence, 800*time.Millisecond)
	if s.Batch > 1 || s.Live != nil {
		s.Forget = true // an error must not spread
	}
	if s.Temperatures == nil {
		s.Temperatures = []float64{0, 0.2, 0.4, 0.6, 0.8, 1}
	}
	for _, check := range []func(*Model) error{s.check, s.checkLanguages} {
		if err := check(m); err != nil {
			return nil, err
		}
	}
	s.pass = pass{rules: m.rules(s), beam: s.Beam, samples: s.BestOf, patience: s.Patience, lengthPenalty: s.LengthPenalty, most: s.MaxTokens,
		hotwords: m.newHotwords(s.Hotwords)}
	if s.Words { // the aligner reads the text between a start of up to four tokens and its end
		s.pass.most = min(s.MaxTokens, m.config.TextContext-5)
	}
	if s.LengthPenalty == 0 {
		s.pass.lengthPenalty = -1
	}
	return s, nil
}

func set[T int | float64 | time.Duration](v *T, to T) {
	if *v == 0 {
		*v = to
	}
}

func (s *settings) check(m *Model) error {
	const most = 100
	switch {
	case s.Beam < 1 || s.Beam > most:
		return wrong("Beam", "is %d, want 1 to %d", s.Beam, most)
	case s.BestOf < 1 || s.BestOf > most:
		return wrong("BestOf", "is %d, want 1 to %d", s.BestOf, most)
	case !(s.Patience > 0 && s.Patience <= most):
		return wrong("Patience", "is %v, want above 0, at most %d", s.Patience, most)
	case !(s.LengthPenalty >= 0 && s.LengthPenalty <= 1):
		return wrong("LengthPenalty", "is %v, want 0 to 1", s.LengthPenalty)
	case len(s.Temperatures) == 0:
		return wrong("Temperatures", "are none, want at least one")
	case s.Alternatives < 0 || s.Alternatives >= most:
		return wrong("Alternatives", "is %d, want 0 to %d", s.Alternatives, most-1)
	case s.Batch < 0 || s.Batch > most:
		return wrong("Batch", "is %d, want 0 to %d", s.Batch, most)
	case s.Batch > 1 && (s.NoVAD || s.Live != nil):
		return wrong("Batch", "is %d, which needs the voice activity detector, and a sound without partial results", s.Batch)
	case s.Every < 80*time.Millisecond || s.Every > 30*time.Second:
		return wrong("Every", "is %v, want 80 ms to 30 s", s.Every)
	case s.Silence < 80*time.Millisecond:
		return wrong("Silence", "is %v, want at least 80 ms", s.Silence)
	case s.MaxTokens < 1 || s.MaxTokens > m.config.TextContext:
		return wrong("MaxTokens", "is %d, want 1 to %d", s.MaxTokens, m.config.TextContext)
	}
	for _, t := range s.Temperatures {
		if !(t >= 0 && t <= most) {
			return wrong("Temperatures", "has %v, want 0 to %d", t, most)
		}
	}
	for _, id := range s.Suppress {
		if id < 0 || id >= m.config.Vocab {
			return wrong("Suppress", "has %d, want 0 to %d", id, m.config.Vocab-1)
		}
	}
	for i, c := range s.Clips {
		if c.Start < 0 || c.End != 0 && c.End <= c.Start || i > 0 && (s.Clips[i-1].End == 0 || c.Start < s.Clips[i-1].End) {
			return wrong("Clips", "has %v to %v, want clips in order, without overlap, that end after they start", c.Start, c.End)
		}
	}
	return nil
}

func (s *settings) checkLanguages(m *Model) (err error) {
	if s.Language != "" {
		if s.Language, err = LanguageCode(s.Language); err != nil {
			return wrong("Language", "is an %w", err)
		}
	}
	if !m.tokens.multilingual {
		switch {
		case s.Language != "" && s.Language != "en":
			return wrong("Language", "is %q, but this model hears \"en\" only", s.Language)
		case s.Translate:
			return wrong("Translate", "is set, but this model hears English only")
		}
		s.Language = "en"
		return nil
	}
	for _, name := range s.Languages {
		code, err := LanguageCode(name)
		if err != nil {
			return wrong("Languages", "has an %w", err)
		}
		s.allowed = append(s.allowed, code)
	}
	for _, code := range append(slices.Clone(s.allowed), s.Language) {
		if _, ok := m.tokens.language(code); !ok && code != "" {
			return wrong("Language", "is %q, which this model does not know", code)
		}
	}
	if len(s.allowed) > 0 && s.Language != "" && !slices.Contains(s.allowed, s.Language) {
		return wrong("Language", "is %q, but the allowed ones are %q", s.Language, s.allowed)
	}
	if len(s.allowed) == 1 {
		s.Language = s.allowed[0]
	}
	return nil
}

// rules makes the lists of suppressed tokens.
func (m *Model) rules(s *settings) rules {
	t := &m.tokens
	r := rules{t: t, suppress: t.suppress, timestamps: !s.NoTimestamps, firstInitial: int(s.FirstWithin * stateRate / time.Second)}
	if s.AllTokens {
		r.suppress = []int{t.transcribe, t.translate, t.start, t.prev, t.startLM, t.noSpeech}
	}
	r.suppress = append(slices.Clip(r.suppress), s.Suppress...)
	if s.SuppressRegex != nil {
		for id := range t.end {
			if text := m.decode([]int{id}); text != "" && s.SuppressRegex.MatchString(text) {
				r.suppress = append(r.suppress, id)
			}
		}
	}
	if !s.AllowBlank {
		r.blank = t.beginSuppress
	}
	return r
}
