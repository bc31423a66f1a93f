package asr

import (
	"fmt"
	"time"
)

// Search says how text is found.
type Search int

// The kinds of search.
const (
	// Default is Lexicon if the model has a lexicon, else PrefixBeam.
	Default Search = iota
	// Lexicon finds words of the lexicon by their phones, with the word language model: a streaming beam.
	Lexicon
	// Rescored is Lexicon, and at the end of a segment the decoder and the subword CTC choose among its best results.
	Rescored
	// Greedy takes the likeliest subword of each frame. Any spelling is possible; no language model.
	Greedy
	// PrefixBeam is a CTC prefix beam over subwords.
	PrefixBeam
	// Attention lets the decoder write the segment, subword by subword, once it has ended; partial results come from Greedy.
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

// Options are the settings of one transcription. nil and zero fields mean defaults.
type Options struct {
	Search   Search
	Partials bool // Stream yields partial results, at most one a chunk

	// Chunk is how much sound is heard at a time: short ones give text earlier, long ones better text. Rounded to 40 ms.
	// Default: the model's, 640 ms. 80 ms to 30 s.
	Chunk time.Duration

	// Silence ends a segment. Default 800 ms.
	Silence time.Duration
	// MaxSegment is the longest segment; it ends at its best pause. Default 20 s, at most 60 s.
	MaxSegment time.Duration

	// Alternatives is how many other readings of each segment to return. Default none, at most 100.
	Alternatives int

	// Doubtful keeps segments whose words were hardly heard: mostly noises in which the search found words.
	Doubtful bool

	Beam      int     // hypotheses kept; default 800 (Lexicon, Rescored), 16 (PrefixBeam), 4 (Attention); at most 10000
	LMWeight  float64 // of the language model against the sound
	WordBonus float64 // natural log, added for each word: positive values give more words

	// weights of rescoring against the first pass, 0: default
	attWeight, pieceWeight float64
}

// defaults found on held-out speech; see training/asr.
const (
	defaultLMWeight    = 0.8
	defaultWordBonus   = 0.3
	defaultAttWeight   = 0.2
	defaultPieceWeight = 0.3
)

// settings are Options with defaults filled in, in encoder frames.
type settings struct {
	Options
	chunk, silence, maxSegment int
}

func (o *Options) settings(m *hybrid) (settings, error) {
	s := settings{}
	if o != nil {
		s.Options = *o
	}
	if s.Search == Default {
		s.Search = m.defaultSearch()
	}
	if err := m.supports(s.Search); err != nil {
		return s, err
	}
	set(&s.LMWeight, defaultLMWeight)
	set(&s.WordBonus, defaultWordBonus)
	set(&s.attWeight, defaultAttWeight)
	set(&s.pieceWeight, defaultPieceWeight)
	set(&s.Silence, 800*time.Millisecond)
	set(&s.MaxSegment, 20*time.Second)
	set(&s.Beam, map[Search]int{Lexicon: 800, Rescored: 800, Greedy: 1, PrefixBeam: 16, Attention: 4}[s.Search])
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
		return fmt.Errorf("asr: Options.Chunk is %v, want 80 ms to 30 s", s.Chunk)
	case s.silence < 2:
		return fmt.Errorf("asr: Options.Silence is %v, want at least 80 ms", s.Silence)
	case s.maxSegment < 25 || s.maxSegment > 1500:
		return fmt.Errorf("asr: Options.MaxSegment is %v, want 1 s to 60 s", s.MaxSegment)
	case s.Beam < 1 || s.Beam > 10000:
		return fmt.Errorf("asr: Options.Beam is %d, want 1 to 10000", s.Beam)
	case s.Alternatives < 0 || s.Alternatives > 100:
		return fmt.Errorf("asr: Options.Alternatives is %d, want 0 to 100", s.Alternatives)
	case !(s.LMWeight >= 0 && s.LMWeight <= 100) || !(s.WordBonus >= -100 && s.WordBonus <= 100):
		return fmt.Errorf("asr: Options.LMWeight is %v and WordBonus %v, want 0 to 100 and -100 to 100", s.LMWeight, s.WordBonus)
	}
	return nil
}
