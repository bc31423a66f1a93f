package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/parley-go/parley/asr"
	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/cli"
	"github.com/parley-go/parley/models/en"
)

// fakeModel hears "hello world." whatever the sound is, first partly, then a second segment; a sound of a single sample
// fails after that.
type fakeModel struct {
	got    asr.Options
	check  func(*asr.Options) error // nil: everything goes
	cancel context.CancelFunc       // called on a sound of two samples
}

var errFake = errors.New("cannot hear that")

const ms = time.Millisecond

var heard = []asr.Segment{
	{Text: "hello", Start: 100 * ms, End: 500 * ms},
	{Text: "hello wor", Start: 100 * ms, End: 900 * ms},
	{Text: "Hello, world.", Start: 100 * ms, End: 1000 * ms, Final: true, Words: []asr.Word{
		{Text: "Hello,", Start: 100 * ms, End: 480 * ms, Confidence: 0.98765}, {Text: "world.", Start: 520 * ms, End: 1000 * ms},
	}},
	{Text: "Bye <you>.", Start: 1500 * ms, End: 1999600 * time.Microsecond, Final: true},
}

func (f *fakeModel) Stream(ctx context.Context, src audio.Source, opt *asr.Options) iter.Seq2[asr.Segment, error] {
	f.got = *opt
	return func(yield func(asr.Segment, error) bool) {
		clip, err := audio.ReadAll(src, 0)
		for _, s := range heard {
			if !s.Final && !opt.Partials {
				continue
			}
			if !yield(s, nil) {
				return
			}
		}
		switch {
		case err != nil:
		case len(clip.Samples) == 1:
			err = errFake
		case len(clip.Samples) == 2:
			f.cancel()
			err = ctx.Err()
		}
		if err != nil {
			yield(asr.Segment{}, err)
		}
	}
}

func (f *fakeModel) Check(opt *asr.Options) error {
	if f.check == nil {
		return nil
	}
	return f.check(opt)
}

// result is what one run of the command did.
type result struct {
	code     int
	out, err string
	model    *fakeModel
	opened   []string
}

func run(t *testing.T, std cli.Streams, args ...string) result {
	t.Helper()
	return runModel(t, &fakeModel{}, std, args...)
}

func runModel(t *testing.T, m *fakeModel, std cli.Streams, args ...string) result {
	t.Helper()
	var out, stderr bytes.Buffer
	std.Out, std.Err = &out, &stderr
	std.Columns = func() int { return 40 }
	if std.In == nil {
		std.In = strings.NewReader("")
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	m.cancel = cancel
	r := result{model: m}
	open := func(_ context.Context, j *job) (recogniser, error) {
		r.opened = append(r.opened, j.model)
		return r.model, nil
	}
	r.code = cli.Run(ctx, newCommand(std, open), args, &stderr)
	r.out, r.err = out.String(), stderr.String()
	return r
}

// wav is a sound of n samples at 8000 Hz.
func wav(t *testing.T, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := audio.WriteWAV(&b, audio.Clip{Rate: 8000, Samples: make([]float32, n)}, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// file writes a sound of n samples.
func file(t *testing.T, name string, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, wav(t, n), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// named are the finals with a file's name.
func named(file string) string { return file + ": Hello, world.\n" + file + ": Bye <you>.\n" }

const finals = "Hello, world.\nBye <you>.\n"

func TestText(t *testing.T) {
	a := file(t, "a.wav", 16000)
	for name, c := range map[string]struct {
		std  cli.Streams
		args []string
		want string
	}{
		"file":          {cli.Streams{InTTY: true}, []string{a}, finals},
		"file, screen":  {cli.Streams{InTTY: true, OutTTY: true}, []string{a}, finals},
		"stdin":         {cli.Streams{In: bytes.NewReader(wav(t, 800))}, nil, finals},
		"dash":          {cli.Streams{In: bytes.NewReader(wav(t, 800)), InTTY: true}, []string{"-"}, finals},
		"partials":      {cli.Streams{}, []string{a, "--partials"}, "~ hello\n~ hello wor\n" + finals},
		"words":         {cli.Streams{}, []string{a, "--words"}, "0.10\t0.48\tHello,\n0.52\t1.00\tworld.\n"},
		"several files": {cli.Streams{}, []string{a, a}, named(a) + named(a)},
	} {
		if r := run(t, c.std, c.args...); r.code != 0 || r.out != c.want || r.err != "" {
			t.Errorf("%s: exit %d, %q, %q; want %q", name, r.code, r.out, r.err, c.want)
		}
	}
}

// Live sound on a terminal redraws one line and leaves the final ones.
func TestLive(t *testing.T) {
	r := run(t, cli.Streams{In: bytes.NewReader(wav(t, 800)), OutTTY: true})
	want := "\rhello\x1b[K" + " wor" + "\r\x1b[K" + "Hello, world.\n" + "Bye <you>.\n"
	if r.code != 0 || r.out != want {
		t.Errorf("exit %d, screen %q, want %q", r.code, r.out, want)
	}
}

func TestJSON(t *testing.T) {
	a := file(t, "a.wav", 16000)
	r := run(t, cli.Streams{}, "-f", "json", a)
	want := `{"file":"` + a + `","duration":2,"complete":true,"text":"Hello, world. Bye <you>.","segments":[` +
		`{"start":0.1,"end":1,"text":"Hello, world.","words":[{"start":0.1,"end":0.48,"text":"Hello,","confidence":0.988},{"start":0.52,"end":1,"text":"world.","confidence":0}]},` +
		`{"start":1.5,"end":2,"text":"Bye <you>.","words":[]}]}` + "\n"
	if r.code != 0 || r.out != want {
		t.Errorf("exit %d, %s\nwant %s", r.code, r.out, want)
	}
	r = run(t, cli.Streams{}, "-f", "json", "--partials", a, a)
	lines := strings.Split(strings.TrimSpace(r.out), "\n")
	if r.code != 0 || len(lines) != 8 {
		t.Fatalf("exit %d, %d lines", r.code, len(lines))
	}
	var s struct {
		File  string
		End   float64
		Final *bool
	}
	if err := json.Unmarshal([]byte(lines[1]), &s); err != nil || s.File != a || s.End != 0.9 || s.Final == nil || *s.Final {
		t.Errorf("partial line %s: %v", lines[1], err)
	}
	if err := json.Unmarshal([]byte(lines[2]), &s); err != nil || !*s.Final {
		t.Errorf("final line %s: %v", lines[2], err)
	}
}

// What was heard of a sound that fails or is interrupted is printed, and says that it is not all.
func TestJSONOfPartOfASound(t *testing.T) {
	for samples, code := range map[int]int{1: cli.ExitError, 2: cli.ExitInterrupted} {
		r := run(t, cli.Streams{}, "-f", "json", file(t, "a.wav", samples))
		var got jsonFile
		if err := json.Unmarshal([]byte(r.out), &got); err != nil || r.code != code || got.Complete || got.Text != "Hello, world. Bye <you>." || len(got.Segments) != 2 {
			t.Errorf("exit %d, want %d: %s, %v", r.code, code, r.out, err)
		}
	}
}

func TestOutputFile(t *testing.T) {
	a, path := file(t, "a.wav", 800), filepath.Join(t.TempDir(), "text")
	r := run(t, cli.Streams{}, a, "-o", path)
	if got, err := os.ReadFile(path); r.code != 0 || r.out != "" || string(got) != finals {
		t.Errorf("exit %d, %q, %v", r.code, got, err)
	}
	before, _ := os.ReadFile(a)
	r = run(t, cli.Streams{}, a, "-o", a)
	if after, _ := os.ReadFile(a); r.code != cli.ExitUsage || !bytes.Equal(before, after) {
		t.Errorf("exit %d, %s: the sound was overwritten", r.code, r.err)
	}
	for _, wrong := range []string{"nowhere.wav", t.TempDir()} { // what was there is lost only for something new
		r = run(t, cli.Streams{}, wrong, "-o", path)
		if got, err := os.ReadFile(path); r.code != cli.ExitError || string(got) != finals {
			t.Errorf("%s: exit %d, the text is %q, %v", wrong, r.code, got, err)
		}
	}
	r = run(t, cli.Streams{}, "nowhere.wav", a, "-o", path)
	if got, err := os.ReadFile(path); r.code != cli.ExitError || string(got) != named(a) {
		t.Errorf("after a file that is not there: exit %d, %q, %v", r.code, got, err)
	}
}

func TestErrors(t *testing.T) {
	good, bad, text := file(t, "good.wav", 800), file(t, "bad.wav", 1), filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(text, []byte("this is not a sound, whatever its name says"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		std  cli.Streams
		args []string
		code int
		out  string
		says []string
	}{
		{cli.Streams{}, nil, cli.ExitError, "", []string{"listen: standard input: "}},
		{cli.Streams{}, []string{text}, cli.ExitError, "", []string{text + ": ", "unknown format", "; ffmpeg reads more: ffmpeg -i " + text + " -f wav - | listen\n"}},
		{cli.Streams{}, []string{"nowhere.wav"}, cli.ExitError, "", []string{"nowhere.wav", "no such file"}},
		{cli.Streams{}, []string{t.TempDir()}, cli.ExitError, "", []string{"is a directory; listen to the files in it: listen ", "/*\n"}},
		{cli.Streams{}, []string{bad}, cli.ExitError, finals, []string{bad + ": cannot hear that"}},
		{cli.Streams{}, []string{bad, good}, cli.ExitError,
			named(bad) + named(good),
			[]string{bad + ": cannot hear that", "not all files"}},
		{cli.Streams{}, []string{file(t, "cancel.wav", 2), good}, cli.ExitInterrupted, "", nil},
		{cli.Streams{}, []string{"-f", "sub", good}, cli.ExitUsage, "", []string{"want one of text, json, srt, vtt"}},
		{cli.Streams{}, []string{"-f", "srt", "--partials", good}, cli.ExitUsage, "", []string{"--partials"}},
		{cli.Streams{}, []string{"--chunk", "-1s", good}, cli.ExitUsage, "", []string{"--chunk"}},
		{cli.Streams{}, []string{"--chunk", "640", good}, cli.ExitUsage, "", []string{"--chunk is 10m40s, want 80 ms to 30 s"}},
		{cli.Streams{}, []string{"--chunk", "10ms", good}, cli.ExitUsage, "", []string{"--chunk is 10ms, want 80 ms to 30 s"}},
		{cli.Streams{}, []string{"--chunk", "soon", good}, cli.ExitUsage, "", []string{"--chunk"}},
		{cli.Streams{}, []string{"--chunk", "", good}, cli.ExitUsage, "", []string{"--chunk"}},
		{cli.Streams{}, []string{"--beam", "-3", good}, cli.ExitUsage, "", []string{"--beam is -3, want 1 to 10000"}},
		{cli.Streams{}, []string{"--batch", "-1", good}, cli.ExitUsage, "", []string{"--batch"}},
		{cli.Streams{}, []string{"--threads", "-1", good}, cli.ExitUsage, "", []string{"--threads is -1"}},
		{cli.Streams{}, []string{"--precision", "fp16", good}, cli.ExitUsage, "", []string{"--precision", "f32, bf16 or int8"}},
		{cli.Streams{}, []string{"--search", "magic", good}, cli.ExitUsage, "", []string{"--search"}},
		{cli.Streams{}, []string{"--device", "usb", good}, cli.ExitUsage, "", []string{"--device"}},
		{cli.Streams{}, []string{"--nope"}, cli.ExitUsage, "", []string{"unknown flag", "Try 'listen --help'"}},
	} {
		r := run(t, c.std, c.args...)
		if r.code != c.code || c.out != "" && r.out != c.out {
			t.Errorf("%q: exit %d, %q, %q; want %d, %q", c.args, r.code, r.out, r.err, c.code, c.out)
		}
		for _, want := range c.says {
			if !strings.Contains(r.err, want) {
				t.Errorf("%q: %q does not say %q", c.args, r.err, want)
			}
		}
	}
}

func TestOptionsReachTheModel(t *testing.T) {
	r := run(t, cli.Streams{}, "-m", "dir", "--chunk", "320ms", "--search", "greedy", "-l", "de", "--translate", "--prompt", "Guten Tag.", "--hotword", "Parley",
		"--hotword", "Baum", "--beam", "5", "--batch", "4", "--doubtful", "--plain", "--words", file(t, "a.wav", 800))
	want := asr.Options{Chunk: 320 * ms, Search: asr.Greedy, Language: "de", Translate: true, Prompt: "Guten Tag.", Beam: 5, Doubtful: true, Plain: true, Words: true,
		Hotwords: []asr.Hotword{{Text: "Parley"}, {Text: "Baum"}}, Whisper: asr.WhisperOptions{Batch: 4}}
	if r.code != 0 || strings.Join(r.opened, "|") != "dir" || !reflect.DeepEqual(r.model.got, want) {
		t.Errorf("exit %d, opened %q, options %+v, want %+v: %s", r.code, r.opened, r.model.got, want, r.err)
	}
}

// A format that is not read says how to convert it, in a command that can be copied.
func TestWayOut(t *testing.T) {
	mp4 := append([]byte("\x00\x00\x00\x20ftypM4A "), make([]byte, 100)...)
	for name, says := range map[string]string{"a.m4a": "/a.m4a -f wav - | listen\n", "my talk.m4a": "/my talk.m4a\" -f wav - | listen\n"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, mp4, 0o600); err != nil {
			t.Fatal(err)
		}
		if r := run(t, cli.Streams{}, path); r.code != cli.ExitError || !strings.Contains(r.err, "MP4/M4A") || !strings.HasSuffix(r.err, says) {
			t.Errorf("exit %d, %s", r.code, r.err)
		}
	}
	if r := run(t, cli.Streams{In: bytes.NewReader(mp4)}); !strings.HasSuffix(r.err, "ffmpeg -i - -f wav - | listen\n") {
		t.Error(r.err)
	}
}

// A number without a unit is seconds.
func TestLength(t *testing.T) {
	for text, want := range map[string]time.Duration{"2": 2 * time.Second, "0.5": 500 * ms, "320ms": 320 * ms, "1s": time.Second} {
		if r := run(t, cli.Streams{}, "--chunk", text, file(t, "a.wav", 800)); r.code != 0 || r.model.got.Chunk != want {
			t.Errorf("%s: exit %d, %v, want %v", text, r.code, r.model.got.Chunk, want)
		}
	}
}

// What the model cannot heed is a wrong argument, said by the name of the flag, before any sound is opened.
func TestOptionsThatTheModelLacks(t *testing.T) {
	for flag, args := range map[string][]string{"--translate is set": {"--translate"}, "--hotword": {"--hotword", "x"}, "--batch": {"--batch", "2"},
		`--language is "de", but this model hears "en" only`: {"-l", "de"}, "--language is an unknown language": {"-l", "klingon"}} {
		builtin, err := en.Recognizer()
		if err != nil {
			t.Fatal(err)
		}
		r := runModel(t, &fakeModel{check: builtin.Check}, cli.Streams{}, append(args, "nowhere.wav")...)
		if r.code != cli.ExitUsage || !strings.HasPrefix(r.err, "listen: "+flag) {
			t.Errorf("%q: exit %d, %s", args, r.code, r.err)
		}
	}
}

// A model that cannot show what may still change is listened to all the same, and one without word times makes subtitles.
func TestUsefulOptions(t *testing.T) {
	plain := func(o *asr.Options) error {
		if o.Partials || o.Words {
			return &asr.OptionError{Field: "Partials"}
		}
		return nil
	}
	for _, check := range []func(*asr.Options) error{nil, plain} {
		live := runModel(t, &fakeModel{check: check}, cli.Streams{In: bytes.NewReader(wav(t, 800)), OutTTY: true})
		srt := runModel(t, &fakeModel{check: check}, cli.Streams{}, "-f", "srt", file(t, "a.wav", 800))
		if live.code != 0 || live.model.got.Partials != (check == nil) || srt.code != 0 || srt.model.got.Words != (check == nil) {
			t.Errorf("live: exit %d, %+v; subtitles: exit %d, %+v", live.code, live.model.got, srt.code, srt.model.got)
		}
	}
}

// A model of the catalogue that hears English only is not loaded for another language.
func TestLanguageOfTheCatalogue(t *testing.T) {
	for language, ok := range map[string]bool{"": true, "auto": true, "en": true, "English": true, "de": false} {
		for _, model := range []string{"wav2vec2-base", "UsefulSensors/moonshine-tiny"} {
			j := &job{model: model, how: asr.Options{Language: language}}
			if err := j.spoken(); (err == nil) != ok {
				t.Errorf("%s, %q: %v", model, language, err)
			}
		}
	}
	for _, model := range []string{"whisper-base", "someone/german", t.TempDir()} {
		if err := (&job{model: model, how: asr.Options{Language: "de"}}).spoken(); err != nil {
			t.Error(err)
		}
	}
}

func TestSoundKnowsHowFarItIs(t *testing.T) {
	s, err := new(job).openFile(t.Context(), file(t, "a.wav", 100000))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if _, err := io.ReadFull(readerOf{s}, make([]byte, 50000)); err != nil {
		t.Fatal(err)
	}
	if d := s.done(); d < 0.4 || d > 0.9 || s.heard() != 6250*ms {
		t.Errorf("done %g, heard %v; want half", d, s.heard())
	}
}

// readerOf reads a byte for each sample.
type readerOf struct{ audio.Source }

func (r readerOf) Read(p []byte) (int, error) { return r.Source.Read(make([]float32, len(p))) }

func TestHelp(t *testing.T) {
	r := run(t, cli.Streams{InTTY: true, OutTTY: true}, "--help")
	for _, want := range []string{"Examples:", "--partials", "Exit codes", "--completion"} {
		if r.code != 0 || !strings.Contains(r.out, want) {
			t.Errorf("exit %d, help without %q:\n%s", r.code, want, r.out)
		}
	}
	if r := run(t, cli.Streams{}, "--version"); r.code != 0 || !strings.HasPrefix(r.out, "listen version ") {
		t.Errorf("exit %d: %q", r.code, r.out)
	}
}
