package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-go/parley/internal/cli"
	"github.com/parley-go/parley/internal/cli/fetch"
	"github.com/parley-go/parley/models/card"
)

// hub is a server with the repository openai/whisper-tiny, and an empty cache for it.
func hub(t *testing.T) {
	t.Helper()
	const commit = "0123456789abcdef0123456789abcdef01234567"
	files := map[string]string{"config.json": `{"model_type":"whisper"}`, "model.safetensors": strings.Repeat("x", 2_000_000)}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/models/openai/whisper-tiny/revision/main", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"sha":%q,"siblings":[{"rfilename":"config.json"},{"rfilename":"model.safetensors"}]}`, commit)
	})
	mux.HandleFunc("/openai/whisper-tiny/resolve/"+commit+"/{file}", func(w http.ResponseWriter, r *http.Request) {
		text := files[r.PathValue("file")]
		w.Header().Set("Etag", fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(text))))
		w.Header().Set("Content-Length", fmt.Sprint(len(text)))
		if r.Method == http.MethodGet {
			fmt.Fprint(w, text)
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	t.Setenv("HF_ENDPOINT", s.URL)
	for _, name := range []string{"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_TOKEN", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"} {
		t.Setenv(name, "")
	}
	t.Setenv("HF_HOME", t.TempDir())
}

// parley runs the command.
func parley(t *testing.T, std cli.Streams, args ...string) (code int, out, stderr string) {
	t.Helper()
	var stdout, errs bytes.Buffer
	std.Out, std.Err = &stdout, &errs
	std.Columns = func() int { return 80 }
	if std.In == nil {
		std.In = strings.NewReader("")
	}
	code = cli.Run(t.Context(), newCommand(std), args, &errs)
	return code, stdout.String(), errs.String()
}

func TestModels(t *testing.T) {
	hub(t)
	snapshot := filepath.Join(os.Getenv("HF_HOME"), "hub", "models--openai--whisper-tiny", "snapshots", "0123456789abcdef0123456789abcdef01234567")
	for _, c := range []struct {
		args     string
		code     int
		out, err string
	}{
		{"models path whisper-tiny", 1, "", "not on this machine"},
		{"models info tiny", 0, "about 154 MB", ""},
		{"models info", 0, "\n\nname        voice\n", ""},
		{"models info vad heart whisper-base", 0, "7.13 %", ""},
		{"models info heart whisper-bse", 2, "", "did you mean whisper-base"},
		{"models info ggml-base-q5_1 openai/whisper-other", 0, "stored in q5_1\n", ""},
		{"models list --here", 0, "NAME", ""},
		{"models pull tiny", 0, snapshot + "\n", "Loading whisper-tiny, 2 MB from 127.0.0.1"},
		{"models pull tiny", 0, snapshot + "\n", ""},
		{"models pull tiny --update", 0, snapshot + "\n", ""},
		{"models path openai/whisper-tiny", 0, snapshot + "\n", ""},
		{"models info tiny", 0, "model.safetensors  2 MB", ""},
		{"models list --here", 0, "whisper-tiny  2 MB  many       Apache-2.0  yes\n", ""},
		{"models list", 0, "whisper-base.en ", ""},
		{"models rm tiny", 0, "whisper-tiny: 2 MB freed\n", ""},
		{"models rm tiny", 1, "", "not on this machine"},
		{"models pull whisper-small", 1, "", "HTTP 404"},
		{"models pull whisper-smal", 2, "", "did you mean whisper-small"},
		{"models pull", 2, "", "wants the name of a model"},
		{"models list here", 2, "", "takes no arguments"},
		{"models lst", 2, "", "did you mean list?\nTry 'parley models --help'."},
		{"modles", 2, "", "did you mean models?"},
		{"models nothing", 2, "", "want list, pull"},
		{"models", 0, "HF_ENDPOINT", ""},
		{"", 0, "Exit codes", ""},
		{"models pull --help", 0, "Examples:", ""},
		{"--completion bash", 0, "__start_parley", ""},
	} {
		code, out, stderr := parley(t, cli.Streams{}, strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(out, c.out) || !strings.Contains(stderr, c.err) || c.err == "" && stderr != "" {
			t.Errorf("parley %s: exit %d\n%s%s\nwant %d, %q, %q", c.args, code, out, stderr, c.code, c.out, c.err)
		}
	}
	_, out, _ := parley(t, cli.Streams{}, "models", "info", "recognizer", "--json")
	var one struct{ Card card.Card }
	if err := json.Unmarshal([]byte(out), &one); err != nil || one.Card.Name != "recognizer" || len(one.Card.Figures) == 0 {
		t.Errorf("%v: %s", err, out)
	}
	var rows []row
	_, out, _ = parley(t, cli.Streams{}, "models", "list", "--json")
	if err := json.Unmarshal([]byte(out), &rows); err != nil || len(rows) < 20 || rows[0].Repo != "openai/whisper-tiny" {
		t.Errorf("%v: %.200s", err, out)
	}
}

// A model is loaded on first use only when somebody agrees.
func TestModelOnFirstUse(t *testing.T) {
	for _, c := range []struct {
		terminal bool
		answer   string
		yes      bool
		says     string
		loaded   bool
	}{
		{false, "", false, "'parley models pull whisper-tiny' loads it, and so does --yes", false},
		{false, "", true, "", true},
		{true, "\n", false, "", true},
		{true, "yes\n", false, "", true},
		{true, "n\n", false, "not loaded", false},
		{true, "", false, "not loaded", false},
	} {
		hub(t)
		var said bytes.Buffer
		std := cli.Streams{In: strings.NewReader(c.answer), Err: &said, InTTY: c.terminal, ErrTTY: c.terminal, Columns: func() int { return 80 }}
		path, err := fetch.Model(t.Context(), std, "whisper-tiny", c.yes)
		if (err == nil) != c.loaded || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %s, %v", c, path, err)
		}
		if (c.terminal || c.yes) && !strings.Contains(said.String(), "whisper-tiny, 2 MB from 127.0.0.1") {
			t.Errorf("%+v: said %q", c, said.String())
		}
		if !c.loaded {
			continue
		}
		if again, err := fetch.Model(t.Context(), std, "openai/whisper-tiny", false); err != nil || again != path {
			t.Errorf("once it is here: %s, %v", again, err)
		}
	}
	dir := t.TempDir()
	if path, err := fetch.Model(t.Context(), cli.Streams{}, dir, false); err != nil || path != dir {
		t.Errorf("a directory: %s, %v", path, err)
	}
	for name, says := range map[string]string{"./nothing": "no such directory or file", "/no/thing": "no such", "whisper-bse": "did you mean whisper-base"} {
		if _, err := fetch.Model(t.Context(), cli.Streams{}, name, true); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", name, err, says)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	hub(t)
	if _, err := fetch.Model(ctx, cli.Streams{Err: &bytes.Buffer{}}, "whisper-tiny", true); err == nil {
		t.Error("loaded though it was interrupted")
	}
}
