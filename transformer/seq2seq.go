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
	if s == nil {
		s = m.Decoder.NewState(Mat{Cols: m.Decoder.config.MemoryD}, 0)
	}
	out, _ := m.Decoder.Greedy(context.Background(), s, m.Encode(source), start, end, limit) // which nobody cancels
	return out
}
