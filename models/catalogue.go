package models

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// A Model is a published model: a repository of the Hugging Face hub, or one file of it.
type Model struct {
	Name     string   // what people call it, such as "whisper-base.en"; the repository for one that is not in the catalogue
	Repo     string   // "openai/whisper-base.en"
	Revision string   // branch, tag or commit; "" is "main"
	Files    []string // exactly these; nil: the usual files of a model directory
	Family   string   // whisper, moonshine, wav2vec2, hubert, speech2text; "" if unknown
	Speaks   string   // "en", or "many"
	Size     int64    // bytes to load, about; 0 if unknown
	License  string   // SPDX identifier; "" if unknown
}

const (
	mb  = 1000 * 1000
	mit = "MIT"
	apa = "Apache-2.0"
)

// catalogue lists what the recogniser can run, by family and size. Sizes are for telling people; the server's are used for loading.
var catalogue = []Model{
	{Name: "whisper-tiny", Repo: "openai/whisper-tiny", Family: "whisper", Speaks: "many", Size: 154 * mb, License: apa},
	{Name: "whisper-tiny.en", Repo: "openai/whisper-tiny.en", Family: "whisper", Speaks: "en", Size: 154 * mb, License: apa},
	{Name: "whisper-base", Repo: "openai/whisper-base", Family: "whisper", Speaks: "many", Size: 294 * mb, License: apa},
	{Name: "whisper-base.en", Repo: "openai/whisper-base.en", Family: "whisper", Speaks: "en", Size: 294 * mb, License: apa},
	{Name: "whisper-small", Repo: "openai/whisper-small", Family: "whisper", Speaks: "many", Size: 970 * mb, License: apa},
	{Name: "whisper-small.en", Repo: "openai/whisper-small.en", Family: "whisper", Speaks: "en", Size: 970 * mb, License: apa},
	{Name: "whisper-medium", Repo: "openai/whisper-medium", Family: "whisper", Speaks: "many", Size: 3060 * mb, License: apa},
	{Name: "whisper-medium.en", Repo: "openai/whisper-medium.en", Family: "whisper", Speaks: "en", Size: 3060 * mb, License: apa},
	{Name: "whisper-large-v3", Repo: "openai/whisper-large-v3", Family: "whisper", Speaks: "many", Size: 3090 * mb, License: apa},
	{Name: "whisper-large-v3-turbo", Repo: "openai/whisper-large-v3-turbo", Family: "whisper", Speaks: "many", Size: 1622 * mb, License: mit},
	{Name: "distil-small.en", Repo: "distil-whisper/distil-small.en", Family: "whisper", Speaks: "en", Size: 336 * mb, License: mit},
	{Name: "distil-medium.en", Repo: "distil-whisper/distil-medium.en", Family: "whisper", Speaks: "en", Size: 793 * mb, License: mit},
	{Name: "distil-large-v3", Repo: "distil-whisper/distil-large-v3", Family: "whisper", Speaks: "en", Size: 1517 * mb, License: mit},

	ggml("ggml-tiny", 78), ggml("ggml-tiny.en", 78), ggml("ggml-tiny-q5_1", 32),
	ggml("ggml-base", 148), ggml("ggml-base.en", 148), ggml("ggml-base-q5_1", 60), ggml("ggml-base.en-q5_1", 60), ggml("ggml-base-q8_0", 82),
	ggml("ggml-small", 488), ggml("ggml-small.en", 488), ggml("ggml-small-q5_1", 190), ggml("ggml-small-q8_0", 264),
	ggml("ggml-medium", 1530), ggml("ggml-medium-q5_0", 539),
	ggml("ggml-large-v3", 3100), ggml("ggml-large-v3-q5_0", 1080),
	ggml("ggml-large-v3-turbo", 1620), ggml("ggml-large-v3-turbo-q5_0", 574), ggml("ggml-large-v3-turbo-q8_0", 874),

	{Name: "moonshine-tiny", Repo: "UsefulSensors/moonshine-tiny", Family: "moonshine", Speaks: "en", Size: 112 * mb, License: mit},
	{Name: "moonshine-base", Repo: "UsefulSensors/moonshine-base", Family: "moonshine", Speaks: "en", Size: 250 * mb, License: mit},
	{Name: "wav2vec2-base", Repo: "facebook/wav2vec2-base-960h", Family: "wav2vec2", Speaks: "en", Size: 378 * mb, License: apa},
	{Name: "wav2vec2-large", Repo: "facebook/wav2vec2-large-960h-lv60-self", Family: "wav2vec2", Speaks: "en", Size: 1262 * mb, License: apa},
	{Name: "hubert-large", Repo: "facebook/hubert-large-ls960-ft", Family: "hubert", Speaks: "en", Size: 1262 * mb, License: apa},
	{Name: "s2t-small", Repo: "facebook/s2t-small-librispeech-asr", Family: "speech2text", Speaks: "en", Size: 119 * mb, License: mit},
	{Name: "s2t-medium", Repo: "facebook/s2t-medium-librispeech-asr", Family: "speech2text", Speaks: "en", Size: 285 * mb, License: mit},
	{Name: "s2t-large", Repo: "facebook/s2t-large-librispeech-asr", Family: "speech2text", Speaks: "en", Size: 1073 * mb, License: mit},
}

// ggml is a file of whisper.cpp.
func ggml(name string, size int64) Model {
	speaks := "many"
	if strings.Contains(name, ".en") {
		speaks = "en"
	}
	return Model{Name: name, Repo: "ggerganov/whisper.cpp", Files: []string{name + ".bin"}, Family: "whisper", Speaks: speaks, Size: size * mb, License: mit}
}

// aliases are other names of models.
var aliases = map[string]string{
	"turbo": "whisper-large-v3-turbo", "whisper-turbo": "whisper-large-v3-turbo",
	"large": "whisper-large-v3", "whisper-large": "whisper-large-v3",
}

// Catalogue returns the models with a name of their own.
func Catalogue() []Model { return slices.Clone(catalogue) }

// An UnknownError says that a name is neither in the catalogue nor a repository.
type UnknownError struct {
	Name string
	Like []string // names that look like it
}

func (e *UnknownError) Error() string {
	hint := "'parley models list' shows them"
	if len(e.Like) > 0 {
		hint = "did you mean " + strings.Join(e.Like, ", ") + "?"
	}
	return fmt.Sprintf("models: no model is called %q; %s", e.Name, hint)
}

// repository matches owner/name, with the revision behind an @ if there is one.
var repository = regexp.MustCompile(`^([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?:@([\w./-]+))?$`)

// Find returns the model of a name: one of the catalogue ("whisper-base.en", or "base.en" for short), or any repository
// ("openai/whisper-base.en", "owner/name@revision"). The error is an *UnknownError.
func Find(name string) (Model, error) {
	for _, candidate := range []string{name, aliases[name], "whisper-" + name} {
		for _, m := range catalogue {
			if m.Name == candidate {
				return m, nil
			}
		}
	}
	if parts := repository.FindStringSubmatch(name); parts != nil && cleanRepo(parts[1]) && cleanRevision(parts[2]) {
		return byRepo(parts[1], parts[2]), nil
	}
	return Model{}, &UnknownError{name, similar(name)}
}

// byRepo is the catalogue's entry of a repository, if it has one for the whole of it.
func byRepo(repo, revision string) Model {
	for _, m := range catalogue {
		if strings.EqualFold(m.Repo, repo) && m.Files == nil && revision == m.Revision {
			return m
		}
	}
	m := Model{Name: repo, Repo: repo, Revision: revision}
	if revision != "" {
		m.Name += "@" + revision
	}
	return m
}

// cleanRepo rejects what could leave the cache's folder.
func cleanRepo(repo string) bool {
	return repository.MatchString(repo) && !strings.Contains(repo, "..") && !strings.Contains(repo, "--")
}

func cleanRevision(revision string) bool {
	return revision == "" || path.IsAbs("/"+revision) && path.Clean("/"+revision) == "/"+revision
}

// revision is the branch, tag or commit.
func (m Model) revision() string {
	if m.Revision == "" {
		return "main"
	}
	return m.Revision
}

// similar returns at most three names of the catalogue like name: those that it starts or ends, else those few edits away.
func similar(name string) []string {
	name = strings.ToLower(name)
	var like []string
	for _, m := range catalogue {
		if len(name) >= 3 && strings.Contains(m.Name, name) {
			like = append(like, m.Name)
		}
	}
	for limit := 1; limit <= min(3, len(name)/4) && len(like) == 0; limit++ {
		for _, m := range catalogue {
			if min(edits(name, m.Name), edits("whisper-"+name, m.Name)) == limit {
				like = append(like, m.Name)
			}
		}
	}
	return like[:min(len(like), 3)]
}

// edits is the Levenshtein distance of two names.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal, row[j+1] = row[j+1], min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
