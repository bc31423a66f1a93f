package main

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/tensor"
	"github.com/parley-go/parley/internal/wer"
	"github.com/parley-go/parley/vocoder"
)

// copySynthesis takes the log-mel frames of each recording and its F0, and writes what the vocoder of a voice makes of them to
// OUT/<name>.wav. The table has the columns path, a WAV at the vocoder's rate, and f0: the name beside it of a file of float32, Hz, one a frame.
func copySynthesis(_ context.Context, args []string) error {
	f := flag.NewFlagSet("copy", flag.ExitOnError)
	manifest := f.String("manifest", "", "table with the columns path and f0")
	dir := f.String("voice", "", "a voice's directory")
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() != 1 {
		return errors.New("copy wants a folder to write to")
	}
	rows, err := wer.ReadTable(*manifest, "path", "f0")
	if err != nil {
		return err
	}
	voice, err := vocoder.OpenWith(os.DirFS(*dir), &vocoder.OpenOptions{Precision: "int8"})
	if err != nil {
		return err
	}
	mel := audio.NewMel(audio.SpeakMel())
	for _, row := range rows {
		out := filepath.Join(f.Arg(0), filepath.Base(row["path"]))
		if err := copyOne(voice, mel, row, out); err != nil {
			return fmt.Errorf("%s: %w", row["path"], err)
		}
	}
	return printJSON(len(rows))
}

func copyOne(voice vocoder.Vocoder, mel *audio.Mel, row map[string]string, out string) error {
	clip, err := load(row["path"])
	if err != nil {
		return err
	}
	if clip.Rate != voice.Rate() {
		return fmt.Errorf("%d Hz, the vocoder has %d", clip.Rate, voice.Rate())
	}
	f0, err := readFloats(filepath.Join(filepath.Dir(row["path"]), row["f0"]))
	if err != nil {
		return err
	}
	x := mel.Whole(nil, clip.Samples) // (T, Mels)
	frames := len(x) / voice.Mels()
	if len(f0) < frames {
		return fmt.Errorf("%d values of F0 for %d frames", len(f0), frames)
	}
	clip.Samples = vocoder.Render(voice, tensor.From(x, frames, voice.Mels()), f0[:frames])
	w, err := os.Create(out)
	if err != nil {
		return err
	}
	return errors.Join(audio.WriteWAV(w, clip, nil), w.Close())
}

// readFloats reads little-endian float32 values.
func readFloats(path string) ([]float32, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	x := make([]float32, len(data)/4)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return x, nil
}
