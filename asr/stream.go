package asr

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/parley-go/parley/audio"
	"github.com/parley-go/parley/internal/kernel"
	"github.com/parley-go/parley/transformer"
)

// stream is Model.Stream.
func (m *hybrid) stream(ctx context.Context, src audio.Source, opt *Options, yield func(Segment, error) bool) {
	set, err := opt.settings(m)
	if err != nil {
		yield(Segment{}, err)
		return
	}
	s := m.sessions.Get().(*session)
	defer m.sessions.Put(s)
	s.start(set, func(seg Segment) error {
		if !yield(seg, nil) {
			return errStopped
		}
		return nil
	})
	if err := s.run(ctx, src); err != nil && err != errStopped {
		yield(Segment{}, err)
	}
}

func (m *hybrid) check(opt *Options) error {
	_, err := opt.settings(m)
	return err
}

// errStopped says that whoever ranges over a stream has left the loop.
var errStopped = errors.New("asr: stopped")

// session is the state of one stream.
type session struct {
	m      *hybrid
	set    settings
	emit   func(Segment) error
	encode *encodeStream

	search    searcher // one of the following, made when first needed
	lexicon   *lexiconSearcher
	prefix    *prefixSearcher
	greedy    *greedySearcher
	segmenter segmenter
	voice     *voice

	// the current segment
	offset   int    // frames before it
	joined   bool   // the one before ended within speech
	sentence bool   // and what was written ended a sentence
	steps    frames // (2 T, D) what the encoder's blocks had
	phone    frames // (T, P) ln P
	piece    frames // (T, V) ln P
	heard    int    // frames that search and segmenter have had
	partial  string // text of the last partial result
	offered  bool   // there was a partial result

	align    aligner
	whole    []float32 // (2 n, D) what the second pass makes of a segment
	decoding *transformer.DecoderState
	samples  []float32
}

func (m *hybrid) newSession() *session {
	c := &m.config
	return &session{m: m, encode: m.encoder.newStream(), steps: frames{cols: c.D}, phone: frames{cols: c.Phones}, piece: frames{cols: c.Pieces},
		voice: newVoice(), samples: make([]float32, 4096)}
}

func (s *session) start(set settings, emit func(Segment) error) {
	s.set, s.emit = set, emit
	s.encode.reset(set.chunk)
	s.voice.reset()
	s.search = s.newSearcher()
	s.segmenter.silence, s.segmenter.most = set.silence, set.maxSegment
	s.next(s.phone.len(), false)
	s.offset, s.sentence = 0, true
}

// next starts the next segment, which has the frames from at on; continued says that the last one ended within speech.
func (s *session) next(at int, continued bool) {
	s.offset += at
	s.steps.drop(2 * at)
	s.phone.drop(at)
	s.piece.drop(at)
	s.voice.drop(s.offset)
	s.segmenter.reset()
	s.search.reset(continued)
	s.joined = continued
	s.heard, s.partial, s.offered = 0, "", false
}

func (s *session) run(ctx context.Context, src audio.Source) error {
	in := audio.Resample(src, sampleRate)
	hear := func(steps, x transformer.Mat) error { return s.hear(ctx, steps, x) }
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := in.Read(s.samples)
		audio.Sanitize(s.samples[:n])
		s.voice.push(s.samples[:n])
		if err := s.encode.push(s.samples[:n], hear); err != nil {
			return err
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	s.voice.flush()
	if err := s.encode.flush(hear); err != nil {
		return err
	}
	if s.segmenter.first < 0 {
		return nil
	}
	return s.finish(ctx, s.heard, true)
}

// hear takes a chunk of encoder frames x (T, D) and of what they were made of, steps (2 T, D).
func (s *session) hear(ctx context.Context, steps, x transformer.Mat) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	copy(s.steps.extend(steps.Rows).Data, steps.Data)
	logProbs(s.phone.extend(x.Rows), s.m.phone, x)
	logProbs(s.piece.extend(x.Rows), s.m.piece, x)
	for s.heard < s.phone.len() {
		s.segmenter.add(transformer.Argmax(s.phone.row(s.heard)) != 0)
		s.search.step(s.phone.row(s.heard), s.piece.row(s.heard))
		s.heard++
		c := s.segmenter.check()
		if c.at == 0 {
			continue
		}
		if err := s.cut(ctx, c); err != nil {
			return err
		}
		s.next(c.at, c.text && !c.end)
	}
	if s.set.Progress != nil {
		s.set.Progress(time.Duration(s.offset+s.heard) * frameTime)
	}
	if s.set.Partials && s.segmenter.first >= 0 {
		return s.offer()
	}
	return nil
}

// cut ends the segment as c says.
func (s *session) cut(ctx context.Context, c cut) error {
	if !c.text {
		return nil
	}
	if c.end {
		return s.finish(ctx, s.heard, true)
	}
	s.searchAgain(c.at) // the search has had frames of the next segment
	return s.finish(ctx, c.at, false)
}

// searchAgain starts the search anew, on the first n frames.
func (s *session) searchAgain(n int) {
	s.search.reset(s.joined)
	for t := range n {
		s.search.step(s.phone.row(t), s.piece.row(t))
	}
}

// logProbs writes ln softmax of the head's logits for x (T, D) into y (T, N).
func logProbs(y transformer.Mat, head *transformer.Linear, x transformer.Mat) {
	head.Forward(y, x)
	for i := range y.Rows {
		kernel.LogSoftmax(y.Row(i))
	}
}
