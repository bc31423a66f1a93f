package tokenizer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// LoadHF reads a tokenizer.json of fsys.
func LoadHF(fsys fs.FS, name string) (*Tokenizer, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	t, err := ParseHF(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}

// LoadGPT2 reads a byte-level BPE from vocab.json and merges.txt of fsys.
func LoadGPT2(fsys fs.FS, vocabName, mergesName string) (*Tokenizer, error) {
	vocab, err := fs.ReadFile(fsys, vocabName)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	merges, err := fs.ReadFile(fsys, mergesName)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	t, err := ParseGPT2(vocab, merges)
	if err != nil {
		return nil, fmt.Errorf("%s, %s: %w", vocabName, mergesName, err)
	}
	return t, nil
}

// ParseGPT2 reads a byte-level BPE: vocab is a JSON object of piece to id, merges has two pieces a line, best first.
func ParseGPT2(vocab, merges []byte) (*Tokenizer, error) {
	var file modelFile
	file.Vocab = vocab
	if err := file.parseVocab(); err != nil {
		return nil, fmt.Errorf("tokenizer: vocabulary: %w", err)
	}
	for line := range strings.Lines(string(merges)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#version") {
			continue
		}
		left, right, ok := strings.Cut(line, " ")
		if !ok {
			return nil, fmt.Errorf("tokenizer: merges: want two pieces a line, got %q", line)
		}
		file.merges = append(file.merges, [2]string{left, right})
	}
	t := &Tokenizer{split: splitByteLevel(false, true), decode: decodeByteLevel}
	return t, t.build(file, nil)
}

// ParseHF reads the contents of a tokenizer.json.
func ParseHF(data []byte) (*Tokenizer, error) {
	parts := map[string]json.RawMessage{}
	in := scanner{data: data}
	err := in.object(func(key string) (err error) {
		parts[key], err = in.raw()
		return err
	})
	if err == nil && in.space() != 0 {
		err = fmt.Errorf("text after the JSON object")
	}
	var tokens []addedToken
	if list := parts["added_tokens"]; err == nil && list != nil {
		err = json.Unmarshal(list, &tokens)
	}
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	t := &Tokenizer{}
	if t.normalize, err = parseNormalizer(parts["normalizer"]); err != nil {
		return nil, fmt.Errorf("tokenizer: normalizer: %w", err)
	}
	if t.split, err = parseSplitter(parts["pre_tokenizer"]); err != nil {
		return nil, fmt.Errorf("tokenizer: pre_tokenizer: %w", err)
	}
	if t.decode, err = parseDecoder(parts["decoder"]); err != nil {
		return nil, fmt.Errorf("tokenizer: decoder: %w", err)
	}
	m, err := parseModel(parts["model"])
	if err != nil {
		return nil, fmt.Errorf("tokenizer: model: %w", err)
	}
	return t, t.build(m, tokens)
}

// build makes the model and the two directions of the vocabulary.
func (t *Tokenizer) build(m modelFile, tokens []addedToken) error {
	if len(m.vocab) == 0 {
		return fmt.Errorf("tokenizer: empty vocabulary")
	}
	t.ids = make(map[string]int, len(m.vocab)+len(tokens))
	for _, a := range tokens {
		t.ids[a.Content] = a.ID
	}
	for piece, id := range m.vocab {
		t.ids[piece] = id
	}
	for piece, id := range t.ids {
		// Ids are dense but for a few holes; more would let a file of a line ask for any memory.
		if id < 0 || id > 4*len(t.ids)+1<<16 {
			return fmt.Errorf("tokenizer: piece %q has id %d among %d pieces", piece, id, len(t.ids))
		}
		if id >= len(t.pieces) {
			t.pieces = append(t.pieces, make([]string, id+1-len(t.pieces))...)
		}
		if other := t.pieces[id]; other != "" && other != piece {
			return fmt.Errorf("tokenizer: pieces %q and %q share id %d", other, piece, id)
		}
		t.pieces[id] = piece
	}
	t.added = newAdded(tokens)
	var err error
	t.model, err = m.build()
	return err
}

// modelFile is the "model" of a tokenizer.json.
type modelFile struct {
	unigram bool
	vocab   map[string]int
	scores  []float64   // unigram
	merges  [][2]string // BPE
	Type    string      `json:"type"`

	Unknown      *string         `json:"unk_token"`
	UnknownID    *int            `json:"unk_id"`
	Prefix       string          `json:"continuing_subword_prefix"`
	Suffix       string          `json:"end_of_word_suffix"`
	FuseUnknown  bool            `json:"fuse_unk"`
	ByteFallback bool            `json:"byte_fallback"`
	WholeWords   bool            `json:"ignore_merges"`
	Vocab        json.RawMessage `json:"-"`
	Merges       json.RawMessage `json:"-"`
}

func parseModel(data json.RawMessage) (m modelFile, err error) {
	rest := []byte("{") // all but what is large
	in := scanner{data: data}
	err = in.object(func(key string) error {
		value, err := in.raw()
		switch key {
		case "vocab":
			m.Vocab = value
		case "merges":
			m.Merges = value
		default:
			rest = append(append(append(strconv.AppendQuote(rest, key), ':'), value...), ',')
		}
		return err
	})
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(append(bytes.TrimSuffix(rest, []byte(",")), '}'), &m); err != nil {
		return m, err
	}
	switch {
	case m.Type == "Unigram" || m.Type == "" && m.Merges == nil:
		m.unigram = true
		return m, m.parseScores()
	case m.Type != "BPE" && m.Type != "":
		return m, fmt.Errorf("type %q is not supported: want BPE or Unigram", m.Type)
	case m.Prefix != "" || m.Suffix != "":
		return m, fmt.Errorf("continuing_subword_prefix and end_of_word_suffix are not supported")
	}
	if err := m.parseVocab(); err != nil {
		return m, fmt.Errorf("vocab: %w", err)
	}
	if err := m.parseMerges(); err != nil {
		return m, fmt.Errorf("merges: %w", err)
	}
	return m, nil
}

// parseScores reads a vocabulary of [piece, score] pairs.
func (m *modelFile) parseScores() error {
	var pairs [][2]json.RawMessage
	if err := json.Unmarshal(m.Vocab, &pairs); err != nil {
		return fmt.Errorf("vocab: %w", err)
	}
	m.vocab = make(map[string]int, len(pairs))
	m.scores = make([]float64, len(pairs))
	for id, p := range pairs {
		var piece string
		if err := json.Unmarshal(p[0], &piece); err != nil {
			return fmt.Errorf("vocab: entry %d: %w", id, err)
		}
		if err := json.Unmarshal(p[1], &m.scores[id]); err != nil {
			return fmt.Errorf("vocab: entry %d: %w", id, err)
		}
		if _, twice := m.vocab[piece]; twice {
			return fmt.Errorf("vocab: piece %q appears twice", piece)
		}
		m.vocab[piece] = id
	}
	return nil
}

// parseVocab reads {"piece": id, ...}.
func (m *modelFile) parseVocab() error {
	m.vocab = make(map[string]int, bytes.Count(m.Vocab, []byte(",")))
	in := scanner{data: m.Vocab}
	return in.object(func(piece string) (err error) {
		m.vocab[piece], err = in.integer()
		return err
	})
}

// parseMerges reads ["a b", ...] or, in newer files, [["a", "b"], ...].
func (m *modelFile) parseMerges() error {
	if string(m.Merges) == "null" || m.Merges == nil {
		return nil
	}
	in := scanner{data: m.Merges}
	return in.list('[', ']', func() error {
		if in.space() == '[' {
			var pair []string
			err := in.list('[', ']', func() error {
				piece, err := in.text()
				pair = append(pair, piece)
				return err
			})
			if err == nil && len(pair) != 2 {
				err = fmt.Errorf("want two pieces, got %q", pair)
			}
			if err == nil {
				m.merges = append(m.merges, [2]string(pair))
			}
			return err
		}
		line, err := in.text()
		if err != nil {
			return err
		}
		left, right, ok := strings.Cut(line, " ")
		if !ok {
			return fmt.Errorf("want two pieces, got %q", line)
		}
		m.merges = append(m.merges, [2]string{left, right})
		return nil
	})
}

func (m *modelFile) build() (model, error) {
	unknown := -1
	if m.Unknown != nil {
		id, ok := m.vocab[*m.Unknown]
		if !ok {
			return nil, fmt.Errorf("tokenizer: unk_token %q is not in the vocabulary", *m.Unknown)
		}
		unknown = id
	}
	if m.UnknownID != nil {
		if unknown = *m.UnknownID; unknown < 0 || unknown >= len(m.vocab) {
			return nil, fmt.Errorf("tokenizer: unk_id %d of a vocabulary of %d", unknown, len(m.vocab))
		}
	}
	if m.unigram {
		return newUnigram(m.vocab, m.scores, unknown, m.ByteFallback), nil
	}
	merges, err := newMerges(m.vocab, m.merges)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	return &bpe{m.vocab, merges, unknown, m.FuseUnknown, m.ByteFallback, m.WholeWords}, nil
}
