package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/parley-go/parley/internal/cli"
	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/internal/whisper"
)

func TestBenchModel(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	shape := weights.GGMLShape{Vocab: 51864, AudioContext: 50, AudioD: 32, AudioHeads: 2, AudioLayers: 1, TextContext: 16, TextD: 32, TextHeads: 2, TextLayers: 1, Mels: 80, Kind: "Q8_0"}
	path := filepath.Join(t.TempDir(), "tiny.bin")
	if err := os.WriteFile(path, whisper.RandomGGML(shape), 0o644); err != nil {
		t.Fatal(err)
	}
	short := []string{"--seconds", "1", "--tokens", "3", "--beam", "2", "--runs", "1", "--threads", "1"}
	for precision, want := range map[string]string{"": "int8", "f32": "f32"} {
		args := append([]string{"bench", "model", path, "--json"}, short...)
		if precision != "" {
			args = append(args, "--precision", precision)
		}
		code, out, stderr := parley(t, cli.Streams{}, args...)
		var r speedReport
		if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 {
			t.Fatalf("exit %d, %v: %s%s", code, err, out, stderr)
		}
		if r.Precision != want || r.Threads != 1 || r.Load <= 0 || r.Mel <= 0 || r.Encoder <= 0 || r.Prompt <= 0 || r.Total <= 0 || r.PeakRSS <= 0 || r.CPUTier == "" || r.CPU == "" {
			t.Errorf("%s: %+v", precision, r)
		}
	}
	code, out, stderr := parley(t, cli.Streams{}, append([]string{"bench", "model", path}, short...)...)
	if code != 0 || !strings.Contains(out, "step of beam 2") || !strings.Contains(out, "int8, 1 threads, tier ") {
		t.Errorf("exit %d: %s%s", code, out, stderr)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{nil, 2, "wants the name of a model"},
		{[]string{path, path}, 2, "measures one model"},
		{[]string{path, "--beam", "0"}, 2, "--beam 0"},
		{[]string{path, "--runs", "0"}, 2, "--runs 0"},
		{[]string{path, "--threads", "-1"}, 2, "--threads -1"},
		{[]string{path, "--precision", "f64"}, 2, "--precision"},
		{[]string{path, "--seconds", "31"}, 1, "31 seconds, want 1 to 1"},
		{[]string{path, "--seconds", "1", "--tokens", "100"}, 1, "100 tokens, want 1 to 8"},
		{[]string{t.TempDir()}, 1, "holds no Whisper model"},
	} {
		code, _, stderr := parley(t, cli.Streams{}, append([]string{"bench", "model"}, c.args...)...)
		if code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("%q: exit %d, %s; want %d, %s", c.args, code, stderr, c.code, c.says)
		}
	}
}

func TestBenchRandom(t *testing.T) {
	for _, c := range []struct {
		args string
		says string
	}{{"", "wants a size and a file"}, {"huge x.bin", "no model of size"}, {"tiny x.bin --kind q2", "want one of f32"}} {
		code, _, stderr := parley(t, cli.Streams{}, append([]string{"bench", "random"}, strings.Fields(c.args)...)...)
		if code != 2 || !strings.Contains(stderr, c.says) {
			t.Errorf("%s: exit %d, %s", c.args, code, stderr)
		}
	}
}
