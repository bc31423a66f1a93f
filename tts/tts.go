package tts

import (
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/internal/zst"
	"github.com/parley-go/parley/text"
	"github.com/parley-go/parley/transformer"
	"github.com/parley-go/parley/vocoder"
)

// Model is one or several voices. It is immutable and safe for concurrent use.
type Model struct {
	front    *text.Frontend
	acoustic *acoustic
	vocoder  vocoder.Vocoder
	voice    int // the speaker that Options without a Voice mean
}

// OpenOptions say how voices are kept and run. nil and zero fields mean defaults.
type OpenOptions struct {
	// Voice is the voice that speaks where Options name none. Default: the first of the model.
	Voice string
	// Precision is how the weight matrices are kept: f32, bf16 (half the memory) or int8 (a quarter, and on most processors
	// the fastest). The default is the smallest one whose sound cannot be told from that of f32.
	Precision string
	// Threads is the most threads that one call uses, the caller's own included. Default: GOMAXPROCS.
	Threads int
}

// usualPrecision is the default of OpenOptions.
const usualPrecision = kernel.Int8

// Open loads voices from a directory; what it must hold, OpenFS tells. The error names the directory.
func Open(dir string) (*Model, error) {
	if dir == "" {
		return nil, fmt.Errorf("tts: no directory to open: want that of a voice, with %s (models/en has voices that are built in)", voiceFiles)
	}
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("tts: no voice in %s: %w", dir, err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("tts: no voice in %s: it is a file; want a directory with %s", dir, voiceFiles)
	}
	m, err := OpenFS(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, dir)
	}
	return m, nil
}

// OpenFS loads voices from the root of a file system, for instance an embed.FS: config.json and acoustic.safetensors, the
// files of package vocoder and those of package text.
func OpenFS(fsys fs.FS) (*Model, error) { return OpenWith(fsys, nil) }

// OpenWith loads voices as OpenFS does, with options.
func OpenWith(fsys fs.FS, opt *OpenOptions) (*Model, error) {
	fsys = zst.FS(fsys)
	o := OpenOptions{}
	if opt != nil {
		o = *opt
	}
	if o.Precision == "" {
		o.Precision = usualPrecision.String()
	}
	m := new(Model)
	var err error
	if m.acoustic, err = openAcoustic(fsys, o); err != nil {
		return nil, fmt.Errorf("tts: %w", err)
	}
	if m.front, err = text.Open(fsys, &text.Options{Threads: o.Threads}); err != nil {
		return nil, fmt.Errorf("tts: %w", err)
	}
	if m.vocoder, err = vocoder.OpenWith(fsys, &vocoder.OpenOptions{Precision: o.Precision, Threads: o.Threads}); err != nil {
		return nil, fmt.Errorf("tts: %w", err)
	}
	if m.voice, err = m.acoustic.speaker(o.Voice); err != nil {
		return nil, fmt.Errorf("tts: OpenOptions.Voice: %w", err)
	}
	a, v := m.acoustic, m.vocoder
	if v.Rate() != a.Rate || v.Hop() != a.Hop || v.Mels() != a.Mels {
		return nil, fmt.Errorf("tts: the vocoder takes %d mels of %d samples at %d Hz, the acoustic model makes %d of %d at %d Hz",
			v.Mels(), v.Hop(), v.Rate(), a.Mels, a.Hop, a.Rate)
	}
	return m, nil
}

func openAcoustic(fsys fs.FS, o OpenOptions) (*acoustic, error) {
	c, err := readConfig(fsys)
	if err != nil {
		return nil, err
	}
	f, err := transformer.OpenWeightsFS(fsys, "acoustic.safetensors")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	l, err := weights.Configure(f, o.Precision, o.Threads, usualPrecision)
	if err != nil {
		return nil, fmt.Errorf("OpenOptions: %w", err)
	}
	return loadAcoustic(l, c)
}

// Voices returns the names of the voices, the model's default first; none where its one voice has no name.
func (m *Model) Voices() []string { return slices.Clone(m.acoustic.Speakers) }

// Voices returns the names of the voices of a model without loading it, as Model.Voices does.
func Voices(fsys fs.FS) ([]string, error) {
	c, err := readConfig(zst.FS(fsys))
	if err != nil {
		return nil, fmt.Errorf("tts: %w", err)
	}
	return c.Speakers, nil
}

// Rate returns the sample rate of the voice, Hz.
func (m *Model) Rate() int { return m.acoustic.Rate }
