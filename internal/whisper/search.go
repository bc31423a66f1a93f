package whisper

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/transformer"
)

// search finds the text of windows of sound: greedily, by a beam, or by sampling. Several windows go through the decoder together, a
// row for each hypothesis of each. It allocates nothing per token once warm.
type search struct {
	m     *Model
	state *transformer.DecoderState
	rand  *rand.Rand

	pass   pass
	tasks  []*task
	hyps   []hyp // live, those of a task side by side
	next   []hyp
	cands  []cand
	from   []int
	tokens []int
	feed   [][]int
	gather transformer.Mat // (2*tasks, D)
	probs  []float32       // (V), scratch of sampling
	moved  []boostedToken  // scratch
}

// A pass is one way to decode.
type pass struct {
	rules
	temperature   float64 // 0: the likeliest; otherwise samples are drawn
	beam          int     // hypotheses at temperature 0
	samples       int     // texts drawn at other temperatures
	patience      float64 // the beam ends once beam*patience texts have ended
	lengthPenalty float64 // negative: the score is divided by the length
	most          int     // tokens of a window
	hotwords      *hotwords
}

// A task is a window to decode.
type task struct {
	prompt []int // tokens before the text
	start  int   // place of the start token in prompt

	noSpeech float64 // probability that nobody speaks
	found    []found // best first, once decoded
	live     int     // hypotheses
}

// found is a finished text of a window.
type found struct {
	tokens []int   // text and timestamps
	sum    float64 // ln P of the tokens and the end
	score  float64 // sum with boosts
}

// hyp is an unfinished text.
type hyp struct {
	task   int
	node   int32 // of the hotwords
	sum    float64
	score  float64
	tokens []int
}

// cand is a hypothesis made longer by one token.
type cand struct {
	from, token int
	node        int32
	sum, score  float64
}

func newSearch(m *Model) *search {
	return &search{m: m, rand: rand.New(rand.NewPCG(1, 2)), probs: make([]float32, m.config.Vocab)}
}

// listen sets the windows to decode: encoder states (AudioContext, D) each.
func (s *search) listen(ctx context.Context, memories ...transformer.Mat) error {
	if s.state == nil {
		s.state = s.m.decoder.NewState(transformer.Mat{Cols: s.m.config.D}, 0)
	}
	return s.m.decoder.RestartContext(ctx, s.state, 1, memories...)
}

// languages returns the probability of each of the model's languages in each window.
func (s *search) languages(ctx context.Context, windows int) ([][]float64, error) {
	s.state.Clear(1)
	s.feed = s.feed[:0]
	start := []int{s.m.tokens.start}
	for range windows {
		s.feed = append(s.feed, start)
	}
	states, err := s.m.decoder.FeedContext(ctx, s.state, s.feed...)
	if err != nil {
		return nil, err
	}
	logits := s.m.decoder.Logits(s.state, states)
	out := make([][]float64, windows)
	for i := range out {
		out[i] = s.m.tokens.languageProbs(logits.Row(i))
	}
	return out, nil
}

// run decodes the tasks, one for each window that listen got, in that order.
func (s *search) run(ctx context.Context, p pass, tasks ...*task) error {
	s.pass, s.tasks = p, tasks
	s.rand = rand.New(rand.NewPCG(1, 2)) // the same sound gives the same text
	logits, err := s.begin(ctx)
	if err != nil {
		return err
	}
	for len(s.hyps) > 0 {
		s.cands = s.cands[:0]
		for i := range s.hyps {
			s.extend(i, logits.Row(i))
		}
		s.choose()
		if len(s.hyps) == 0 {
			break
		}
		s.reorder()
		states, err := s.m.decoder.StepContext(ctx, s.state, s.tokens)
		if err != nil {
			return err
		}
		logits = s.m.decoder.Logits(s.state, states)
	}
	for _, t := range tasks {
		s.rank(t)
	}
	return nil
}

// begin feeds the prompts and returns the logits of what comes after each.
func (s *search) begin(ctx context.Context) (transformer.Mat, error) {
	s.state.Clear(1)
	s.feed, s.hyps = s.feed[:0], s.hyps[:0]
	total := 0
	for i, t := range s.tasks {
		t.found, t.live = t.found[:0], 1
		s.feed = append(s.feed, t.prompt)
		s.hyps = grow(s.hyps)
		h := &s.hyps[i]
		h.task, h.node, h.sum, h.score, h.tokens = i, 0, 0, 0, h.tokens[:0]
		total += len(t.prompt)
	}
	states, err := s.m.decoder.FeedContext(ctx, s.state, s.feed...)
	if err != nil {
		return states, err
	}
	n := len(s.tasks)
	if s.gather.Rows != 2*n {
		s.gather = transformer.NewMat(2*n, s.m.config.D)
	}
	lo := 0
	for i, t := range s.tasks {
		copy(s.gather.Row(i), states.Row(lo+len(t.prompt)-1))
		copy(s.gather.Row(n+i), states.Row(lo+t.start))
		lo += len(t.prompt)
	}
	logits := s.m.decoder.Logits(s.state, s.gather)
	for i, t := range s.tasks {
		row := logits.Row(n + i)
		kernel.Softmax(row)
		t.noSpeech = float64(row[s.m.tokens.noSpeech])
	}
	return logits, nil
}

// grow makes a slice of hypotheses longer by one that keeps its space for tokens.
func grow(h []hyp) []hyp {
	if len(h) < cap(h) {
		return h[:len(h)+1]
	}
	return append(h, hyp{})
}

// extend adds the ways to go on with hypothesis i, given the logits (V), to s.cands.
func (s *search) extend(i int, logits []float32) {
	p, h := &s.pass, &s.hyps[i]
	p.apply(logits, h.tokens)
	kernel.LogSoftmax(logits)
	lo := 0
	if p.preferTimestamps(logits) {
		lo = p.t.timestamp
		kernel.LogSoftmax(logits[lo:])
	}
	lost := 0.0
	s.moved = s.moved[:0]
	if p.hotwords != nil {
		s.moved, lost = p.hotwords.after(s.moved, h.node)
		for k := range s.moved {
			b := &s.moved[k]
			b.logp = logits[b.token]
			logits[b.token] += float32(b.gain - lost)
		}
	}
	first := len(s.cands)
	switch {
	case p.temperature > 0:
		s.draw(i, logits, lo)
	case p.beam == 1:
		s.cands = append(s.cands, cand{from: i, token: lo + transformer.Argmax(logits[lo:])})
	default:
		s.best(i, logits, lo, p.beam+1)
	}
	for k := first; k < len(s.cands); k++ {
		c := &s.cands[k]
		logp := float64(logits[c.token])
		c.sum, c.score = h.sum+logp, h.score+logp+lost
		for _, b := range s.moved {
			if b.token == c.token {
				c.sum, c.node = h.sum+float64(b.logp), b.node
			}
		}
	}
}

// best adds the n likeliest tokens from lo on.
func (s *search) best(i int, logp []float32, lo, n int) {
	first := len(s.cands)
	worst := -inf
	for t, v := range logp[lo:] {
		if v <= worst {
			continue
		}
		if len(s.cands)-first < n {
			s.cands = append(s.cands, cand{})
		}
		at := len(s.cands) - 1
		for at > first && logp[s.cands[at-1].token] < v {
			s.cands[at] = s.cands[at-1]
			at--
		}
		s.cands[at] = cand{from: i, token: lo + t}
		if len(s.cands)-first == n {
			worst = logp[s.cands[len(s.cands)-1].token]
		}
	}
}

// draw adds tokens drawn at the temperature: of a new text as many as there are samples, else one.
func (s *search) draw(i int, logp []float32, lo int) {
	n := 1
	if len(s.hyps[i].tokens) == 0 {
		n = s.pass.samples
	}
	x := s.probs[:len(logp)-lo]
	copy(x, logp[lo:])
	kernel.Scale(x, float32(1/s.pass.temperature))
	kernel.Softmax(x)
	for range n {
		at, token := s.rand.Float64(), lo
		for t, v := range x {
			if v > 0 {
				token = lo + t
				if at -= float64(v); at < 0 {
					break
				}
			}
		}
		s.cands = append(s.cands, cand{from: i, token: token})
	}
}

// choose makes the next hypotheses of the candidates, and takes finished texts out.
func (s *search) choose() {
	s.next, s.from, s.tokens = s.next[:0], s.from[:0], s.tokens[:0]
	for lo := 0; lo < len(s.cands); {
		task := s.hyps[s.cands[lo].from].task
		hi := lo
		for hi < len(s.cands) && s.hyps[s.cands[hi].from].task == task {
			hi++
		}
		s.chooseOf(s.tasks[task], s.cands[lo:hi])
		lo = hi
	}
	s.hyps, s.next = s.next, s.hyps
}

func (s *search) chooseOf(t *task, cands []cand) {
	p := &s.pass
	beam := p.temperature == 0 && p.beam > 1
	room := len(cands)
	if beam {
		sortCands(cands)
		room = p.beam
	}
	first := len(s.next)
	for _, c := range cands {
		if len(s.next)-first == room {
			break
		}
		if c.token == p.t.end {
			if !beam || len(t.found) < p.ends() {
				t.finish(s.hyps[c.from].tokens, c.sum, c.score)
			}
			continue
		}
		s.add(c)
	}
	t.live = len(s.next) - first
	switch {
	case beam && len(t.found) >= p.ends():
	case t.live > 0 && len(s.next[first].tokens) >= min(p.most, s.m.config.TextContext-len(t.prompt)):
		if beam { // too long: the best unfinished ones make up for missing ones
			room = max(0, p.beam-len(t.found))
		}
		for _, h := range s.next[first:min(first+room, len(s.next))] {
			t.finish(h.tokens, h.sum, h.score)
		}
	default:
		return
	}
	s.next, s.from, s.tokens = s.next[:first], s.from[:first], s.tokens[:first]
	t.live = 0
}

// ends is how many finished texts end a beam.
func (p *pass) ends() int { return max(1, int(math.RoundToEven(float64(p.beam)*p.patience))) }

// add makes a candidate a hypothesis.
func (s *search) add(c cand) {
	s.next = grow(s.next)
	old, h := &s.hyps[c.from], &s.next[len(s.next)-1]
	h.task, h.node, h.sum, h.score = old.task, c.node, c.sum, c.score
	h.tokens = append(append(h.tokens[:0], old.tokens...), c.token)
	s.from, s.tokens = append(s.from, c.from), append(s.tokens, c.token)
}

// finish keeps a text.
func (t *task) finish(tokens []int, sum, score float64) {
	t.found = append(t.found, found{append([]int(nil), tokens...), sum, score})
}

// sortCands sorts by score, the best first; of equals the earlier one. There are few.
func sortCands(c []cand) {
	for i := 1; i < len(c); i++ {
		x, j := c[i], i
		for ; j > 0 && c[j-1].score < x.score; j-- {
			c[j] = c[j-1]
		}
		c[j] = x
	}
}

// reorder moves the decoder's caches to the hypotheses that go on.
func (s *search) reorder() {
	same := len(s.from) == s.state.Beams()
	for i, f := range s.from {
		same = same && i == f
	}
	if !same {
		s.state.Reorder(s.from)
	}
}

// rank sorts the texts of a task by score for their length (Wu et al. 2016, arXiv:1609.08144, equation 14, or the plain mean).
func (s *search) rank(t *task) {
	value := func(f *found) float64 {
		n := float64(len(f.tokens))
		if s.pass.lengthPenalty < 0 {
			return f.score / max(n, 1)
		}
		return f.score / math.Pow((5+n)/6, s.pass.lengthPenalty)
	}
	for i := 1; i < len(t.found); i++ {
		for j := i; j > 0 && value(&t.found[j-1]) < value(&t.found[j]); j-- {
			t.found[j-1], t.found[j] = t.found[j], t.found[j-1]
		}
	}
}
