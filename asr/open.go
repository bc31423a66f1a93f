package asr

import (
	"fmt"
	"io/fs"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/internal/zst"
	"github.com/parley-go/parley/transformer"
)

// OpenOptions say how a model is kept and run. nil and zero fields mean defaults.
type OpenOptions struct {
	// Precision is how the weight matrices are kept: f32, bf16 (half the memory) or int8 (a quarter, and on most processors
	// the fastest). The default is the smallest one that leaves the family's error rate as it is.
	Precision string
	// Threads is the most threads that one call uses, the caller's own included. Default: GOMAXPROCS.
	Threads int
}

// loader returns a checkpoint as o asks for it; usual is the default precision of the family.
func (o *OpenOptions) loader(s weights.Source, usual kernel.Precision) (transformer.Loader, error) {
	if o == nil {
		o = &OpenOptions{}
	}
	l, err := weights.Configure(s, o.Precision, o.Threads, usual)
	if err != nil {
		return nil, fmt.Errorf("OpenOptions: %w", err)
	}
	if err := fits(s, l.Precision()); err != nil {
		return nil, err
	}
	return l, nil
}

// Open loads a model. The files of a directory tell its family:
//
//   - Parley's own: config.json, model.safetensors, tokenizer.json, and for search with words lexicon.tsv and lm.bin
//   - Whisper as Hugging Face has it: config.json, model.safetensors or its shards, tokenizer.json or vocab.json and merges.txt, and if
//     they are there generation_config.json and preprocessor_config.json
//   - wav2vec 2.0 and HuBERT, taught to write, as Hugging Face has them: config.json, model.safetensors, vocab.json, and if they are
//     there preprocessor_config.json and tokenizer_config.json
//   - Moonshine as Hugging Face has it: config.json, model.safetensors, tokenizer.json, and if they are there generation_config.json and
//     preprocessor_config.json
//   - Speech2Text as Hugging Face has it: config.json, model.safetensors, vocab.json, and if they are there the same two
//
// A file is taken as Whisper in the format of whisper.cpp (ggml).
func Open(path string) (*Model, error) { return OpenPath(path, nil) }

// OpenFS loads a model as Open does, for instance from an embed.FS.
func OpenFS(fsys fs.FS) (*Model, error) { return OpenWith(fsys, nil) }

// OpenWith loads a model as OpenFS does, with options.
func OpenWith(fsys fs.FS, opt *OpenOptions) (*Model, error) {
	fsys = zst.FS(fsys)
	f, err := inspect(fsys)
	if err != nil {
		return nil, fmt.Errorf("asr: %w", err)
	}
	m, err := f.open(fsys, opt)
	if err != nil {
		return nil, fmt.Errorf("asr: %w", err)
	}
	return &Model{m}, nil
}
