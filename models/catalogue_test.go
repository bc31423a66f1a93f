package models

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestFind(t *testing.T) {
	for name, want := range map[string]string{
		"whisper-base.en": "openai/whisper-base.en", "base.en": "openai/whisper-base.en", "turbo": "openai/whisper-large-v3-turbo",
		"openai/whisper-tiny": "openai/whisper-tiny", "someone/fine-tuned": "someone/fine-tuned", "a/b@refs/pr/1": "a/b",
	} {
		m, err := Find(name)
		if err != nil || m.Repo != want {
			t.Errorf("Find(%q) = %+v, %v; want %s", name, m, err, want)
		}
	}
	if m, _ := Find("openai/whisper-tiny"); m.Name != "whisper-tiny" {
		t.Errorf("the repository of a model of the catalogue is %q", m.Name)
	}
	if m, _ := Find("a/b@refs/pr/1"); m.Revision != "refs/pr/1" || m.Name != "a/b@refs/pr/1" {
		t.Errorf("revision %q of %q", m.Revision, m.Name)
	}
	for name, like := range map[string][]string{
		"whisper-bsae": {"whisper-base"}, "wisper-tiny": {"whisper-tiny"}, "moonshine": {"moonshine-tiny", "moonshine-base"},
		"hubert": {"hubert-large"}, "zzzzzzzzzzz": nil, "": nil, "../../etc/passwd": nil, "a/..": nil, "a/b@../../c": nil, "a--b/c": nil, "/a/b": nil,
	} {
		_, err := Find(name)
		var unknown *UnknownError
		if !errors.As(err, &unknown) || !slices.Equal(unknown.Like, like) {
			t.Errorf("Find(%q): %v, want a hint at %q", name, err, like)
		}
	}
}

func TestCatalogue(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Catalogue() {
		if seen[m.Name] || m.Size == 0 || m.License == "" || m.Family == "" || !cleanRepo(m.Repo) {
			t.Errorf("%+v", m)
		}
		seen[m.Name] = true
	}
	for alias, name := range aliases {
		if !seen[name] || seen[alias] {
			t.Errorf("alias %s of %s", alias, name)
		}
	}
}

func TestCacheFromEnv(t *testing.T) {
	home, err := os.UserHomeDir()
	if err != nil {
		t.Skip(err)
	}
	names := []string{"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"}
	for _, c := range []struct{ name, value, want string }{
		{"", "", filepath.Join(home, ".cache", "huggingface", "hub")},
		{"XDG_CACHE_HOME", "/x", "/x/huggingface/hub"},
		{"HF_HOME", "~/hf", filepath.Join(home, "hf", "hub")},
		{"HF_HUB_CACHE", "$HF_TEST/c", "/t/c"},
	} {
		for _, name := range names {
			t.Setenv(name, "")
		}
		t.Setenv("HF_TEST", "/t")
		if c.name != "" {
			t.Setenv(c.name, c.value)
		}
		if got, err := CacheFromEnv(); err != nil || got.Dir != filepath.FromSlash(c.want) {
			t.Errorf("%s=%s: %s, %v; want %s", c.name, c.value, got.Dir, err, c.want)
		}
	}
}

func TestFromEnv(t *testing.T) {
	t.Setenv("HF_HOME", t.TempDir())
	t.Setenv("HF_TOKEN", "")
	t.Setenv("HUGGING_FACE_HUB_TOKEN", "")
	t.Setenv("HF_TOKEN_PATH", "")
	t.Setenv("HF_ENDPOINT", "")
	h, err := FromEnv()
	if err != nil || h.Endpoint != defaultEndpoint || h.Token != "" || h.Offline {
		t.Errorf("%+v, %v", h, err)
	}
	if err := os.WriteFile(filepath.Join(os.Getenv("HF_HOME"), "token"), []byte("hf_kept\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HF_ENDPOINT", "https://mirror.example/")
	t.Setenv("HF_HUB_OFFLINE", "1")
	if h, err = FromEnv(); err != nil || h.Endpoint != "https://mirror.example" || h.Token != "hf_kept" || !h.Offline {
		t.Errorf("%+v, %v", h, err)
	}
	t.Setenv("HF_TOKEN", "hf_given")
	if h, _ = FromEnv(); h.Token != "hf_given" {
		t.Errorf("token %q", h.Token)
	}
	t.Setenv("HF_ENDPOINT", "mirror.example")
	if _, err := FromEnv(); err == nil {
		t.Error("an endpoint without a scheme")
	}
}

func TestList(t *testing.T) {
	c := Cache{t.TempDir()}
	if list, err := (Cache{filepath.Join(c.Dir, "none")}).List(); err != nil || list != nil {
		t.Errorf("no folder: %v, %v", list, err)
	}
	write := func(path, text string) {
		path = filepath.Join(c.Dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for repo, config := range map[string]string{"openai--whisper-tiny": "", "me--tuned": `{"model_type":"whisper"}`, "me--llama": `{"model_type":"llama"}`} {
		write("models--"+repo+"/refs/main", testCommit)
		write("models--"+repo+"/snapshots/"+testCommit+"/config.json", config)
		write("models--"+repo+"/snapshots/"+testCommit+"/model.safetensors", "12345")
	}
	write("models--me--half/refs/main", testCommit)
	write("models--me--half/snapshots/"+testCommit+"/config.json", `{"model_type":"whisper"}`)
	write("models--openai--whisper-tiny/refs/pr/3", "no commit")
	write("version.txt", "1")
	list, err := c.List()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range list {
		names = append(names, m.Name)
	}
	if want := []string{"me/tuned", "whisper-tiny"}; !slices.Equal(names, want) {
		t.Errorf("listed %q, want %q", names, want)
	}
	if freed, err := c.Remove(list[1].Model); err != nil || freed != 0 { // its bytes lie in no blobs here
		t.Errorf("freed %d, %v", freed, err)
	}
	if _, err := c.Remove(list[1].Model); !errors.Is(err, ErrAbsent) {
		t.Errorf("removed twice: %v", err)
	}
}
