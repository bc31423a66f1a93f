package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/cli"
	"github.com/parley-go/parley/models/en"
	"github.com/parley-go/parley/tts"
)

// fakeVoice says 100 equal samples for each byte of ASCII text, a chunk for each byte; "!" fails.
type fakeVoice struct {
	got    tts.Options
	cancel context.CancelFunc // called on "^"
}

func (f *fakeVoice) Rate() int { return 8000 }

var errFake = errors.New("cannot say that")

func (f *fakeVoice) Stream(ctx context.Context, text io.Reader, opt *tts.Options) iter.Seq2[tts.Chunk, error] {
	f.got = *opt
	return func(yield func(tts.Chunk, error) bool) {
		b, err := io.ReadAll(text)
		if err != nil {
			yield(tts.Chunk{}, err)
			return
		}
		for _, c := range b {
			if c >= utf8.RuneSelf {
				continue
			}
			if c == '^' {
				f.cancel()
			}
			if c == '!' {
				err = errFake
			}
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			chunk := tts.Chunk{Rate: 8000, Samples: make([]float32, 100)}
			for i := range chunk.Samples {
				chunk.Samples[i] = float32(c) / 256
			}
			if !yield(chunk, err) || err != nil {
				return
			}
		}
	}
}

// result is what one run of the command did.
type result struct {
	code     int
	out, err string
	voice    *fakeVoice
	opened   []string // model and name
}

func run(t *testing.T, std cli.Streams, args ...string) result {
	t.Helper()
	var out, stderr bytes.Buffer
	std.Out, std.Err = &out, &stderr
	std.Columns = func() int { return 80 }
	if std.In == nil {
		std.In = strings.NewReader("")
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := result{voice: &fakeVoice{cancel: cancel}}
	open := func(model, name string) (voice, error) {
		r.opened = append(r.opened, model, name)
		return r.voice, nil
	}
	r.code = cli.Run(ctx, newCommand(std, open), args, &stderr)
	r.out, r.err = out.String(), stderr.String()
	return r
}

// wavData checks a WAV of 16-bit mono at 8000 Hz and returns its samples.
func wavData(t *testing.T, wav []byte) []float32 {
	t.Helper()
	src, err := audio.Decode(bytes.NewReader(wav))
	if err != nil {
		t.Fatal(err)
	}
	clip, err := audio.ReadAll(src, 0)
	if err != nil || clip.Rate != 8000 {
		t.Fatalf("rate %d: %v", clip.Rate, err)
	}
	return clip.Samples
}

func TestToStandardOutput(t *testing.T) {
	r := run(t, cli.Streams{InTTY: true}, "ab", "c")
	if r.code != 0 || r.err != "" {
		t.Fatalf("exit %d: %s", r.code, r.err)
	}
	if got := wavData(t, []byte(r.out)); len(got) != 400 || got[0] != float32('a')/256 || got[200] != float32(' ')/256 {
		t.Errorf("%d samples", len(got))
	}
	if size := binary.LittleEndian.Uint32([]byte(r.out[40:])); size != 0xFFFFFFFF {
		t.Errorf("size %d in the header of a stream; want the marker", size)
	}
}

func TestStandardInput(t *testing.T) {
	for _, c := range []struct {
		tty  bool
		args []string
	}{{false, nil}, {false, []string{"-"}}, {true, []string{"-"}}} {
		r := run(t, cli.Streams{In: strings.NewReader("abc"), InTTY: c.tty}, c.args...)
		if r.code != 0 || len(wavData(t, []byte(r.out))) != 300 {
			t.Errorf("%+v: exit %d: %s", c, r.code, r.err)
		}
	}
}

func TestRaw(t *testing.T) {
	r := run(t, cli.Streams{}, "--format", "raw", "a")
	if r.code != 0 || len(r.out) != 200 || int16(binary.LittleEndian.Uint16([]byte(r.out))) != int16('a')<<7 {
		t.Errorf("exit %d, %d bytes, %s", r.code, len(r.out), r.err)
	}
}

func TestToFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.wav")
	r := run(t, cli.Streams{OutTTY: true}, "-o", path, "abc")
	wav, err := os.ReadFile(path)
	if r.code != 0 || r.out != "" || err != nil {
		t.Fatalf("exit %d: %s %v", r.code, r.err, err)
	}
	if got := wavData(t, wav); len(got) != 300 || binary.LittleEndian.Uint32(wav[40:]) != 600 {
		t.Errorf("%d samples, size %d", len(got), binary.LittleEndian.Uint32(wav[40:]))
	}
}

// --rate resamples what the voice says at 8000 Hz.
func TestRate(t *testing.T) {
	for rate, want := range map[string]int{"8000": 300, "11025": 413, "16000": 600, "48000": 1800} {
		r := run(t, cli.Streams{}, "--rate", rate, "abc")
		src, err := audio.Decode(strings.NewReader(r.out))
		if r.code != 0 || err != nil {
			t.Fatalf("%s Hz: exit %d, %s, %v", rate, r.code, r.err, err)
		}
		clip, err := audio.ReadAll(src, 0)
		if err != nil || strconv.Itoa(clip.Rate) != rate || len(clip.Samples) != want {
			t.Errorf("%s Hz: %d samples at %d Hz, want %d: %v", rate, len(clip.Samples), clip.Rate, want, err)
		}
		if middle := clip.Samples[len(clip.Samples)/2]; math.Abs(float64(middle)-float64('b')/256) > 0.01 {
			t.Errorf("%s Hz: the middle is %g, want %g", rate, middle, float64('b')/256)
		}
	}
	if r := run(t, cli.Streams{}, "--rate", "16000", "!"); r.code != cli.ExitError || !strings.Contains(r.err, "cannot say that") || r.out != "" {
		t.Errorf("exit %d, %q, %d bytes", r.code, r.err, len(r.out))
	}
}

// The end of a file's name says which format it has, where --format does not.
func TestFormatOfName(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		size int
	}{
		{"a.wav", nil, 44 + 600}, {"a.WAV", []string{"--format", "wav"}, 44 + 600}, {"a", nil, 44 + 600}, {"a.part", nil, 44 + 600},
		{"a.raw", nil, 600}, {"a.PCM", nil, 600}, {"a.raw", []string{"--format", "raw"}, 600}, {"a.part", []string{"--format", "raw"}, 600},
	} {
		path := filepath.Join(t.TempDir(), c.name)
		r := run(t, cli.Streams{}, append(c.args, "-o", path, "abc")...)
		if info, err := os.Stat(path); r.code != 0 || err != nil || info.Size() != int64(c.size) {
			t.Errorf("%s %q: exit %d, %s, %v", c.name, c.args, r.code, r.err, err)
		}
	}
}

// What fails before the first sound leaves an existing file as it was; what fails later leaves a file that plays.
func TestFailures(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.wav")
	for _, text := range []string{"", " ", "!", "^"} {
		if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		r := run(t, cli.Streams{}, "-o", path, text)
		if old, _ := os.ReadFile(path); r.code == 0 || string(old) != "precious" {
			t.Errorf("%q: exit %d, file %q", text, r.code, old)
		}
	}
	for text, code := range map[string]int{"ab!c": cli.ExitError, "ab^c": cli.ExitInterrupted} {
		r := run(t, cli.Streams{}, "-o", path, text)
		wav, _ := os.ReadFile(path)
		if got := wavData(t, wav); r.code != code || len(got) != 200 || binary.LittleEndian.Uint32(wav[40:]) != 400 {
			t.Errorf("%q: exit %d, %d samples, %s", text, r.code, len(got), r.err)
		}
	}
}

// A text or lexicon that the sound would be written over is left as it was.
func TestNotOverInput(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.wav")
	if err := os.WriteFile(path, []byte("abc abc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for _, args := range [][]string{{"-o", path}, {"-o", path, "-"}, {"-o", path, "--lexicon", path, "a"}} {
		r := run(t, cli.Streams{In: in}, args...)
		if old, _ := os.ReadFile(path); r.code != cli.ExitUsage || !strings.Contains(r.err, "would overwrite the ") || string(old) != "abc abc\n" {
			t.Errorf("%q: exit %d, %q, file %.20q", args, r.code, r.err, old)
		}
	}
	if r := run(t, cli.Streams{In: in}, "-o", path, "a"); r.code != 0 {
		t.Errorf("standard input that is not read: exit %d, %s", r.code, r.err)
	}
}

// stalled is a reader of the sound that never comes: writing to it blocks, and cancels the command.
type stalled struct {
	cancel  context.CancelFunc
	forever chan struct{}
}

func (s stalled) Write([]byte) (int, error) {
	s.cancel()
	<-s.forever
	return 0, io.ErrClosedPipe
}

// An interrupt ends the command though nobody takes its sound.
func TestInterruptedWhileStalled(t *testing.T) {
	for _, args := range [][]string{{"abc"}, {"--format", "raw", "abc"}} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		forever := make(chan struct{})
		defer close(forever)
		std := cli.Streams{In: strings.NewReader(""), Out: stalled{cancel, forever}, Err: io.Discard}
		open := func(string, string) (voice, error) { return &fakeVoice{}, nil }
		code := make(chan int)
		go func() { code <- cli.Run(ctx, newCommand(std, open), args, io.Discard) }()
		select {
		case c := <-code:
			if c != cli.ExitInterrupted {
				t.Errorf("%q: exit %d", args, c)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%q: waits for a write that does not end", args)
		}
	}
}

func TestUsage(t *testing.T) {
	lexicon := filepath.Join(t.TempDir(), "lexicon")
	if err := os.WriteFile(lexicon, []byte("parley\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		std  cli.Streams
		args []string
		code int
		says string
	}{
		{cli.Streams{InTTY: true}, nil, cli.ExitUsage, "no text"},
		{cli.Streams{OutTTY: true}, []string{"hello"}, cli.ExitUsage, "not writing sound to a terminal; use -o"},
		{cli.Streams{OutTTY: true}, []string{"hello", "-o-"}, cli.ExitUsage, "not writing sound to a terminal"},
		{cli.Streams{}, nil, cli.ExitError, "nothing to speak"},
		{cli.Streams{}, []string{""}, cli.ExitError, "nothing to speak"},
		{cli.Streams{}, []string{"--speed", "fast", "a"}, cli.ExitUsage, "want 0.25x to 4x"},
		{cli.Streams{}, []string{"--speed", "9", "a"}, cli.ExitUsage, "want 0.25x to 4x"},
		{cli.Streams{}, []string{"--pitch", "13st", "a"}, cli.ExitUsage, "want -12st to 12st"},
		{cli.Streams{}, []string{"--volume", "NaN", "a"}, cli.ExitUsage, "want -60dB to 20dB"},
		{cli.Streams{}, []string{"--format", "aiff", "a"}, cli.ExitUsage, "want wav or raw"},
		{cli.Streams{}, []string{"-o", "a.mp3", "a"}, cli.ExitUsage, "-o a.mp3: speak does not write MP3; want .wav, or .raw or .pcm"},
		{cli.Streams{}, []string{"-o", "a.OGG", "--format", "raw", "a"}, cli.ExitUsage, "speak does not write Ogg"},
		{cli.Streams{}, []string{"-o", "a.wav", "--format", "raw", "a"}, cli.ExitUsage, "the name promises another format than --format raw"},
		{cli.Streams{}, []string{"-o", "a.pcm", "--format", "wav", "a"}, cli.ExitUsage, "the name promises another format than --format wav"},
		{cli.Streams{}, []string{"--rate", "7999", "a"}, cli.ExitUsage, "--rate 7999; want 8000 to 48000"},
		{cli.Streams{}, []string{"--rate", "48001", "a"}, cli.ExitUsage, "--rate 48001; want 8000 to 48000"},
		{cli.Streams{}, []string{"--rate=-8000", "a"}, cli.ExitUsage, "want 8000 to 48000"},
		{cli.Streams{}, []string{"--device", "hall", "a"}, cli.ExitUsage, "--device hall is for --play"},
		{cli.Streams{}, []string{"-5 degrees"}, cli.ExitUsage, "unknown shorthand flag"},
		{cli.Streams{}, []string{"-o", filepath.Join(t.TempDir(), "none", "a.wav"), "a"}, cli.ExitError, "no such file"},
		{cli.Streams{}, []string{"--lexicon", lexicon, "a"}, cli.ExitError, "lexicon:1: \"parley\" has no phonemes"},
		{cli.Streams{}, []string{"--lexicon", lexicon + "x", "a"}, cli.ExitError, "no such file"},
		{cli.Streams{}, []string{"a!"}, cli.ExitError, "speak: cannot say that"},
	} {
		r := run(t, c.std, c.args...)
		if r.code != c.code || !strings.Contains(r.err, c.says) {
			t.Errorf("%q: exit %d, %q; want %d, %q", c.args, r.code, r.err, c.code, c.says)
		}
		if r.code == cli.ExitUsage && (r.out != "" || len(r.opened) > 0) {
			t.Errorf("%q: printed %q, opened %q", c.args, r.out, r.opened)
		}
	}
}

func TestOptionsReachTheVoice(t *testing.T) {
	lexicon := filepath.Join(t.TempDir(), "lexicon")
	if err := os.WriteFile(lexicon, []byte("# mine\n\nparley  pˈɑɹli\nNew\tnˈu jˈɔɹk\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := run(t, cli.Streams{}, "-v", "heart", "--model", "dir", "--speed=1.5X", "--pitch", "-2st", "--volume", "+3 dB", "--phonemes", "--lexicon", lexicon, "a", "--", "-5")
	if r.code != 0 || strings.Join(r.opened, "|") != "dir|heart" {
		t.Fatalf("exit %d, opened %q: %s", r.code, r.opened, r.err)
	}
	got := r.voice.got
	if got.Speed != 1.5 || got.Pitch != -2 || got.Volume != 3 || !got.Phonemes {
		t.Errorf("options %+v", got)
	}
	if got.Lexicon["parley"] != "pˈɑɹli" || got.Lexicon["New"] != "nˈu jˈɔɹk" || len(got.Lexicon) != 2 {
		t.Errorf("lexicon %q", got.Lexicon)
	}
	if len(wavData(t, []byte(r.out))) != 400 {
		t.Errorf("text was not %q", "a -5")
	}
}

func TestVoiceNames(t *testing.T) {
	want := strings.Replace(strings.Join(en.Voices(), "\n")+"\n", "heart\n", "heart (default)\n", 1)
	for _, args := range [][]string{{"-v", "list"}, {"-v", "List"}, {"-v", "list", "--model", "../../models/en/voice"}} {
		r := run(t, cli.Streams{InTTY: true, OutTTY: true}, args...)
		got := strings.Split(r.out, "\n") // a model has an order of its own
		slices.Sort(got)
		if wanted := strings.Split(want, "\n"); r.code != 0 || !slices.Equal(got, slices.Sorted(slices.Values(wanted))) || len(r.opened) > 0 {
			t.Errorf("%q: exit %d: %q %s", args, r.code, r.out, r.err)
		}
	}
	for model, want := range map[string]string{"": "there is heart", "../../models/en/voice": "there is heart", "none": "--model none: tts: no voice: want config.json"} {
		if _, err := openVoice(model, "nobody"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("model %q: %v", model, err)
		}
	}
	for _, model := range []string{"", "../../models/en/voice"} {
		if _, err := openVoice(model, "HEART"); err != nil {
			t.Error(err)
		}
	}
}

func TestHelp(t *testing.T) {
	r := run(t, cli.Streams{InTTY: true, OutTTY: true}, "--help")
	for _, want := range []string{"Examples:", "--speed", "Exit codes", "--completion"} {
		if r.code != 0 || !strings.Contains(r.out, want) {
			t.Errorf("exit %d, help without %q:\n%s", r.code, want, r.out)
		}
	}
	if r := run(t, cli.Streams{}, "--version"); r.code != 0 || !strings.HasPrefix(r.out, "speak version ") {
		t.Errorf("exit %d: %q", r.code, r.out)
	}
	if r := run(t, cli.Streams{OutTTY: true}, "--completion", "bash"); r.code != 0 || !strings.Contains(r.out, "__start_speak") {
		t.Errorf("exit %d: completion %.100q", r.code, r.out)
	}
}
