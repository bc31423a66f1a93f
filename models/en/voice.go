package en

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/parley-go/parley/tts"
)

//go:embed heart
var voiceFiles embed.FS

// DefaultVoice is the voice of the empty name.
const DefaultVoice = "heart"

// Voices returns the names that Voice knows, sorted.
func Voices() []string {
	dirs, err := voiceFiles.ReadDir(".")
	if err != nil {
		panic(err) // an embed.FS has a root
	}
	var names []string
	for _, d := range dirs {
		names = append(names, d.Name())
	}
	slices.Sort(names)
	return names
}

// Voice loads a voice; "" is DefaultVoice.
func Voice(name string) (*tts.Model, error) { return VoiceWith(name, nil) }

// VoiceWith loads a voice with options.
func VoiceWith(name string, opt *tts.OpenOptions) (*tts.Model, error) {
	if name == "" {
		name = DefaultVoice
	}
	if !slices.Contains(Voices(), name) {
		return nil, fmt.Errorf("en: no voice %q; there is %s", name, strings.Join(Voices(), ", "))
	}
	dir, err := fs.Sub(voiceFiles, name)
	if err != nil {
		return nil, fmt.Errorf("en: %w", err)
	}
	return tts.OpenWith(dir, opt)
}
