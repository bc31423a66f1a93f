package asr

import (
	"fmt"
	"time"
)

// Search says how text is found.
type Search int

// The kinds of search.
const (
	// Default is Rescored if the model has a lexicon, else PrefixBeam.
	Default Search = iota
	// Lexicon finds words of the lexicon by their phones, with the word language model: a streaming beam.
	Lexicon
	// Rescored is Lexicon while a segment lasts. At its end the whole of it is heard again, the decoder writes texts of its own, with any
	// words, and both passes judge all texts.
	Rescored
	// Greedy takes the likeliest subword of each frame. Any spelling is possible; no language model.
	Greedy
	// PrefixBeam is a CTC prefix beam over subwords.
	PrefixBeam
	// Attention lets the decoder alone write the segment, which is heard again for it, once it has ended; partial results come from Greedy.
	Attention
)

var searchNames = [...]string{"default", "lexicon", "rescored", "greedy", "prefix", "attention"}

func (s Search) String() string {
	if s < 0 || int(s) >= len(searchNames) {
		return fmt.Sprintf("Search(%d)", int(s))
	}
	return searchNames[s]
}

// ParseSearch returns the search of a name as String gives it.
func ParseSearch(name string) (Search, error) {
	for i, n := range searchNames {
		if n == name {
			return Search(i), nil
		}
	}
	return 0, fmt.Errorf("asr: unknown search %q, want one of %q", name, searchNames)
}

// Options are the settings of one transcription. nil and zero fields mean defaults. A field that says which families of models have it
// must be zero for the others: Stream fails with an OptionError that names it, as Model.Check does.
type Options struct {
	Partials bool // Stream yields partial results, at most one a chunk
	Words    bool // segments have Words: Whisper; Parley's own models, wav2vec 2.0 and HuBERT always give them

	// Alternatives is how many other readings of each segment to return. Default none, at most 100. Not Moonshine and Speech2Text.
	Alternatives int

	// Beam is how many hypotheses are kept. Default: 800 (Lexicon, Rescored), 16 (PrefixBeam), 2 (Attention), Whisper 1, which is greedy.
	// At most 10000, Whisper 100.
	Beam int

	// Doubtful keeps what was hardly heard: mostly noises in which the search found words. For Whisper it turns off the voice activity
	// detector, which otherwise keeps silence, noise and music from it.
	Doubtful bool

	// Progress is told how much of the sound is done.
	Progress func(heard time.Duration)

	// Chunk is how much sound is heard at a time: short ones give text earlier, long ones better text. 80 ms to 30 s. Parley's own
	// models round it to 40 ms; their default is the model's, 640 ms. For Whisper, which hears everything since the last silence again
	// each time, it is the time between partial results; default 1 s.
	Chunk time.Duration
	// Silence ends a segment. Default 800 ms. Whisper ends segments by itself and uses it with Partials only.
	Silence time.Duration

	// Language is the one spoken: a code such as "de", or an English name. Whisper finds it out from the first window by default, and if it is
	// "auto". Other models hear one language only, which for Parley's own is English: another one is an error. The files of wav2vec 2.0, HuBERT,
	// Moonshine and Speech2Text do not say which language that is; what is set here is then believed, and is the Language of segments.
	Language string

	// Parley's own models. wav2vec 2.0, HuBERT, Moonshine and Speech2Text have Search and MaxSegment.

	Search Search // Whisper: Default, Greedy and Attention; wav2vec 2.0: Default, Greedy and PrefixBeam; the others: Default and Greedy
	// MaxSegment is the longest segment; it ends at its best pause. Default 20 s, at most 60 s.
	MaxSegment time.Duration
	LMWeight   float64 // of the language model against the sound
	WordBonus  float64 // natural log, added for each word: positive values give more words
	// Plain gives final results as partial ones always are: in small letters, without marks. Of the searches Rescored and Attention write
	// capitals and marks, which the decoder hears, if the model has a head for them.
	Plain bool

	// Whisper only.

	Languages []string  // of those spoken, the only ones to choose from
	Translate bool      // into English
	Prompt    string    // text as if it had been said before: names, spelling, style
	Hotwords  []Hotword // words to listen for
	Clips     []Clip    // the only parts to hear, in order. Default: all
	Whisper   WhisperOptions
}

// A Hotword is a word or phrase to listen for. The search favours it where it begins, and takes that back where it does not go on.
type Hotword struct {
	Text  string
	Boost float64 // natural log, for each token; 0: 2
}

// A Clip is a part of a sound. End 0 is the end of the sound.
type Clip struct{ Start, End time.Duration }

// defaults found on held-out speech; see training/asr.
const (
	defaultLMWeight  = 1.0
	defaultWordBonus = 0.5
)

// settings are Options with defaults filled in, in encoder frames.
type settings struct {
	Options
	chunk, silence, maxSegment int
}

func (o *Options) settings(m *hybrid) (settings, error) {
	s := settings{}
	if err := o.only("this family of models", "Partials", "Words", "Alternatives", "Beam", "Doubtful", "Progress", "Chunk", "Silence", "Search",
		"MaxSegment", "LMWeight", "WordBonus", "Plain", "Language"); err != nil {
		return s, err
	}
	if o != nil {
		s.Options = *o
	}
	var err error
	if s.Language, err = o.onlyLanguage(ownLanguage); err != nil {
		return s, err
	}
	if s.Search == Default {
		s.Search = m.defaultSearch()
	}
	if err := m.supports(s.Search); err != nil {
		return s, err
	}
	set(&s.LMWeight, defaultLMWeight)
	set(&s.WordBonus, defaultWordBonus)
	set(&s.Silence, 800*time.Millisecond)
	set(&s.MaxSegment, 20*time.Second)
	set(&s.Beam, map[Search]int{Lexicon: 800, Rescored: 800, Greedy: 1, PrefixBeam: 16, Attention: attentionBeams}[s.Search])
	s.chunk = m.config.Chunk
	if s.Chunk != 0 {
		s.chunk = int((s.Chunk + frameTime/2) / frameTime)
	}
	s.silence, s.maxSegment = int(s.Silence/frameTime), int(s.MaxSegment/frameTime)
	return s, s.check()
}

func set[T int | float64 | time.Duration](v *T, to T) {
	if *v == 0 {
		*v = to
	}
}

func (s *settings) check() error {
	switch {
	case s.chunk < 2 || s.chunk > 750:
		return optionf("Chunk", "is %v, want 80 ms to 30 s", s.Chunk)
	case s.silence < 2:
		return optionf("Silence", "is %v, want at least 80 ms", s.Silence)
	case s.maxSegment < 25 || s.maxSegment > 1500:
		return optionf("MaxSegment", "is %v, want 1 s to 60 s", s.MaxSegment)
	case s.Beam < 1 || s.Beam > 10000:
		return optionf("Beam", "is %d, want 1 to 10000", s.Beam)
	case s.Alternatives < 0 || s.Alternatives > 100:
		return optionf("Alternatives", "is %d, want 0 to 100", s.Alternatives)
	case !(s.LMWeight >= 0 && s.LMWeight <= 100) || !(s.WordBonus >= -100 && s.WordBonus <= 100):
		return optionf("LMWeight", "is %v and WordBonus %v, want 0 to 100 and -100 to 100", s.LMWeight, s.WordBonus)
	}
	return nil
}
