package vad

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/parley-go/parley/audio"
)

// loud is a detector for tests: frames of 100 samples that begin above 0.5 are speech.
type loud struct{ buf frameBuffer }

func (*loud) Rate() int         { return 16000 }
func (*loud) Hop() int          { return 100 }
func (*loud) NewStream() Stream { return &loud{newFrameBuffer(100, 0)} }

func (l *loud) Push(dst, samples []float32) []float32 {
	l.buf.push(samples, func(x []float32) { dst = append(dst, min(1, max(0, x[0]))) })
	return dst
}

func (l *loud) Flush(dst []float32) []float32 {
	l.buf.flush(func(x []float32) { dst = append(dst, min(1, max(0, x[0]))) })
	return dst
}

// marked is a sound whose samples tell their place: 0.6 and a little in speech, a little in silence.
func marked(n int, speech ...int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i) * 1e-6
	}
	for i := 0; i < len(speech); i += 2 {
		for k := speech[i]; k < speech[i+1]; k++ {
			x[k] += 0.6
		}
	}
	return x
}

func TestSpansAreExact(t *testing.T) {
	x := marked(100000, 10000, 20000, 50000, 70000, 99000, 100000)
	o := &Options{MinSpeech: -1, MinSilence: 300 * time.Millisecond, Before: 100 * time.Millisecond, After: 50 * time.Millisecond}
	want := []Span{{8400, 20800, false}, {48400, 70800, false}, {97400, 100000, false}}
	var got []Speech
	for s, err := range Spans(context.Background(), audio.Clip{Rate: 16000, Samples: x}.Source(), &loud{}, o) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, s)
	}
	if len(got) != len(want) {
		t.Fatalf("%d spans, want %d", len(got), len(want))
	}
	for i, s := range got {
		if s.Span != want[i] || int64(len(s.Samples)) != s.End-s.Start {
			t.Fatalf("%v with %d samples, want %v", s.Span, len(s.Samples), want[i])
		}
		for k, v := range s.Samples {
			if v != x[int(s.Start)+k] {
				t.Fatalf("span %v: sample %d is %v, want %v", s.Span, k, v, x[int(s.Start)+k])
			}
		}
	}
}

// endless is a sound of n samples, a second of speech in every three.
type endless struct{ at, n int64 }

func (*endless) Rate() int { return 16000 }

func (e *endless) Read(p []float32) (int, error) {
	if e.at >= e.n {
		return 0, io.EOF
	}
	for i := range p {
		p[i] = 0.1
		if e.at%48000 < 16000 {
			p[i] = 0.9
		}
		e.at++
	}
	return len(p), nil
}

func TestEndlessSoundInConstantMemory(t *testing.T) {
	src, f, buf := &endless{n: 2 * 3600 * 16000}, recorder{finder: NewFinder(&loud{}, nil)}, make([]float32, 4096)
	spans := 0
	for {
		n, err := src.Read(buf)
		if err != nil {
			break
		}
		f.push(buf[:n], func(s Speech, _ error) bool {
			spans++
			if s.Start%48000 != 48000-3200 && s.Start != 0 {
				t.Fatalf("span %d: %v", spans, s.Span)
			}
			return true
		})
		if cap(f.samples) > 10*16000 {
			t.Fatalf("%d samples are held after %d", cap(f.samples), src.at)
		}
	}
	if spans != 2400 {
		t.Errorf("%d spans, want 2400", spans)
	}
}

func TestSpansOfLittle(t *testing.T) {
	for _, n := range []int{0, 1, 100, 1000} {
		for s, err := range Spans(context.Background(), audio.Clip{Rate: 44100, Samples: make([]float32, n)}.Source(), nil, nil) {
			t.Errorf("%d samples of silence: %v, %v", n, s.Span, err)
		}
	}
}

var errBroken = errors.New("broken")

type broken struct{ n int }

func (*broken) Rate() int { return 16000 }
func (b *broken) Read(p []float32) (int, error) {
	if b.n--; b.n < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

func TestSpansEndWithTheError(t *testing.T) {
	for _, err := range Spans(context.Background(), &broken{5}, nil, nil) {
		if !errors.Is(err, errBroken) {
			t.Errorf("%v", err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	got := error(nil)
	for _, err := range Spans(ctx, &endless{n: 1 << 40}, nil, nil) {
		got = err
	}
	if !errors.Is(got, context.Canceled) {
		t.Errorf("%v, want that the context was cancelled", got)
	}
}

func TestLeavingTheLoop(t *testing.T) {
	n := 0
	for range Spans(context.Background(), &endless{n: 1 << 40}, &loud{}, nil) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("%d spans, want 3", n)
	}
}

func TestFinderAsSpans(t *testing.T) {
	x := marked(100050, 10000, 20000, 50000, 70000, 97000, 100050)
	var want []Span
	for s := range Spans(context.Background(), audio.Clip{Rate: 16000, Samples: x}.Source(), &loud{}, nil) {
		want = append(want, s.Span)
	}
	f := NewFinder(&loud{}, nil)
	for _, size := range []int{1, 333, len(x)} {
		var got []Span
		for at := 0; at < len(x); at += size {
			needed, n := f.Needed(), len(got)
			got = f.Push(got, x[at:min(len(x), at+size)])
			if len(got) > n && got[n].Start < needed {
				t.Fatalf("pushes of %d: %v, but only %d on was needed", size, got[n], needed)
			}
		}
		if got = f.Flush(got); !slices.Equal(got, want) || len(want) != 3 {
			t.Errorf("pushes of %d: %v, want %v", size, got, want)
		}
	}
}
