package tts

import (
	"fmt"
	"math"
)

// Options say how text is spoken. nil and zero fields mean the defaults.
type Options struct {
	Voice  string  // one of Model.Voices; "" is that of OpenOptions
	Speed  float64 // times the usual, 0.25 to 4; 0 is 1
	Pitch  float64 // semitones up (or down) from the usual, -12 to 12
	Volume float64 // dB above (or below) the usual, -60 to 20; samples stay within [-1, 1]

	// Phonemes says that the text is phonemes: one sentence a line, words apart by spaces, in the alphabet of package text.
	// Another character is an error, which comes after the sound of the lines before.
	Phonemes bool
	// Lexicon gives words a pronunciation of your own, in the alphabet of package text: {"parley": "pˈɑɹli"}.
	Lexicon map[string]string
}

// settings are Options with the defaults filled in.
type settings struct {
	voice        int // speaker of the acoustic model
	speed, pitch float64
	gain         float32
	phonemes     bool
	lexicon      map[string]string
}

func (m *Model) settings(o *Options) (settings, error) {
	if o == nil {
		o = &Options{}
	}
	s := settings{voice: m.voice, speed: o.Speed, pitch: o.Pitch, phonemes: o.Phonemes, lexicon: o.Lexicon}
	if s.speed == 0 {
		s.speed = 1
	}
	for _, f := range []struct {
		name           string
		v, least, most float64
	}{
		{"Speed", s.speed, 0.25, 4}, {"Pitch", s.pitch, -12, 12}, {"Volume", o.Volume, -60, 20},
	} {
		if !(f.v >= f.least && f.v <= f.most) {
			return s, fmt.Errorf("tts: Options.%s is %v, want %v to %v", f.name, f.v, f.least, f.most)
		}
	}
	if o.Voice != "" {
		var err error
		if s.voice, err = m.acoustic.speaker(o.Voice); err != nil {
			return s, fmt.Errorf("tts: Options.Voice: %w", err)
		}
	}
	s.gain = float32(math.Pow(10, o.Volume/20))
	return s, nil
}
