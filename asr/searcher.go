package asr

import (
	"slices"
	"strings"

	"github.com/parley-go/parley/internal/tokenizer"
)

// searcher is a search over the frames of a segment as they come.
type searcher interface {
	// reset starts a segment; continued says that the one before ended in the middle of speech.
	reset(continued bool)
	// step takes the next frame: ln P of phones (P) and of subwords (V).
	step(phone, piece []float32)
	// best returns the best result so far.
	best() candidate
	// finish returns up to n results, best first, with different texts; at least one. end says that the sentence may have ended.
	finish(n int, end bool) []candidate
}

// A candidate is a text with the CTC units of each word.
type candidate struct {
	words   []string
	units   [][]int
	written []string // the words as the decoder writes them, with capitals and marks; nil: unknown
	phones  bool     // the units are phones, not subwords
	score   float32  // natural log
	lm      float32  // ln P of the words by the language model
	att     float32  // ln P of a token of the text by the decoder, on average; 0: it was not asked
}

func (c *candidate) text() string { return strings.Join(c.words, " ") }

// newSearcher returns a searcher for the settings, one used before if there is one.
func (s *session) newSearcher() searcher {
	switch s.set.Search {
	case Lexicon, Rescored:
		if s.lexicon == nil {
			s.lexicon = &lexiconSearcher{beam: newLexiconBeam(s.m.tree, s.m.lm, beamConfig{})}
		}
		s.lexicon.beam.beamConfig = beamConfig{size: s.set.Beam, width: beamWidth, lmWeight: float32(s.set.LMWeight),
			wordBonus: float32(s.set.WordBonus), blank: phoneBlank, skip: blankSkip, floor: phoneFloor}
		return s.lexicon
	case PrefixBeam:
		if s.prefix == nil {
			s.prefix = &prefixSearcher{beam: newPrefixBeam(0, pieceBlank, pieceFloor), pieces: s.m.pieces}
		}
		s.prefix.beam.size = s.set.Beam
		return s.prefix
	}
	if s.greedy == nil {
		s.greedy = &greedySearcher{greedy: greedy{blank: pieceBlank}, pieces: s.m.pieces}
	}
	return s.greedy
}

// Pruning, in natural logs; see beamConfig.
const (
	beamWidth  = 14
	blankSkip  = -0.01 // P(blank) > 0.99
	phoneFloor = -9
	pieceFloor = -7
)

// Added to ln P(blank) of each CTC head: trained on little, they are too fond of it.
const (
	phoneBlank = -3
	pieceBlank = -1
)

type lexiconSearcher struct {
	beam *lexiconBeam
	ids  []int32
}

func (s *lexiconSearcher) reset(continued bool) { s.beam.reset(continued) }

func (s *lexiconSearcher) step(phone, _ []float32) { s.beam.step(phone) }

func (s *lexiconSearcher) best() candidate {
	s.ids = s.beam.words(s.ids[:0], s.beam.best())
	return s.candidate(s.ids, 0, false)
}

func (s *lexiconSearcher) candidate(prons []int32, score float32, end bool) candidate {
	lex := s.beam.tree.lex
	c := candidate{phones: true, score: score}
	ids := make([]int32, 0, len(prons))
	for _, id := range prons {
		p := lex.prons[id]
		c.words, ids = append(c.words, lex.words[p.word]), append(ids, s.beam.tree.words[p.word])
		c.units = append(c.units, lex.units(p))
	}
	c.lm = s.beam.lmScore(ids, end)
	return c
}

func (s *lexiconSearcher) finish(n int, end bool) []candidate {
	var out []candidate
	s.beam.results(end, func(prons []int32, score float32) bool {
		c := s.candidate(prons, score, end)
		if !slices.ContainsFunc(out, func(o candidate) bool { return slices.Equal(o.words, c.words) }) {
			out = append(out, c)
		}
		return len(out) < n
	})
	return out
}

type greedySearcher struct {
	greedy
	pieces *tokenizer.Tokenizer
}

func (s *greedySearcher) reset(bool) { s.greedy.reset() }

func (s *greedySearcher) step(_, piece []float32) { s.greedy.step(piece) }

func (s *greedySearcher) best() candidate { return spell(s.pieces, s.units, s.score) }

func (s *greedySearcher) finish(int, bool) []candidate { return []candidate{s.best()} }

type prefixSearcher struct {
	beam   *prefixBeam
	pieces *tokenizer.Tokenizer
	ids    []int
}

func (s *prefixSearcher) reset(bool) { s.beam.reset() }

func (s *prefixSearcher) step(_, piece []float32) { s.beam.step(piece) }

func (s *prefixSearcher) best() candidate { return s.finish(1, false)[0] }

func (s *prefixSearcher) finish(n int, _ bool) []candidate {
	var out []candidate
	for i := range s.beam.tokens {
		s.ids = s.beam.units(s.ids[:0], i)
		c := spell(s.pieces, s.ids, s.beam.tokens[i].total)
		if !slices.ContainsFunc(out, func(o candidate) bool { return slices.Equal(o.words, c.words) }) {
			out = append(out, c)
		}
		if len(out) == n {
			break
		}
	}
	return out
}

// wordStart begins the pieces that begin a word.
const wordStart = "▁"

// spell groups subwords into words.
func spell(pieces *tokenizer.Tokenizer, ids []int, score float32) candidate {
	c := candidate{score: score}
	for _, id := range ids {
		p := pieces.Piece(id)
		rest, starts := strings.CutPrefix(p, wordStart)
		if n := len(c.words) - 1; n >= 0 && (!starts || c.words[n] == "") {
			c.words[n] += rest
			c.units[n] = append(c.units[n], id)
			continue
		}
		c.words, c.units = append(c.words, rest), append(c.units, []int{id})
	}
	if n := len(c.words) - 1; n >= 0 && c.words[n] == "" {
		c.words, c.units = c.words[:n], c.units[:n]
	}
	return c
}
