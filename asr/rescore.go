package asr

import (
	"cmp"
	"context"
	"slices"

	"github.com/parley-go/parley/internal/kernel"
)

// rescore sorts the results of the first pass by a second opinion, in the manner of U2 (Zhang et al. 2020, arXiv:2012.05481): to a result's
// own score come the log-probabilities of its text under the subword CTC and under the decoder. n is the segment's length.
func (s *session) rescore(ctx context.Context, cands []candidate, n int) ([]candidate, error) {
	if len(cands) < 2 {
		return cands, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ids := make([][]int, len(cands))
	for i := range cands {
		ids[i] = s.m.pieces.Encode(cands[i].text())
	}
	att := s.attentionScores(ids, n)
	for i := range cands {
		cands[i].score += float32(s.set.attWeight)*att[i] + float32(s.set.pieceWeight)*s.align.forward(s.piece.first(n), ids[i], pieceBlank)
	}
	sortCandidates(cands)
	return cands, nil
}

func sortCandidates(cands []candidate) {
	slices.SortStableFunc(cands, func(x, y candidate) int {
		return cmp.Compare(y.score, x.score)
	})
}

// attentionScores returns the decoder's ln P of each text's subwords and its end, given the first n frames.
func (s *session) attentionScores(texts [][]int, n int) []float32 {
	d, edge := s.m.decoder, s.m.config.Pieces
	s.restart(n, len(texts))
	in := make([][]int, len(texts))
	for i, ids := range texts {
		ids = ids[:min(len(ids), s.m.config.MaxTokens-1)]
		in[i] = append([]int{edge}, ids...)
	}
	logits := d.Logits(s.decoding, d.Feed(s.decoding, in...))
	scores := make([]float32, len(texts))
	row := 0
	for i := range in {
		for k := range in[i] {
			next := edge
			if k+1 < len(in[i]) {
				next = in[i][k+1]
			}
			logp := logits.Row(row)
			kernel.LogSoftmax(logp)
			scores[i] += logp[next]
			row++
		}
	}
	return scores
}

// restart readies the decoder's state for so many sequences over the first n encoder frames.
func (s *session) restart(n, beams int) {
	if s.decoding == nil {
		s.decoding = s.m.decoder.NewState(s.encoded.first(n), beams)
		return
	}
	s.m.decoder.Restart(s.decoding, s.encoded.first(n), beams)
}
