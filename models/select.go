package models

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// small are the files beside the weights that the recogniser may read.
var small = []string{
	"config.json", "generation_config.json", "preprocessor_config.json", "processor_config.json",
	"tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt", "added_tokens.json", "special_tokens_map.json",
	"normalizer.json", "sentencepiece.bpe.model",
}

var shard = regexp.MustCompile(`^model-\d{5}-of-\d{5}\.safetensors$`)

// choose returns the files of a repository that the model needs, out of all that it has.
func choose(m Model, all []string) ([]string, error) {
	has := func(name string) bool { return slices.Contains(all, name) }
	if m.Files != nil {
		for _, name := range m.Files {
			if !has(name) {
				return nil, fmt.Errorf("models: %s has no file %s", m.Repo, name)
			}
		}
		return m.Files, nil
	}
	if !has("config.json") {
		return nil, fmt.Errorf("models: %s has no config.json: it is no model in Hugging Face's layout; it has %s", m.Repo, some(all))
	}
	var names []string
	for _, name := range small {
		if has(name) {
			names = append(names, name)
		}
	}
	if has(wholeWeights) {
		return append(names, wholeWeights), nil
	}
	if !has(weightsIndex) {
		return nil, fmt.Errorf("models: %s has no weights in safetensors format; it has %s. Convert it, or find a revision that has them ('owner/name@revision')", m.Repo, some(all))
	}
	names = append(names, weightsIndex)
	for _, name := range all {
		if shard.MatchString(name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// some lists a few of many names.
func some(names []string) string {
	if len(names) == 0 {
		return "no files"
	}
	if len(names) > 8 {
		return strings.Join(names[:8], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}
