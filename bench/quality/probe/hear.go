package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/parley-go/parley/asr"
	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/wer"
	"github.com/parley-go/parley/models/en"
)

// A microphone plays a clip as a sound card would, without waiting: it keeps a clock of what a listener would have read by now. Each
// block of 20 ms is there when its last sample has been spoken, or when the recogniser asks for it, if that is later: what the
// recogniser computes counts as it takes, and a recogniser that is slower than speech falls behind.
type microphone struct {
	clip  audio.Clip
	next  int           // sample
	clock time.Duration // of the listener, from the start of the sound
	since time.Time     // when the last block was given
}

const block = 20 * time.Millisecond

func (m *microphone) Rate() int { return m.clip.Rate }

func (m *microphone) Read(p []float32) (int, error) {
	m.clock = m.now()
	defer func() { m.since = time.Now() }()
	if m.next == len(m.clip.Samples) {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), m.clip.Rate*int(block)/int(time.Second))], m.clip.Samples[m.next:])
	m.next += n
	m.clock = max(m.clock, m.spoken())
	return n, nil
}

// spoken is the time of the last sample given.
func (m *microphone) spoken() time.Duration {
	return time.Duration(m.next) * time.Second / time.Duration(m.clip.Rate)
}

// now is the clock with what has been computed since the last block.
func (m *microphone) now() time.Duration {
	if m.since.IsZero() {
		return 0
	}
	return m.clock + time.Since(m.since)
}

// delays are the milliseconds of one or more utterances.
type delays struct {
	Partial []float64 `json:"partial"` // of each word: its end to the first partial result that has it
	Settled []float64 `json:"settled"` // of each word: its end to the result since which it is in all of them
	Final   []float64 `json:"final"`   // of each utterance: end of speech to the final result, with the silence that ends a segment
	Asked   []float64 `json:"asked"`   // of each utterance: end of the sound to the final result, when the sound ends with the speech
	Early   int       `json:"early"`   // utterances whose final result came before the end of speech: cut in two
}

func hear(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("hear", flag.ExitOnError)
	manifest := f.String("manifest", "", "table with the columns path and end: the end of speech, in seconds; after it silence")
	dir := f.String("model", "", "a model directory instead of the embedded recogniser")
	chunk := f.Duration("chunk", 0, "how much sound is heard at a time")
	precision := f.String("precision", "", "how weights are kept")
	if err := f.Parse(args); err != nil {
		return err
	}
	rows, err := wer.ReadTable(*manifest, "path", "end")
	if err != nil {
		return err
	}
	open := &asr.OpenOptions{Precision: *precision, Threads: 1}
	var m *asr.Model
	if *dir == "" {
		m, err = en.RecognizerWith(open)
	} else {
		m, err = asr.OpenPath(*dir, open)
	}
	if err != nil {
		return err
	}
	var d delays
	for _, row := range rows {
		if err := d.measure(ctx, m, row, *chunk); err != nil {
			return fmt.Errorf("%s: %w", row["path"], err)
		}
	}
	return printJSON(d)
}

// measure hears an utterance twice: with the silence after it, and cut where speech ends.
func (d *delays) measure(ctx context.Context, m *asr.Model, row map[string]string, chunk time.Duration) error {
	clip, err := load(row["path"])
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseFloat(row["end"], 64)
	if err != nil {
		return err
	}
	end := time.Duration(seconds * float64(time.Second))
	if end >= clip.Duration() {
		return errors.New("no silence after the speech")
	}
	results, err := listen(ctx, m, clip, chunk)
	if err != nil {
		return err
	}
	d.words(results)
	if len(results) > 0 {
		last := results[len(results)-1]
		if last.at < end {
			d.Early++
		} else {
			d.Final = append(d.Final, milliseconds(last.at-end))
		}
	}
	clip.Samples = clip.Samples[:int(seconds*float64(clip.Rate))]
	if results, err = listen(ctx, m, clip, chunk); err != nil {
		return err
	}
	if n := len(results); n > 0 {
		d.Asked = append(d.Asked, milliseconds(results[n-1].at-clip.Duration()))
	}
	return nil
}

// A result is a segment and when it came.
type result struct {
	asr.Segment
	at time.Duration
}

func listen(ctx context.Context, m *asr.Model, clip audio.Clip, chunk time.Duration) (results []result, err error) {
	mic := &microphone{clip: clip}
	for s, err := range m.Stream(ctx, mic, &asr.Options{Partials: true, Words: true, Chunk: chunk}) {
		if err != nil {
			return nil, err
		}
		if strings.TrimSpace(s.Text) != "" {
			results = append(results, result{s, mic.now()})
		}
	}
	return results, nil
}

func load(path string) (audio.Clip, error) {
	f, err := os.Open(path)
	if err != nil {
		return audio.Clip{}, err
	}
	defer f.Close()
	src, err := audio.Decode(f)
	if err != nil {
		return audio.Clip{}, err
	}
	return audio.ReadAll(src, 0)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
