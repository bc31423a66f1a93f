package tts

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/parley-go/parley/text"
	"github.com/parley-go/parley/transformer"
	"github.com/parley-go/parley/vocoder"
)

// Model is a voice. It is immutable and safe for concurrent use.
type Model struct {
	front    *text.Frontend
	acoustic *acoustic
	vocoder  vocoder.Vocoder
}

// Open loads a voice from a directory.
func Open(dir string) (*Model, error) { return OpenFS(os.DirFS(dir)) }

// OpenFS loads a voice from the root of a file system, for instance an embed.FS: config.json and acoustic.safetensors, the
// files of package vocoder and those of package text.
func OpenFS(fsys fs.FS) (*Model, error) {
	m := new(Model)
	var err error
	if m.acoustic, err = openAcoustic(fsys); err != nil {
		return nil, fmt.Errorf("tts: %w", err)
	}
	if m.front, err = text.Open(fsys, nil); err != nil {
		return nil, fmt.Errorf("tts: %w", err)
	}
	if m.vocoder, err = vocoder.OpenFS(fsys); err != nil {
		return nil, fmt.Errorf("tts: %w", err)
	}
	a, v := m.acoustic, m.vocoder
	if v.Rate() != a.Rate || v.Hop() != a.Hop || v.Mels() != a.Mels {
		return nil, fmt.Errorf("tts: the vocoder takes %d mels of %d samples at %d Hz, the acoustic model makes %d of %d at %d Hz",
			v.Mels(), v.Hop(), v.Rate(), a.Mels, a.Hop, a.Rate)
	}
	return m, nil
}

func openAcoustic(fsys fs.FS) (*acoustic, error) {
	c, err := readConfig(fsys)
	if err != nil {
		return nil, err
	}
	f, err := transformer.OpenWeightsFS(fsys, "acoustic.safetensors")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return loadAcoustic(f, c)
}

// Rate returns the sample rate of the voice, Hz.
func (m *Model) Rate() int { return m.acoustic.Rate }
