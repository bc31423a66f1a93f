package en

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/parley-go/parley/tts"
)

//go:embed voice
var voiceFiles embed.FS

// DefaultVoice is the voice of the empty name.
const DefaultVoice = "heart"

// openVoices is the root of the voices' files.
func openVoices() fs.FS {
	dir, err := fs.Sub(voiceFiles, "voice")
	if err != nil {
		panic(err) // the name is valid
	}
	return dir
}

// Voices returns the names that Voice knows, sorted.
func Voices() []string {
	names, err := tts.Voices(openVoices())
	if err != nil {
		panic(err) // the files were embedded when the program was built, and a test loads them
	}
	slices.Sort(names)
	return names
}

// Voice loads a voice; "" is DefaultVoice. One model speaks with all of them: tts.Options may choose another (Model.Voices) for a text.
func Voice(name string) (*tts.Model, error) { return VoiceWith(name, nil) }

// VoiceWith loads a voice with options, of which name replaces Voice.
func VoiceWith(name string, opt *tts.OpenOptions) (*tts.Model, error) {
	if name == "" {
		name = DefaultVoice
	}
	if names := Voices(); !slices.Contains(names, name) {
		return nil, fmt.Errorf("en: no voice %q; there is %s", name, strings.Join(names, ", "))
	}
	o := tts.OpenOptions{}
	if opt != nil {
		o = *opt
	}
	o.Voice = name
	return tts.OpenWith(openVoices(), &o)
}
