package en

import (
	"embed"
	"fmt"
	"io/fs"

	"github.com/parley-go/parley/asr"
)

//go:embed recognizer
var recognizerFiles embed.FS

// Recognizer loads the recogniser.
func Recognizer() (*asr.Model, error) { return RecognizerWith(nil) }

// RecognizerWith loads the recogniser with options.
func RecognizerWith(opt *asr.OpenOptions) (*asr.Model, error) {
	files, err := fs.Sub(recognizerFiles, "recognizer")
	if err != nil {
		return nil, fmt.Errorf("en: %w", err)
	}
	return asr.OpenWith(files, opt)
}
