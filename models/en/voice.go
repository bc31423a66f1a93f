package en

import (
	"embed"
	"errors"
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

// openVoices is the root of the files that voices share.
func openVoices() fs.FS { return sub(voiceFiles, "voice") }

func sub(f fs.FS, name string) fs.FS {
	dir, err := fs.Sub(f, name)
	if err != nil {
		panic(err) // the name is valid
	}
	return dir
}

// openVoice is the root of the files of a voice: its own, in the folder of its name, go before those that it shares.
func openVoice(name string) fs.FS { return overlay{sub(openVoices(), name), openVoices()} }

// overlay is two file systems, of which the first goes before the second.
type overlay [2]fs.FS

// Open implements fs.FS.
func (o overlay) Open(name string) (fs.File, error) {
	f, err := o[0].Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return o[1].Open(name)
	}
	return f, err
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

// Voice loads a voice; "" is DefaultVoice. Those without an acoustic model of their own share one, and tts.Options may choose
// another of them (Model.Voices) for a text.
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
	return tts.OpenWith(openVoice(name), &o)
}
