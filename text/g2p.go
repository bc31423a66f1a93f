package text

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/parley-go/parley/internal/zst"
	"github.com/parley-go/parley/transformer"
)

// G2P is the letter-to-sound model: a pre-norm encoder-decoder Transformer from letters to phonemes, read greedily.
// It is safe for concurrent use, and remembers the words that it has read last.
type G2P struct {
	model    transformer.EncoderDecoder
	letters  map[rune]int
	phonemes []string
	limit    int // letters, and phonemes with start and end

	states sync.Pool // of *transformer.DecoderState
	mu     sync.Mutex
	recent map[string]string
	older  map[string]string
}

// g2pConfig is g2p.json.
type g2pConfig struct {
	D, Heads, FFN, Encoder, Decoder int
	Letters, Phonemes, Positions    int
	LetterSet                       string `json:"letter_set"`
	PhonemeSet                      string `json:"phoneme_set"`
}

const (
	startEnd    = 1    // the phoneme id that starts and ends a word; 0 is padding
	firstLetter = 1    // id of the first letter
	firstSound  = 2    // id of the first phoneme
	memoryWords = 2048 // words remembered, at most twice as many
)

// g2pNames are the tensors' names in training/g2p.
var g2pNames = transformer.Names{
	Layers: "layers.", Positions: "positions", Norm: "norm", Embed: "embed", Head: "head",
	AttnNorm: "self_norm", Q: "self_attn.q", K: "self_attn.k", V: "self_attn.v", Out: "self_attn.out",
	CrossNorm: "cross_norm", CrossQ: "cross_attn.q", CrossK: "cross_attn.k", CrossV: "cross_attn.v", CrossOut: "cross_attn.out",
	FFNNorm: "ffn_norm", Up: "up", Down: "down",
}

// LoadG2P reads g2p.json and g2p.safetensors. When g2p.json is not there, the error is fs.ErrNotExist.
func LoadG2P(fsys fs.FS) (*G2P, error) { return loadG2P(zst.FS(fsys), 0) }

// loadG2P is LoadG2P for at most so many threads a call, 0 for all.
func loadG2P(fsys fs.FS, threads int) (*G2P, error) {
	data, err := fs.ReadFile(fsys, "g2p.json")
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	var c g2pConfig
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, fmt.Errorf("text: g2p.json: %w", err)
	}
	g := &G2P{letters: map[rune]int{}, recent: map[string]string{}, limit: c.Positions - 2}
	for _, r := range c.LetterSet {
		g.letters[r] = len(g.letters) + firstLetter
	}
	for _, r := range c.PhonemeSet {
		g.phonemes = append(g.phonemes, string(r))
	}
	if len(g.letters)+firstLetter != c.Letters || len(g.phonemes)+firstSound != c.Phonemes || g.limit < 1 {
		return nil, fmt.Errorf("text: g2p.json: %d letters and %d phonemes do not fit tables of %d and %d", len(g.letters), len(g.phonemes), c.Letters, c.Phonemes)
	}
	return g, g.load(fsys, c, threads)
}

func (g *G2P) load(fsys fs.FS, c g2pConfig, threads int) error {
	file, err := transformer.OpenWeightsFS(fsys, "g2p.safetensors")
	if err != nil {
		return err
	}
	defer file.Close()
	f := transformer.WithThreads(file, threads)
	shape := transformer.Config{D: c.D, Heads: c.Heads, FFN: c.FFN, Act: transformer.GELU, Positions: transformer.Learned,
		MaxPositions: c.Positions, Names: g2pNames}
	if g.model.Source, err = transformer.LoadEmbedding(f, "letters", c.Letters, c.D); err != nil {
		return err
	}
	shape.Layers = c.Encoder
	if g.model.Encoder, err = transformer.LoadEncoder(f, "encoder.", shape); err != nil {
		return err
	}
	shape.Layers = c.Decoder
	g.model.Decoder, err = transformer.LoadDecoder(f, "decoder.", transformer.DecoderConfig{Config: shape, Vocab: c.Phonemes, Cross: true, HeadBias: true})
	return err
}

// Phonemes reads a word in lower-case letters. It returns "" for a word without any letter it knows, and when g is nil;
// a word that is too long for the model is cut.
func (g *G2P) Phonemes(word string) string {
	if g == nil {
		return ""
	}
	if p, ok := g.remembered(word); ok {
		return p
	}
	var source []int
	for _, r := range word {
		if id := g.letters[r]; id != 0 && len(source) < g.limit {
			source = append(source, id)
		}
	}
	if len(source) == 0 {
		return ""
	}
	p := g.decode(source)
	g.remember(word, p)
	return p
}

func (g *G2P) decode(source []int) string {
	state, _ := g.states.Get().(*transformer.DecoderState)
	if state == nil {
		state = g.model.Decoder.NewState(g.model.Encode(source[:1]), 1)
	}
	ids := g.model.Greedy(state, source, startEnd, startEnd, g.limit)
	g.states.Put(state)
	var b strings.Builder
	for _, id := range ids {
		if id >= firstSound {
			b.WriteString(g.phonemes[id-firstSound])
		}
	}
	return b.String()
}

// remembered looks a word up in the two generations of memory.
func (g *G2P) remembered(word string) (string, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if p, ok := g.recent[word]; ok {
		return p, true
	}
	p, ok := g.older[word]
	return p, ok
}

// remember notes a word; when the generation is full it becomes the older one, which is forgotten.
func (g *G2P) remember(word, phonemes string) {
	if len(word) > maxWord {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.recent) >= memoryWords {
		g.older, g.recent = g.recent, map[string]string{}
	}
	g.recent[word] = phonemes
}
