package asr

import (
	"context"
	"fmt"
	"strings"

	"github.com/parley-go/parley/transformer"
)

// writing is a head of the decoder that says how a text is written: for each of its words the mark that comes after it, and its case. It
// sees the decoder's states once that has read the word, and once it has read the next.
type writing struct {
	head  *transformer.Linear // (marks + cases, 2 D)
	marks []string            // "" for none
	cases []letterCase
}

// letterCase is the case of a word's letters.
type letterCase int

const (
	lower   letterCase = iota
	capital            // the first letter
	upper              // all letters
)

var caseNames = map[string]letterCase{"lower": lower, "capital": capital, "upper": upper}

// loadWriting reads the head that config.json describes; without one texts stay as the search has them.
func loadWriting(f transformer.Loader, c *config) (*writing, error) {
	if len(c.Marks) == 0 {
		return nil, nil
	}
	w := &writing{marks: c.Marks}
	for _, name := range c.Cases {
		w.cases = append(w.cases, caseNames[name])
	}
	var err error
	w.head, err = transformer.LoadLinear(transformer.As(f, transformer.F32), "written", len(c.Marks)+len(c.Cases), 2*c.D, true)
	return w, err
}

// checkWriting says what is wrong with the classes of the head in config.json.
func (c *config) checkWriting() error {
	const most = 64
	if (len(c.Marks) == 0) != (len(c.Cases) == 0) || max(len(c.Marks), len(c.Cases)) > most {
		return fmt.Errorf("%d marks and %d cases, want both, at most %d, or neither", len(c.Marks), len(c.Cases), most)
	}
	for _, name := range c.Cases {
		if _, known := caseNames[name]; !known {
			return fmt.Errorf("unknown case %q in cases", name)
		}
	}
	return nil
}

// A style is how a word is written.
type style struct {
	mark    string
	letters letterCase
}

// styles says how words are written, which the decoder reads for that beside what hearAgain heard. Words beyond what it can read get no style.
func (s *session) styles(ctx context.Context, words []string) ([]style, error) {
	w, out := s.m.writing, make([]style, len(words))
	logits, err := s.styleLogits(ctx, words)
	for i := range logits.Rows {
		marks, cases := logits.Row(i)[:len(w.marks)], logits.Row(i)[len(w.marks):]
		out[i] = style{w.marks[transformer.Argmax(marks)], w.cases[transformer.Argmax(cases)]}
	}
	return out, err
}

// styleLogits returns what the head says of the first words, as many as the decoder can read: (words, marks + cases).
func (s *session) styleLogits(ctx context.Context, words []string) (transformer.Mat, error) {
	ids := s.m.tokens.Encode(strings.Join(words, " "))
	ids = ids[:min(len(ids), s.m.config.MaxTokens-1)]
	ends := s.wordEnds(ids)
	if len(ends) == 0 || len(ends) > len(words) { // more: the tokenizer splits otherwise
		return transformer.Mat{}, nil
	}
	s.decoding.Clear(1)
	states, err := s.m.decoder.FeedContext(ctx, s.decoding, append([]int{s.m.config.Tokens}, ids...))
	if err != nil {
		return transformer.Mat{}, err
	}
	d, pairs := states.Cols, transformer.NewMat(len(ends), 2*states.Cols) // each word's state, and that of the next
	for i, at := range ends {
		copy(pairs.Row(i)[:d], states.Row(at))
		if i > 0 {
			copy(pairs.Row(i - 1)[d:], states.Row(at))
		}
	}
	logits := transformer.NewMat(len(ends), s.m.writing.head.Out)
	s.m.writing.head.Forward(logits, pairs)
	return logits, nil
}

// wordEnds returns where the last subword of each word stands in a text that begins with one token more.
func (s *session) wordEnds(ids []int) []int {
	var ends []int
	for i, id := range ids {
		if starts := strings.HasPrefix(s.m.tokens.Piece(id), wordStart); starts || len(ends) == 0 {
			ends = append(ends, 0)
		}
		ends[len(ends)-1] = i + 1
	}
	return ends
}

// writeWords returns words with marks and capitals, as styles has them; starts says that the first one begins a sentence.
func writeWords(words []string, styles []style, starts bool) []string {
	out := make([]string, len(words))
	for i, w := range words {
		letters := styles[i].letters
		if starts || w == "i" || strings.HasPrefix(w, "i'") {
			letters = max(letters, capital)
		}
		out[i] = withCase(w, letters) + styles[i].mark
		starts = endsSentence(out[i])
	}
	return out
}

// endsSentence says whether a new sentence begins after a written word.
func endsSentence(word string) bool {
	return word != "" && strings.ContainsRune(".?!", rune(word[len(word)-1]))
}

// withCase returns a word of small letters in another case. What belongs to a word in capitals but is not of it stays small: NASA's.
func withCase(word string, letters letterCase) string {
	switch letters {
	case capital:
		for i, r := range word {
			return word[:i] + strings.ToUpper(string(r)) + word[i+len(string(r)):]
		}
	case upper:
		stem := strings.TrimSuffix(word, "'s")
		return strings.ToUpper(stem) + word[len(stem):]
	}
	return word
}

// written says whether final results have capitals and marks.
func (s *session) written() bool { return s.m.writing != nil && s.twoPass() && !s.set.Plain }

// write gives a final result, whose text is that of cands[0], and its alternatives capitals and marks.
func (s *session) write(ctx context.Context, seg *Segment, cands []candidate) error {
	if !s.written() || len(seg.Words) == 0 {
		return nil
	}
	texts := make([][]string, 1+len(seg.Alternatives))
	for i := range texts {
		styles, err := s.styles(ctx, cands[i].words)
		if err != nil {
			return err
		}
		texts[i] = writeWords(cands[i].words, styles, s.sentence)
	}
	for i, w := range texts[0] {
		seg.Words[i].Text = w
	}
	seg.Text = strings.Join(texts[0], " ")
	for i := range seg.Alternatives {
		seg.Alternatives[i].Text = strings.Join(texts[i+1], " ")
	}
	s.sentence = endsSentence(seg.Text)
	return nil
}
