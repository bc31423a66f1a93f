package whisper

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"sync"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/par"
	"github.com/parley-go/parley/internal/tokenizer"
	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/transformer"
)

// The sound that every Whisper hears: 16 kHz, a frame every 10 ms, an encoder state every 20 ms.
const (
	sampleRate = 16000
	hop        = 160
	frameRate  = sampleRate / hop
	stateRate  = frameRate / 2
)

// A Model is a Whisper model. It is immutable and safe for concurrent use; each call has a state of its own.
type Model struct {
	config  Config
	vocab   *tokenizer.Tokenizer
	tokens  tokens
	mel     *audio.Mel
	conv1   *transformer.Conv1d // (T, mels) to (T, D)
	conv2   *transformer.Conv1d // (T, D) to (T/2, D)
	encoder *transformer.Encoder
	decoder *transformer.Decoder
	heads   []transformer.CrossHead // that follow the sound

	sessions sync.Pool // of *session
}

// Is reports whether fsys holds a Whisper model in the layout of Hugging Face.
func Is(fsys fs.FS) bool {
	var c struct {
		Type string `json:"model_type"`
	}
	return weights.ReadJSON(fsys, "config.json", &c) == nil && c.Type == "whisper"
}

// Open reads a directory in the layout of Hugging Face: config.json, model.safetensors, tokenizer.json (or vocab.json and merges.txt),
// and if they are there generation_config.json and preprocessor_config.json.
func Open(fsys fs.FS, f weights.Loader) (*Model, error) {
	c, err := readConfig(fsys)
	if err != nil {
		return nil, err
	}
	return newModel(c, f, func() (*tokenizer.Tokenizer, error) { return readVocabulary(fsys) })
}

// readVocabulary reads tokenizer.json, or else vocab.json and merges.txt.
func readVocabulary(fsys fs.FS) (*tokenizer.Tokenizer, error) {
	v, err := tokenizer.LoadHF(fsys, "tokenizer.json")
	if errors.Is(err, fs.ErrNotExist) {
		v, err = tokenizer.LoadGPT2(fsys, "vocab.json", "merges.txt")
	}
	return v, err
}

// New makes a model of weights under the names of transformers' WhisperForConditionalGeneration, wherever they come from. v need not
// know the special tokens if they stand where OpenAI's models have them.
func New(c Config, f weights.Loader, v *tokenizer.Tokenizer) (*Model, error) {
	return newModel(c, f, func() (*tokenizer.Tokenizer, error) { return v, nil })
}

func newModel(c Config, f weights.Loader, vocabulary func() (*tokenizer.Tokenizer, error)) (*Model, error) {
	m := &Model{config: c}
	parts := [...]func() error{
		func() (err error) { m.vocab, err = vocabulary(); return err },
		func() error { return m.load(f) },
	}
	var errs [len(parts)]error
	par.ForWithin(f.Threads(), len(parts), 1, func(lo, hi int) { // reading 50,000 tokens takes a third of the time
		for i := lo; i < hi; i++ {
			errs[i] = parts[i]()
		}
	})
	if err := cmp.Or(errs[:]...); err != nil {
		return nil, err
	}
	var err error
	if m.tokens, err = findTokens(&c, m.vocab); err != nil {
		return nil, err
	}
	mel := audio.WhisperMel(c.Mels)
	mel.Threads = f.Threads()
	m.mel = audio.NewMel(mel)
	m.heads = alignmentHeads(&c)
	m.sessions.New = func() any { return m.newSession() }
	return m, nil
}

// blockNames are the words of transformers' checkpoints.
var blockNames = transformer.Names{
	Layers: "layers.", Positions: "embed_positions", Norm: "layer_norm", Embed: "embed_tokens",
	AttnNorm: "self_attn_layer_norm", Q: "self_attn.q_proj", K: "self_attn.k_proj", V: "self_attn.v_proj", Out: "self_attn.out_proj",
	CrossNorm: "encoder_attn_layer_norm", CrossQ: "encoder_attn.q_proj", CrossK: "encoder_attn.k_proj", CrossV: "encoder_attn.v_proj",
	CrossOut: "encoder_attn.out_proj",
	FFNNorm:  "final_layer_norm", Up: "fc1", Down: "fc2",
}

func (m *Model) load(f weights.Loader) (err error) {
	c, prefix := &m.config, "model."
	if err := c.check(); err != nil {
		return err
	}
	if !f.Has("model.encoder.conv1.weight") && f.Has("encoder.conv1.weight") { // saved without its head
		prefix = ""
	}
	block := transformer.Config{D: c.D, Heads: c.EncoderHeads, Layers: c.EncoderLayers, FFN: c.EncoderFFN, Act: transformer.GELU, NoKeyBias: true,
		Positions: transformer.Learned, MaxPositions: c.AudioContext, Names: blockNames}
	conv := transformer.ConvConfig{In: c.Mels, Out: c.D, Kernel: 3, PadLeft: 1, Act: transformer.GELU}
	if m.conv1, err = transformer.LoadConv1d(f, prefix+"encoder.conv1", conv); err != nil {
		return err
	}
	conv.In, conv.Stride = c.D, 2
	if m.conv2, err = transformer.LoadConv1d(f, prefix+"encoder.conv2", conv); err != nil {
		return err
	}
	if m.encoder, err = transformer.LoadEncoder(f, prefix+"encoder.", block); err != nil {
		return err
	}
	block.Heads, block.Layers, block.FFN, block.MaxPositions = c.DecoderHeads, c.DecoderLayers, c.DecoderFFN, c.TextContext
	d := transformer.DecoderConfig{Config: block, Vocab: c.Vocab, Cross: true}
	if c.ScaleEmbedding {
		d.EmbedScale = float32(math.Sqrt(float64(c.D)))
	}
	m.decoder, err = transformer.LoadDecoder(f, prefix+"decoder.", d)
	return err
}

// session is the state of one call.
type session struct {
	m        *Model
	features features
	conv1    transformer.Conv1dState
	conv2    transformer.Conv1dState
	input    transformer.Mat // (frames+1, mels): a window, and a row of zeros that the first convolution sees as padding
	search   *search
	align    aligner
}

func (m *Model) newSession() *session {
	return &session{m: m, input: transformer.NewMat(m.config.frames()+1, m.config.Mels), search: newSearch(m)}
}

// release lets another call have s.
func (s *session) release() {
	s.features.src, s.features.speech = nil, nil
	s.m.sessions.Put(s)
}

// window is the part of s.input that a window of sound goes into, (frames, mels).
func (s *session) window() transformer.Mat { return s.input.Slice(0, s.input.Rows-1) }

// encode turns s.window() into encoder states (AudioContext, D), in the space of dst.
func (s *session) encode(ctx context.Context, dst *transformer.Mat) error {
	m := s.m
	s.conv1.Reset()
	s.conv2.Reset()
	x := m.conv2.Step(&s.conv2, m.conv1.Step(&s.conv1, s.input))
	if x.Rows != m.config.AudioContext {
		panic(fmt.Sprintf("whisper: %d encoder states, want %d", x.Rows, m.config.AudioContext))
	}
	if dst.Data == nil {
		*dst = transformer.NewMat(x.Rows, x.Cols)
	}
	copy(dst.Data, x.Data)
	return m.encoder.Encode(ctx, *dst, transformer.Mask{})
}
