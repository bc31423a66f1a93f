package tokenizer

import (
	"math"
	"unicode/utf8"
)

// unigram finds the most probable sequence of pieces (Kudo 2018, arXiv:1804.10959, section 3.1).
type unigram struct {
	vocab        map[string]int
	scores       []float64 // (pieces) log probabilities
	unknown      int       // id, or -1: unknown characters vanish
	unknownScore float64
	longest      int // bytes of the longest piece
	byteFallback bool
}

const unknownPenalty = 10 // below the worst piece

func newUnigram(vocab map[string]int, scores []float64, unknown int, byteFallback bool) *unigram {
	u := &unigram{vocab: vocab, scores: scores, unknown: unknown, byteFallback: byteFallback}
	worst := math.Inf(1)
	for piece := range vocab {
		u.longest = max(u.longest, len(piece))
	}
	for _, s := range scores {
		worst = min(worst, s)
	}
	u.unknownScore = worst - unknownPenalty
	return u
}

// arc is the best way to reach a place in the word.
type arc struct {
	from  int // where its last piece starts; -1: not reached
	id    int // -1: unknown
	score float64
}

func (u *unigram) encode(ids []int, word string) []int {
	best := make([]arc, len(word)+1) // (bytes + 1)
	for i := range best {
		best[i].from = -1
	}
	best[0].from = 0
	for at := 0; at < len(word); {
		_, n := utf8.DecodeRuneInString(word[at:])
		u.extend(best, word, at, n)
		at += n
	}
	return u.trace(ids, best, word)
}

// extend tries all pieces that start at byte at, whose character has n bytes.
func (u *unigram) extend(best []arc, word string, at, n int) {
	reach := func(end, id int, score float64) {
		score += best[at].score
		if b := &best[end]; b.from < 0 || score > b.score {
			*b = arc{at, id, score}
		}
	}
	single := false
	for end := at + n; end <= len(word) && end-at <= u.longest; {
		if id, ok := u.vocab[word[at:end]]; ok {
			reach(end, id, u.scores[id])
			single = single || end == at+n
		}
		if end == len(word) {
			break
		}
		_, step := utf8.DecodeRuneInString(word[end:])
		end += step
	}
	if !single {
		reach(at+n, -1, u.unknownScore)
	}
}

// trace walks back from the end and appends the ids; neighbouring unknown characters count as one.
func (u *unigram) trace(ids []int, best []arc, word string) []int {
	var path []int // ends of pieces, last first
	for end := len(word); end > 0; end = best[end].from {
		path = append(path, end)
	}
	for i := len(path) - 1; i >= 0; i-- {
		a := best[path[i]]
		if a.id >= 0 && a.id != u.unknown {
			ids = append(ids, a.id)
			continue
		}
		for i > 0 && (best[path[i-1]].id < 0 || best[path[i-1]].id == u.unknown) {
			i--
		}
		ids = u.unknownPiece(ids, word[a.from:path[i]])
	}
	return ids
}

func (u *unigram) unknownPiece(ids []int, text string) []int {
	if id, ok := u.vocab[text]; ok {
		return append(ids, id)
	}
	if u.byteFallback {
		if bytes := bytePieces(u.vocab, text); bytes != nil {
			return append(ids, bytes...)
		}
	}
	if u.unknown < 0 {
		return ids
	}
	return append(ids, u.unknown)
}
