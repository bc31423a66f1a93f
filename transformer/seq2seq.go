package transformer

import "context"

// EncoderDecoder maps tokens to tokens: an encoder over the vectors of the source, a decoder that attends to it
// (Vaswani et al. 2017, arXiv:1706.03762).
type EncoderDecoder struct {
	Source  *Embedding
	Encoder *Encoder
	Decoder *Decoder
}

// Encode returns the encoder's states (len(source), D).
func (m *EncoderDecoder) Encode(source []int) Mat {
	x := NewMat(len(source), m.Source.D)
	m.Source.Forward(x, source)
	return m.Encoder.Forward(x, m.Encoder.Config().Mask)
}

// Greedy decodes the likeliest token after start, then after that, until end or until limit tokens; it returns neither
// start nor end. A state of an earlier call, or nil, lends its space.
func (m *EncoderDecoder) Greedy(s *DecoderState, source []int, start, end, limit int) []int {
	memory := m.Encode(source)
	if s == nil {
		s = m.Decoder.NewState(memory, 1)
	} else {
		m.Decoder.Restart(s, memory, 1)
	}
	out, _ := m.Decoder.Greedy(context.Background(), s, start, end, limit) // which nobody cancels
	return out
}

// Argmax returns the index of the largest value, the first of equals; -1 for none.
func Argmax(x []float32) int {
	best := -1
	for i, v := range x {
		if best < 0 || v > x[best] {
			best = i
		}
	}
	return best
}
