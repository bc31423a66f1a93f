package whisper

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parley-go/parley/internal/tokenizer"
)

// tokens are the special tokens of a vocabulary. Text has the ids below end, timestamps those from timestamp on, 20 ms apart.
type tokens struct {
	end          int // of the text
	start        int // of the transcript
	translate    int
	transcribe   int
	startLM      int
	prev         int // what comes after it was said before
	noSpeech     int
	noTimestamps int
	timestamp    int // 0.00 s
	vocab        int // all ids are below it

	multilingual bool
	languages    []language // nothing, if the model is not multilingual

	suppress      []int // never written
	beginSuppress []int // not written first
}

// language is one that a model knows.
type language struct {
	code string
	id   int // of its token
}

// findTokens finds the special tokens by name, or where OpenAI's models have them.
func findTokens(c *Config, v *tokenizer.Tokenizer) (tokens, error) {
	t := publishedTokens(c.Vocab)
	if _, ok := v.ID("<|startoftranscript|>"); ok {
		for _, s := range []struct {
			id    *int
			names []string
		}{
			{&t.end, []string{"<|endoftext|>"}}, {&t.start, []string{"<|startoftranscript|>"}}, {&t.translate, []string{"<|translate|>"}},
			{&t.transcribe, []string{"<|transcribe|>"}}, {&t.startLM, []string{"<|startoflm|>"}}, {&t.prev, []string{"<|startofprev|>"}},
			{&t.noSpeech, []string{"<|nospeech|>", "<|nocaptions|>"}}, {&t.noTimestamps, []string{"<|notimestamps|>"}},
		} {
			if err := find(s.id, v, s.names); err != nil {
				return t, err
			}
		}
		t.timestamp = t.noTimestamps + 1
		t.nameLanguages(c, v)
	}
	if c.Generation.Multilingual != nil {
		t.multilingual = *c.Generation.Multilingual
	}
	if !t.multilingual {
		t.languages = nil
	}
	if err := t.check(); err != nil {
		return t, err
	}
	t.setSuppressed(c, v)
	return t, nil
}

func find(id *int, v *tokenizer.Tokenizer, names []string) error {
	for _, name := range names {
		if i, ok := v.ID(name); ok {
			*id = i
			return nil
		}
	}
	return fmt.Errorf("the vocabulary has no token %s, which Whisper needs", strings.Join(names, " or "))
}

// publishedTokens are the special tokens where OpenAI's models have them (openai/whisper, tokenizer.py, get_encoding): after the text, in
// this order. The number of languages follows from the size of the vocabulary.
func publishedTokens(vocab int) tokens {
	t := tokens{end: 50256, vocab: vocab}
	if t.multilingual = vocab >= 51865; t.multilingual {
		t.end++
	}
	t.start = t.end + 1
	n := min(max(vocab-(t.end+1509), 0), len(languages))
	for i := range n {
		t.languages = append(t.languages, language{languages[i][0], t.start + 1 + i})
	}
	t.translate = t.start + 1 + n
	t.transcribe, t.startLM, t.prev = t.translate+1, t.translate+2, t.translate+3
	t.noSpeech, t.noTimestamps, t.timestamp = t.translate+4, t.translate+5, t.translate+6
	return t
}

// nameLanguages finds the tokens of languages in the files of the model.
func (t *tokens) nameLanguages(c *Config, v *tokenizer.Tokenizer) {
	t.languages = nil
	add := func(code string, id int) {
		if id > t.end && id < t.vocab {
			t.languages = append(t.languages, language{code, id})
		}
	}
	for name, id := range c.Generation.Languages {
		add(strings.Trim(name, "<|>"), id)
	}
	for _, l := range languages {
		if id, ok := v.ID("<|" + l[0] + "|>"); ok && len(c.Generation.Languages) == 0 {
			add(l[0], id)
		}
	}
	slices.SortFunc(t.languages, func(a, b language) int { return a.id - b.id })
	t.multilingual = len(t.languages) > 0 && c.Vocab != 51864
}

// check refuses a vocabulary whose special tokens the weights do not have.
func (t *tokens) check() error {
	last := 0
	for _, id := range []int{t.end, t.start, t.translate, t.transcribe, t.startLM, t.prev, t.noSpeech, t.noTimestamps, t.timestamp} {
		last = max(last, id)
	}
	if last >= t.vocab {
		return fmt.Errorf("the vocabulary has tokens up to %d, config.json says vocab_size is %d", last, t.vocab)
	}
	if t.multilingual && len(t.languages) == 0 {
		return fmt.Errorf("the model is multilingual, but its vocabulary has no token of a language")
	}
	if t.end > t.start || t.timestamp < last {
		return fmt.Errorf("the special tokens are not between text and timestamps")
	}
	return nil
}

// language returns the token of a language by its code.
func (t *tokens) language(code string) (int, bool) {
	for _, l := range t.languages {
		if l.code == code {
			return l.id, true
		}
	}
	return 0, false
}

// setSuppressed takes the lists of the model's files, else makes those of openai/whisper (tokenizer.py, non_speech_tokens).
func (t *tokens) setSuppressed(c *Config, v *tokenizer.Tokenizer) {
	t.suppress = slices.Clone(c.Generation.Suppress)
	if len(t.suppress) == 0 {
		t.suppress = nonSpeech(v, t.end)
	}
	t.suppress = append(t.suppress, t.transcribe, t.translate, t.start, t.prev, t.startLM, t.noSpeech)
	slices.Sort(t.suppress)
	t.suppress = slices.Compact(t.suppress)
	t.beginSuppress = slices.Clone(c.Generation.BeginSuppress)
	if len(t.beginSuppress) == 0 {
		t.beginSuppress = append(v.Encode(" "), t.end)
	}
}

// nonSpeech are tokens of annotations, such as brackets and notes, rather than of what is said.
func nonSpeech(v *tokenizer.Tokenizer, end int) []int {
	var ids []int
	add := func(text string, whole bool) {
		if e := v.Encode(text); len(e) > 0 && (len(e) == 1 || !whole) && e[0] < end {
			ids = append(ids, e[0])
		}
	}
	add(" -", false) // "-" and "'" may stand within a word, not at its start
	add(" '", false)
	symbols := strings.Split(`"#()*+/:;<=>@[\]^_`+"`{|}~「」『』", "")
	symbols = append(symbols, strings.Fields(`<< >> <<< >>> -- --- -( -[ (' (" (( )) ((( ))) [[ ]] {{ }} ♪♪ ♪♪♪`)...)
	for _, s := range symbols {
		add(s, true)
		add(" "+s, true)
	}
	for _, s := range strings.Split("♩♪♫♬♭♮♯", "") { // where these are several tokens they share the first
		add(s, false)
		add(" "+s, false)
	}
	return ids
}

// encode returns the tokens of text; special tokens spelled out in it are left out.
func (m *Model) encode(text string) []int {
	return slices.DeleteFunc(m.vocab.Encode(text), func(id int) bool { return id >= m.tokens.end })
}

// decode returns the text of ids without timestamps and special tokens.
func (m *Model) decode(ids []int) string {
	var text []int
	for _, id := range ids {
		if id < m.tokens.end {
			text = append(text, id)
		}
	}
	return m.vocab.Decode(text)
}
