package whisper

import (
	"compress/zlib"
	"context"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
)

// result is the text of a window.
type result struct {
	found
	text        string
	temperature float64
	avgLogProb  float64
	compression float64
	noSpeech    float64
	prompted    bool // there was text before the window, which makes noSpeech less telling
	others      []found
}

// decode finds the text of the window that s.search listens to: at the first temperature whose text is not doubtful, else at the last
// (Radford et al. 2022, section 4.5).
func (s *session) decode(ctx context.Context, set *settings, t *task) (result, error) {
	var r result
	for _, temperature := range set.Temperatures {
		p := set.pass
		p.temperature = temperature
		if err := s.search.run(ctx, p, t); err != nil {
			return r, err
		}
		r = s.m.result(t, temperature)
		if !set.doubtful(&r) {
			break
		}
	}
	s.m.cutLoops(set, &r)
	return r, nil
}

func (m *Model) result(t *task, temperature float64) result {
	r := result{found: t.found[0], temperature: temperature, noSpeech: t.noSpeech, prompted: t.start > 0, others: t.found[1:]}
	r.text = strings.TrimSpace(m.decode(r.tokens))
	r.avgLogProb = r.sum / float64(len(r.tokens)+1)
	r.compression = compressionRatio(r.text)
	return r
}

// doubtful reports whether the window should be decoded again: its text repeats itself or is unlikely, and somebody speaks.
func (s *settings) doubtful(r *result) bool {
	unlikely := r.avgLogProb < s.LogProb
	if r.noSpeech > s.NoSpeech && unlikely {
		return false
	}
	return r.compression > s.CompressionRatio || unlikely
}

// silent reports whether nobody speaks in the window, as the reference sees it, or unless everything is to be heard with stricter bounds:
// texts that the model finds in noises which got past the detector of speech are either unlikely, or it says so itself. Without a prompt
// it gives speech less than 0.25 and noises (dishes, kitchens) more than 0.44.
func (s *settings) silent(r *result) bool {
	if !s.NoVAD && (!r.prompted && r.noSpeech > 0.4 || r.avgLogProb < -1.5) {
		return true
	}
	return r.noSpeech > s.NoSpeech && !(r.avgLogProb > s.LogProb)
}

// compressionRatio is how much smaller zlib makes text; text that repeats itself shrinks more. Go ends a stream with an empty block of its
// own, 4 bytes that zlib, by which the thresholds were set, does without.
func compressionRatio(text string) float64 {
	if text == "" {
		return 0 // zlib's header alone
	}
	var n countingWriter
	z := compressors.Get().(*zlib.Writer)
	z.Reset(&n)
	_, _ = io.WriteString(z, text) // countingWriter does not fail
	_ = z.Close()
	compressors.Put(z)
	return float64(len(text)) / float64(n-4)
}

// compressors take a megabyte each.
var compressors = sync.Pool{New: func() any { return zlib.NewWriter(nil) }}

type countingWriter int

func (n *countingWriter) Write(p []byte) (int, error) {
	*n += countingWriter(len(p))
	return len(p), nil
}

// cutLoops is the last guard before text is committed: where every temperature repeated itself, a run of the same few tokens is cut
// to one.
func (m *Model) cutLoops(set *settings, r *result) {
	if math.IsNaN(set.CompressionRatio) || r.compression <= set.CompressionRatio {
		return
	}
	r.tokens = cutLoops(r.tokens, m.tokens.timestamp)
	r.text = strings.TrimSpace(m.decode(r.tokens))
	r.compression = compressionRatio(r.text)
}

// loopLen and loopTimes: a run is up to so many tokens, at least so many times in a row.
const (
	loopLen   = 32
	loopTimes = 4
)

// cutLoops keeps the first of loopTimes or more equal runs; the timestamps around them stay.
func cutLoops(tokens []int, timestamp int) []int {
	out := tokens[:0:0]
	for i := 0; i < len(tokens); {
		n, times := loopAt(tokens[i:], timestamp)
		if times < loopTimes {
			out = append(out, tokens[i])
			i++
			continue
		}
		out = append(out, tokens[i:i+n]...)
		i += n * times
	}
	return out
}

// loopAt returns the shortest run that tokens begins with and repeats often enough, and how often. Runs hold text only.
func loopAt(tokens []int, timestamp int) (n, times int) {
	for n = 1; n <= min(loopLen, len(tokens)/loopTimes); n++ {
		if tokens[n-1] >= timestamp {
			return 0, 0
		}
		times = 1
		for at := n; at+n <= len(tokens) && slices.Equal(tokens[:n], tokens[at:at+n]); at += n {
			times++
		}
		if times >= loopTimes {
			return n, times
		}
	}
	return 0, 0
}
