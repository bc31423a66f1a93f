package tts

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/parley-go/parley/transformer"
)

// acoustic is the acoustic model, FastPitch-like (Lancucki 2021, arXiv:2006.06873), immutable. A step is two mel frames.
// P is phonemes, T steps, D the width.
type acoustic struct {
	*config
	ids       map[rune]int           // of the phoneme characters
	embed     *transformer.Embedding // (1 + phonemes, D)
	speakers  transformer.Mat        // (speakers, 3 D): what a voice adds to what the text encoder, the frame encoder and the decoder read
	text      *transformer.Encoder   // (P, D), bidirectional
	duration1 *transformer.Linear    // (D, D)
	duration2 *transformer.Linear    // (1, D): ln of steps
	place     *transformer.Linear    // (D, 4): where in its phoneme a step is
	frame     *transformer.Encoder   // (T, D), bidirectional
	prosody   *transformer.Linear    // (6, D): 2 normalised ln F0, 2 voicing logits, 2 normalised energies
	pitch     *transformer.Linear    // (D, 18): prosody of the step before, the step and the next
	decoder   *transformer.Encoder   // (T, D), chunk-causal
	mel       *transformer.Linear    // (2 Mels, D): two normalised mel frames
}

const (
	places  = 4        // features of place
	prosody = 3 * pair // features of prosody
)

// alike gives phoneme characters that a voice may lack the sound that comes nearest.
var alike = map[rune]rune{'a': 'æ', 'e': 'ɛ', 'o': 'O', 'Q': 'O', 'r': 'ɹ', 'g': 'ɡ', 'ɒ': 'ɑ', 'ʔ': 't', 'x': 'k', 'ɚ': 'ə', 'ɝ': 'ɜ', '–': '—'}

// loadAcoustic reads acoustic.safetensors.
func loadAcoustic(f transformer.Loader, c *config) (*acoustic, error) {
	a := &acoustic{config: c, ids: map[rune]int{}}
	for _, r := range c.Phonemes {
		a.ids[r] = len(a.ids) + 1
	}
	tokens := len(a.ids) + 1
	for r, like := range alike {
		if id, ok := a.ids[like]; ok && a.ids[r] == 0 {
			a.ids[r] = id
		}
	}
	linear := func(l **transformer.Linear, name string, out, in int) func() error {
		return func() (err error) { *l, err = transformer.LoadLinear(f, name, out, in, true); return }
	}
	stack := func(e **transformer.Encoder, name string, layers int, centred bool) func() error {
		return func() (err error) {
			*e, err = transformer.LoadEncoder(f, name+".", transformer.Config{D: c.D, Heads: c.Heads, Layers: layers, FFN: c.FFN,
				Act: transformer.SiLU, Positions: transformer.RotaryHalves, ConvKernel: c.Conv, ConvCentred: centred})
			return
		}
	}
	for _, load := range []func() error{
		func() (err error) { a.embed, err = transformer.LoadEmbedding(f, "embed", tokens, c.D); return },
		func() error { return a.loadSpeakers(f) },
		stack(&a.text, "text", c.TextLayers, true),
		linear(&a.duration1, "duration.fc1", c.D, c.D), linear(&a.duration2, "duration.fc2", 1, c.D),
		linear(&a.place, "place", c.D, places),
		stack(&a.frame, "frame", c.FrameLayers, true),
		linear(&a.prosody, "prosody", prosody, c.D), linear(&a.pitch, "pitch", c.D, 3*prosody),
		stack(&a.decoder, "decoder", c.DecoderLayers, false),
		linear(&a.mel, "mel", pair*c.Mels, c.D),
	} {
		if err := load(); err != nil {
			return nil, err
		}
	}
	a.embed.Scale = float32(math.Sqrt(float64(c.D)))
	return a, nil
}

// loadSpeakers reads the vectors of the voices.
func (a *acoustic) loadSpeakers(f transformer.Loader) error {
	if len(a.Speakers) == 0 || len(a.Speakers) == 1 && !f.Has("speaker.weight") {
		return nil
	}
	v, err := f.Float32("speaker.weight", len(a.Speakers), 3*a.D)
	if err != nil {
		return err
	}
	a.speakers = transformer.MatOf(v, len(a.Speakers), 3*a.D)
	return nil
}

// Places in the network where a voice adds its vector.
const (
	atText = iota
	atFrame
	atDecoder
)

// addVoice adds a third of the vector of voice who to every row of x (N, D).
func (a *acoustic) addVoice(x transformer.Mat, who, place int) {
	if a.speakers.Rows == 0 {
		return
	}
	add := a.speakers.Row(who)[place*a.D:][:a.D]
	for t := range x.Rows {
		row := x.Row(t)
		for i, v := range add {
			row[i] += v
		}
	}
}

// mask is what a decoder step sees.
func (a *acoustic) mask() transformer.Mask {
	return transformer.Mask{Chunk: a.Chunk, Left: a.Chunk * a.LeftChunks}
}

// tokens maps a phoneme string to ids, with id 0 before and after; a character outside the alphabet has none and is left out.
// at[i] is the token of character i of the string (by rune), or of what follows it where it has none.
func (a *acoustic) tokens(phonemes []rune) (ids, at []int) {
	ids, at = append(ids, 0), make([]int, len(phonemes))
	for i, r := range phonemes {
		at[i] = len(ids)
		if id, ok := a.ids[r]; ok {
			ids = append(ids, id)
		}
	}
	return append(ids, 0), at
}

// check refuses phonemes with characters outside the alphabet, but for the marks and spaces that a voice may lack.
func (a *acoustic) check(phonemes []rune) error {
	var unknown []rune
	for _, r := range phonemes {
		if a.ids[r] == 0 && !strings.ContainsRune(" "+marks+stresses, r) && !slices.Contains(unknown, r) {
			unknown = append(unknown, r)
		}
	}
	if len(unknown) > 0 {
		return fmt.Errorf("the voice has no phonemes %q; it has %q", string(unknown), a.Phonemes)
	}
	return nil
}

// encode returns, in the voice of speaker who, the states (P, D) and the steps that each token wants, a positive real number (P).
func (a *acoustic) encode(ids []int, who int) (transformer.Mat, []float64) {
	x := transformer.NewMat(len(ids), a.D)
	a.embed.Forward(x, ids)
	a.addVoice(x, who, atText)
	x = a.text.Forward(x, transformer.Mask{})
	h, d := transformer.NewMat(x.Rows, a.D), transformer.NewMat(x.Rows, 1)
	a.duration1.ForwardAct(h, x, transformer.SiLU)
	a.duration2.Forward(d, h)
	steps := make([]float64, x.Rows)
	for i, v := range d.Data {
		steps[i] = math.Exp(min(float64(v), maxLogSteps))
	}
	return x, steps
}

// maxLogSteps bounds a phoneme: e^4.4 is 81 steps, 2 s.
const maxLogSteps = 4.4

// whole turns wanted steps into whole ones, at least 1 each, so that the sum keeps up with the wanted sum times scale. What is no
// number, of weights that are none, counts nothing.
func whole(wanted []float64, scale float64) []int {
	steps, sum, done := make([]int, len(wanted)), 0.0, 0
	for i, w := range wanted {
		if w >= 0 {
			sum += w * scale
		}
		steps[i] = max(1, int(math.Round(sum))-done)
		done += steps[i]
	}
	return steps
}

// frames returns the states (T, D) and the raw prosody (T, 6) of tokens x (P, D) that last steps (P).
func (a *acoustic) frames(x transformer.Mat, steps []int, who int) (y, p transformer.Mat) {
	t := 0
	for _, n := range steps {
		t += n
	}
	y, p = transformer.NewMat(t, a.D), transformer.NewMat(t, prosody)
	where := transformer.NewMat(t, places)
	at := 0
	for i, n := range steps {
		for k := range n {
			copy(y.Row(at), x.Row(i))
			copy(where.Row(at), []float32{(float32(k) + 0.5) / float32(n), float32(k) / 10, float32(n-1-k) / 10, float32(math.Log(float64(n)) / 2)})
			at++
		}
	}
	a.place.ForwardAdd(y, where)
	a.addVoice(y, who, atFrame)
	y = a.frame.Forward(y, transformer.Mask{})
	a.prosody.Forward(p, y)
	return y, p
}

// settle turns raw prosody (T, 6) into what the decoder takes, F0 zero where there is no voice, and returns F0 in Hz, one
// a mel frame (2T), 0 where there is no voice. F0 moves by some semitones.
func (a *acoustic) settle(p transformer.Mat, semitones float64) []float32 {
	f0 := make([]float32, 0, pair*p.Rows)
	shift := semitones * math.Ln2 / 12 / a.PitchStd
	for t := range p.Rows {
		row := p.Row(t)
		for i := range pair {
			voice, hz := &row[pair+i], 0.0
			if *voice > 0 {
				v := max(-6, min(6, float64(row[i]))) + shift
				row[i], *voice, hz = float32(v), 1, math.Exp(v*a.PitchStd+a.PitchMean)
			} else {
				row[i], *voice = 0, 0
			}
			f0 = append(f0, float32(hz))
		}
	}
	return f0
}

// colour adds what settled prosody p (T, 6) says, and the voice, to states y (T, D).
func (a *acoustic) colour(y, p transformer.Mat, who int) {
	in := transformer.NewMat(p.Rows, 3*prosody)
	for t := range p.Rows {
		row := in.Row(t)
		if t > 0 {
			copy(row, p.Row(t-1))
		}
		copy(row[prosody:], p.Row(t))
		if t+1 < p.Rows {
			copy(row[2*prosody:], p.Row(t+1))
		}
	}
	a.pitch.ForwardAdd(y, in)
	a.addVoice(y, who, atDecoder)
}
