package audio

import (
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"testing"
	"time"
)

var errTest = errors.New("test")

// chunked yields the clip in pieces of the given sizes, over and over; the last piece comes together with io.EOF.
type chunked struct {
	Clip
	sizes []int
	at, i int
}

func (c *chunked) Rate() int { return c.Clip.Rate }

func (c *chunked) Read(p []float32) (int, error) {
	n := copy(p[:min(len(p), c.sizes[c.i%len(c.sizes)])], c.Samples[c.at:])
	c.at += n
	c.i++
	if c.at == len(c.Samples) {
		return n, io.EOF
	}
	return n, nil
}

// tone is a sine of amplitude 0.5.
func tone(rate, n int, hz float64) Clip {
	c := Clip{Rate: rate, Samples: make([]float32, n)}
	for i := range c.Samples {
		c.Samples[i] = float32(0.5 * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
	}
	return c
}

func TestReadAllLimit(t *testing.T) {
	c := tone(8000, 12000, 440)
	for _, limit := range []time.Duration{0, 1500 * time.Millisecond, time.Hour} {
		got, err := ReadAll(&chunked{Clip: c, sizes: []int{1, 999}}, limit)
		if err != nil || got.Rate != 8000 || !slices.Equal(got.Samples, c.Samples) {
			t.Errorf("limit %v: %d samples, %v", limit, len(got.Samples), err)
		}
	}
	got, err := ReadAll(c.Source(), time.Second)
	if !errors.Is(err, ErrTooLong) || !slices.Equal(got.Samples, c.Samples[:8000]) {
		t.Errorf("limit of 1 s: %d samples, %v", len(got.Samples), err)
	}
	if _, err := ReadAll(errSource{8000, errTest}, 0); err != errTest {
		t.Errorf("error of the source: got %v", err)
	}
}

func TestClip(t *testing.T) {
	if d := (Clip{16000, make([]float32, 8000)}).Duration(); d != 500*time.Millisecond {
		t.Errorf("duration %v", d)
	}
	if d := (Clip{}).Duration(); d != 0 {
		t.Errorf("duration of nothing %v", d)
	}
	for _, n := range []int{0, 1} {
		got, err := ReadAll(Clip{16000, make([]float32, n)}.Source(), 0)
		if err != nil || len(got.Samples) != n {
			t.Errorf("%d samples: got %d, %v", n, len(got.Samples), err)
		}
	}
}

func TestSanitize(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	x := []float32{nan, inf, -inf, 1.5, -0.25, 1e30, 0}
	want := []float32{0, MaxSample, -MaxSample, 1.5, -0.25, MaxSample, 0}
	got, err := ReadAll(Clip{8000, x}.Source(), 0)
	if err != nil || !slices.Equal(got.Samples, want) {
		t.Errorf("got %v, want %v (%v)", got.Samples, want, err)
	}
	if x[0] == x[0] {
		t.Error("Source changed the samples of the clip")
	}
	edge := float32(MaxSample)
	for n := range 20 { // samples are looked at in blocks
		for at := range n {
			for bad, good := range map[float32]float32{nan: 0, -inf: -edge, math.Nextafter32(edge, inf): edge, edge: edge, -edge: -edge, 1e-40: 1e-40} {
				x := make([]float32, n)
				x[at] = bad
				if Sanitize(x); x[at] != good {
					t.Errorf("%v at %d of %d: %v, want %v", bad, at, n, x[at], good)
				}
			}
		}
	}
}

func TestMono(t *testing.T) {
	x := []float32{1, 2, 3, 4, 5, 6, 7}
	dst := make([]float32, 7)
	for _, test := range []struct {
		channels int
		want     []float32
	}{{1, x}, {2, []float32{1.5, 3.5, 5.5}}, {3, []float32{2, 5}}, {8, nil}} {
		if n := Mono(dst, x, test.channels); !slices.Equal(dst[:n], test.want) {
			t.Errorf("%d channels: got %v, want %v", test.channels, dst[:n], test.want)
		}
	}
}

func TestPipe(t *testing.T) {
	c := tone(16000, 10001, 300)
	r, w := Pipe(16000)
	done := make(chan error)
	go func() {
		for i := 0; i < len(c.Samples); i += 777 {
			part := c.Samples[i:min(i+777, len(c.Samples))]
			if n, err := w.Write(part); n != len(part) || err != nil {
				done <- err
				return
			}
		}
		done <- w.Close()
	}()
	got, err := ReadAll(r, 0)
	if err != nil || got.Rate != 16000 || !slices.Equal(got.Samples, c.Samples) {
		t.Errorf("%d samples, %v", len(got.Samples), err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := w.Write(c.Samples); err != ErrClosedPipe {
		t.Errorf("write after close: %v", err)
	}
}

func TestPipeCloseWithError(t *testing.T) {
	r, w := Pipe(16000)
	w.CloseWithError(errTest)
	w.Close()
	if _, err := r.Read(make([]float32, 1)); err != errTest {
		t.Errorf("reader got %v", err)
	}
	r, w = Pipe(16000)
	go r.CloseWithError(errTest)
	if n, err := w.Write(make([]float32, 5)); n != 0 || err != errTest {
		t.Errorf("writer got %d, %v", n, err)
	}
	if _, err := r.Read(make([]float32, 1)); err != ErrClosedPipe {
		t.Errorf("reader after its close got %v", err)
	}
	r, w = Pipe(16000)
	go func() {
		r.Read(make([]float32, 2))
		r.Close()
	}()
	if n, err := w.Write(make([]float32, 5)); n != 2 || err != ErrClosedPipe {
		t.Errorf("writer got %d, %v", n, err)
	}
}

func TestPipeContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, w := Pipe(16000)
	defer context.AfterFunc(ctx, func() { w.CloseWithError(ctx.Err()) })()
	time.AfterFunc(time.Millisecond, cancel)
	if _, err := r.Read(make([]float32, 1)); err != context.Canceled {
		t.Errorf("reader got %v", err)
	}
	if _, err := w.Write(make([]float32, 1)); err != ErrClosedPipe {
		t.Errorf("writer got %v", err)
	}
}

func TestCopy(t *testing.T) {
	c := tone(16000, 9999, 300)
	r, w := Pipe(16000)
	go func() {
		_, err := Copy(w, &chunked{Clip: c, sizes: []int{100, 5000}})
		w.CloseWithError(err)
	}()
	got, err := ReadAll(r, 0)
	if err != nil || !slices.Equal(got.Samples, c.Samples) {
		t.Errorf("%d samples, %v", len(got.Samples), err)
	}
	if _, err := Copy(w, errSource{16000, errTest}); err != errTest {
		t.Errorf("error of the source: %v", err)
	}
	if _, err := Copy(w, c.Source()); err != ErrClosedPipe {
		t.Errorf("error of the sink: %v", err)
	}
}
