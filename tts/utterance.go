package tts

import "github.com/parley-go/parley/transformer"

// utterance says one piece of text after the other: plan, then next until no frame is left. It belongs to one goroutine
// and reuses its memory.
type utterance struct {
	a       *acoustic
	steps   []int           // (P) of each token, as they are spoken
	states  transformer.Mat // (T, D) what the decoder reads
	f0      []float32       // (2T) Hz, 0 unvoiced
	at      int             // steps decoded
	decoder *transformer.EncoderState
	mel     transformer.Mat // (Chunk, 2 Mels)
	texture texture
}

func (a *acoustic) newUtterance() *utterance {
	return &utterance{a: a, decoder: a.decoder.NewState(a.mask()), mel: transformer.NewMat(a.Chunk, pair*a.Mels), texture: newTexture(a.MelSpread)}
}

// lead is how many steps of the silence before the first sound are spoken: the model was taught 14, we keep 100 ms.
const lead = 4

// plan decides everything about some tokens, said by speaker who, but their spectrum: durations times slower, F0 moved by
// semitones.
func (u *utterance) plan(ids []int, who int, slower, semitones float64) {
	x, wanted := u.a.encode(ids, who)
	u.steps = whole(wanted, slower)
	states, p := u.a.frames(x, u.steps, who)
	f0 := u.a.settle(p, semitones)
	u.a.colour(states, p, who)
	cut := max(0, u.steps[0]-lead)
	u.steps[0] -= cut
	u.states, u.f0, u.at = states.Slice(cut, states.Rows), f0[pair*cut:], 0
	u.decoder.Reset(u.a.mask())
	u.texture.reset()
}

// next returns the next mel frames, (up to 2 Chunk, Mels), natural-log magnitude, and their F0. No rows: the end.
// Both last until the next call.
func (u *utterance) next() (mel transformer.Mat, f0 []float32) {
	n := min(u.a.Chunk, u.states.Rows-u.at)
	if n == 0 {
		return transformer.Mat{Cols: u.a.Mels}, nil
	}
	y := u.a.decoder.Step(u.decoder, u.states.Slice(u.at, u.at+n))
	u.a.mel.Forward(u.mel.Slice(0, n), y)
	mel = transformer.MatOf(u.mel.Slice(0, n).Data, pair*n, u.a.Mels)
	f0 = u.f0[pair*u.at : pair*(u.at+n)]
	for t := range mel.Rows {
		row := mel.Row(t)
		for i, v := range row {
			row[i] = v*u.a.MelStd[i] + u.a.MelMean[i]
		}
		u.texture.add(row, f0[t] > 0)
	}
	u.at += n
	return mel, f0
}
