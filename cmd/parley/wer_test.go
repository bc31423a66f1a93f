package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/cli"
)

// table writes a table of two utterances of silence.
func table(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "silence.wav"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := audio.WriteWAV(f, audio.Clip{Rate: 16000, Samples: make([]float32, 16000)}, nil); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "test.tsv")
	if err := os.WriteFile(path, []byte("path\ttext\nsilence.wav\tthirty one words\nsilence.wav\t\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBenchWER(t *testing.T) {
	path := table(t)
	hyps := filepath.Join(t.TempDir(), "hyp.tsv")
	for _, args := range [][]string{{}, {"--streaming", "--chunk", "320ms"}, {"--normalizer", "none"}} {
		words := 2 // "31 words"
		if len(args) == 2 {
			words = 3
		}
		code, out, stderr := parley(t, cli.Streams{}, append([]string{"bench", "wer", "--manifest", path, "--json", "-o", hyps}, args...)...)
		var r werReport
		if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 {
			t.Fatalf("%q: exit %d, %v: %s%s", args, code, err, out, stderr)
		}
		if r.Utterances != 2 || r.Words != words || r.Deletions != words || r.WER != 1 || r.SoundSeconds != 2 || r.RTF <= 0 {
			t.Errorf("%q: %+v", args, r)
		}
		if data, err := os.ReadFile(hyps); err != nil || strings.Count(string(data), "\n") != 3 {
			t.Errorf("%q: hypotheses %q, %v", args, data, err)
		}
	}
	code, out, stderr := parley(t, cli.Streams{}, "bench", "wer", "--manifest", path, "--limit", "1", "--verbose")
	if code != 0 || !strings.Contains(out, "1 utterances, 0.00 h: WER 100.00 % (2 words, 0 S, 0 I, 2 D), RTF ") || !strings.Contains(stderr, "ref: 31 words") {
		t.Errorf("exit %d: %s%s", code, out, stderr)
	}
}

func TestBenchWERErrors(t *testing.T) {
	path := table(t)
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "silence.wav"), []byte("no sound"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"", 2, "--manifest is missing"},
		{"--manifest nothing.tsv", 1, "nothing.tsv"},
		{"--manifest " + path, 1, "silence.wav: "},
		{"--manifest " + path + " --normalizer nist", 2, "want one of whisper, basic"},
		{"--manifest " + path + " --search best", 2, "unknown search"},
		{"--manifest " + path + " -m whisper-bse", 2, "did you mean whisper-base"},
		{"--manifest " + path + " extra", 2, "takes no arguments"},
	} {
		code, _, stderr := parley(t, cli.Streams{}, append([]string{"bench", "wer"}, strings.Fields(c.args)...)...)
		if code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("%s: exit %d, %s; want %d, %s", c.args, code, stderr, c.code, c.says)
		}
	}
}
