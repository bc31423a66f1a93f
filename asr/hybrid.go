package asr

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/internal/ngram"
	"github.com/parley-go/parley/internal/tokenizer"
	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/transformer"
)

// frameTime is the time between encoder frames: pairs of the steps of 20 ms that the blocks see.
const frameTime = 40 * time.Millisecond

// samplesOfFrame is the same in samples.
const samplesOfFrame = int(frameTime * sampleRate / time.Second)

// hybrid is Parley's own recogniser: a streaming encoder with two CTC heads, and for whole segments other blocks and a decoder.
type hybrid struct {
	config  config
	encoder *encoder
	phone   *transformer.Linear  // (P, D): phone CTC
	piece   *transformer.Linear  // (V, D): subword CTC
	second  *transformer.Encoder // of whole segments, upon the encoder's convolutions
	decoder *transformer.Decoder // attends to what second makes
	pieces  *tokenizer.Tokenizer // of the subword CTC
	tokens  *tokenizer.Tokenizer // of the decoder
	tree    *tree                // or nil
	lm      *ngram.Model         // or nil

	sessions sync.Pool // of *session
}

// config is config.json, with the names of training/asr/model.py.
type config struct {
	ModelType     string   `json:"model_type"`
	SampleRate    int      `json:"sample_rate"`
	Mels          int      `json:"mels"`
	D             int      `json:"d_model"`
	Heads         int      `json:"heads"`
	Layers        int      `json:"layers"`
	FFN           int      `json:"ffn"`
	ConvKernel    int      `json:"conv_kernel"` // 0: no convolution in the blocks
	Period        int      `json:"period"`
	Phones        int      `json:"phones"`
	Pieces        int      `json:"pieces"`
	SecondLayers  int      `json:"second_layers"`
	Tokens        int      `json:"tokens"` // of the decoder; then the end of a text, then startTokens
	DecoderLayers int      `json:"decoder_layers"`
	DecoderFFN    int      `json:"decoder_ffn"`
	MaxTokens     int      `json:"max_tokens"`
	LeftContext   int      `json:"left_context"`
	Chunk         int      `json:"chunk"`
	PhoneUnits    []string `json:"phone_units"`
}

func (c *config) check() error {
	const most = 1 << 16 // of any size: far above what is built, small enough not to overflow
	for _, n := range []int{c.Mels, c.D, c.Heads, c.Layers, c.FFN, c.Period, c.Phones, c.Pieces, c.SecondLayers, c.Tokens, c.DecoderLayers, c.DecoderFFN, c.MaxTokens, c.LeftContext, c.Chunk} {
		if n < 1 || n > most {
			return fmt.Errorf("a size is missing or not 1 to %d", most)
		}
	}
	switch {
	case c.MaxTokens <= startTokens:
		return fmt.Errorf("max_tokens is %d, want more than %d", c.MaxTokens, startTokens)
	case c.ConvKernel < 0 || c.ConvKernel > most:
		return fmt.Errorf("conv_kernel is %d, want 0 to %d", c.ConvKernel, most)
	case c.ModelType != "parley_hybrid":
		return fmt.Errorf("model_type is %q, want \"parley_hybrid\"", c.ModelType)
	case c.SampleRate != sampleRate:
		return fmt.Errorf("sample_rate is %d, want %d", c.SampleRate, sampleRate)
	case c.Mels != audio.ListenMel().Mels:
		return fmt.Errorf("mels is %d, want %d", c.Mels, audio.ListenMel().Mels)
	case c.Phones > 255 || len(c.PhoneUnits) != c.Phones:
		return fmt.Errorf("%d phone_units for %d phones", len(c.PhoneUnits), c.Phones)
	}
	return nil
}

// startTokens is how many tokens stand before every text. Whisper's are <|startoftranscript|> and <|notimestamps|>.
const startTokens = 2

// textStart returns the startTokens tokens that a text begins with, in a slice of the caller's own.
func (c *config) textStart() []int { return []int{c.Tokens + 1, c.Tokens + 2} }

// endToken returns what a text ends with.
func (c *config) endToken() int { return c.Tokens }

// longestText returns how many tokens of a text the decoder can read.
func (c *config) longestText() int { return c.MaxTokens - startTokens }

// usualPrecision of the family: the encoder is 1.7 times as fast as in float32, for 0.1 points of word error rate.
const usualPrecision = kernel.Int8

func openHybrid(fsys fs.FS, opt *OpenOptions) (engine, error) {
	m := &hybrid{}
	if err := m.loadConfig(fsys); err != nil {
		return nil, err
	}
	words := make(chan error, 1)
	go func() { words <- m.loadWords(fsys) }() // takes as long as the rest
	err := m.loadWeights(fsys, opt)
	if err == nil {
		err = m.loadPieces(fsys)
	}
	if err = cmp.Or(err, <-words); err != nil {
		return nil, err
	}
	m.sessions.New = func() any { return m.newSession() }
	return m, nil
}

func (m *hybrid) loadConfig(fsys fs.FS) error {
	if err := weights.ReadJSON(fsys, "config.json", &m.config); err != nil {
		return err
	}
	if err := m.config.check(); err != nil {
		return fmt.Errorf("config.json: %w", err)
	}
	return nil
}

func (m *hybrid) loadWeights(fsys fs.FS, opt *OpenOptions) error {
	file, err := transformer.OpenWeightsFS(fsys, weights.ModelFile)
	if err != nil {
		return err
	}
	defer file.Close()
	f, err := opt.loader(file, usualPrecision)
	if err != nil {
		return err
	}
	c := &m.config
	if m.encoder, err = loadEncoder(transformer.Sub(f, "encoder."), c); err != nil {
		return err
	}
	if m.phone, err = transformer.LoadLinear(transformer.As(f, transformer.F32), "phone_ctc", c.Phones, c.D, true); err != nil {
		return err
	}
	if m.piece, err = transformer.LoadLinear(f, "piece_ctc", c.Pieces, c.D, true); err != nil {
		return err
	}
	if m.second, err = loadBlocks(transformer.Sub(f, "second."), c, c.SecondLayers); err != nil {
		return err
	}
	m.decoder, err = transformer.LoadDecoder(f, "decoder.", transformer.DecoderConfig{
		Config: transformer.Config{D: c.D, Heads: c.Heads, Layers: c.DecoderLayers, FFN: c.DecoderFFN, Act: transformer.GELU,
			Positions: transformer.Learned, MaxPositions: c.MaxTokens},
		Vocab: c.Tokens + 1 + startTokens, Cross: true})
	return err
}

func (m *hybrid) loadPieces(fsys fs.FS) (err error) {
	if m.pieces, err = loadTokenizer(fsys, "pieces.json", m.config.Pieces); err != nil {
		return err
	}
	m.tokens, err = loadTokenizer(fsys, "tokenizer.json", m.config.Tokens)
	return err
}

func loadTokenizer(fsys fs.FS, name string, size int) (*tokenizer.Tokenizer, error) {
	t, err := tokenizer.LoadHF(fsys, name)
	if err == nil && t.Vocab() != size {
		err = fmt.Errorf("%s has %d subwords, config.json says %d", name, t.Vocab(), size)
	}
	return t, err
}

// loadWords loads what the search with words needs.
func (m *hybrid) loadWords(fsys fs.FS) error {
	if err := m.loadLM(fsys); err != nil {
		return err
	}
	return m.loadLexicon(fsys)
}

func (m *hybrid) loadLM(fsys fs.FS) error {
	data, err := fs.ReadFile(fsys, "lm.bin")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		m.lm, err = ngram.Read(data)
	}
	if err != nil {
		return fmt.Errorf("lm.bin: %w", err)
	}
	return nil
}

func (m *hybrid) loadLexicon(fsys fs.FS) error {
	f, err := fsys.Open("lexicon.tsv")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	l, err := readLexicon(f, m.config.PhoneUnits)
	if err != nil {
		return fmt.Errorf("lexicon.tsv: %w", err)
	}
	m.tree = newTree(l, m.lm)
	return nil
}

func (m *hybrid) defaultSearch() Search {
	if m.tree != nil {
		return Rescored
	}
	return PrefixBeam
}

// supports says whether the model has the parts that a search needs.
func (m *hybrid) supports(s Search) error {
	switch {
	case s < 0 || s > Attention:
		return optionf("Search", "is %v, which is unknown", s)
	case (s == Lexicon || s == Rescored) && m.tree == nil:
		return optionf("Search", "is %v, which needs lexicon.tsv, and the model lacks it", s)
	}
	return nil
}
