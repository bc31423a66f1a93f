package whisper

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/parley-go/parley/internal/tokenizer"
)

// Whatever config.json and generation_config.json say, it is refused or good enough to set up a search.
func FuzzConfig(f *testing.F) {
	for _, name := range names {
		f.Add(must(os.ReadFile("testdata/"+name+"/config.json"))(f), must(os.ReadFile("testdata/"+name+"/generation_config.json"))(f))
	}
	config := must(os.ReadFile("testdata/multilingual/config.json"))(f)
	for _, generation := range []string{
		`{"is_multilingual":true,"lang_to_id":{"<|en|>":278,"<|de|>":5,"x":99999}}`, `{"is_multilingual":false,"suppress_tokens":[1,-1]}`,
		`{"alignment_heads":[[0,1],[9,9]]}`, `{"begin_suppress_tokens":[220,50257],"max_initial_timestamp_index":-5}`, `[`, ``,
	} {
		f.Add(config, []byte(generation))
	}
	vocabularies := []*tokenizer.Tokenizer{tiny(f, "multilingual").vocab, tiny(f, "english").vocab}
	f.Fuzz(func(t *testing.T, config, generation []byte) {
		c, err := readConfig(fstest.MapFS{"config.json": {Data: config}, "generation_config.json": {Data: generation}})
		if err != nil || c.check() != nil || c.Vocab > 60_000 || c.DecoderLayers*c.DecoderHeads > 10_000 {
			return
		}
		for _, v := range vocabularies {
			m := &Model{config: c, vocab: v}
			if m.tokens, err = findTokens(&c, v); err != nil {
				continue
			}
			for _, h := range alignmentHeads(&c) {
				if h.Layer < 0 || h.Layer >= c.DecoderLayers || h.Head < 0 || h.Head >= c.DecoderHeads {
					t.Errorf("%s, %s: head %+v", config, generation, h)
				}
			}
			set, err := m.settings(Options{})
			if err != nil {
				continue
			}
			set.pass.apply(make([]float32, c.Vocab), nil)
			set.pass.apply(make([]float32, c.Vocab), []int{m.tokens.timestamp, 1, m.tokens.timestamp})
			if !m.tokens.multilingual {
				m.startTokens(set)
			}
			if probs := m.tokens.languageProbs(make([]float32, c.Vocab)); len(probs) > 0 {
				set.Language = m.tokens.likeliest(probs, nil)[0].Code
				m.startTokens(set)
			}
		}
	})
}
