package device_test

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/parley-go/parley/audio/device"
)

// The tests here need a sound server whose default input hears its default output: testdata/nullsink.sh starts one.
// They skip where none runs, unless PARLEY_AUDIO_TEST=1 demands it.
func needServer(t *testing.T) {
	t.Helper()
	if os.Getenv("PARLEY_AUDIO_TEST") == "1" {
		return
	}
	t.Skip("SKIPPED: no sound hardware is touched without PARLEY_AUDIO_TEST=1; run audio/device/testdata/nullsink.sh")
}

// deadline fails instead of hanging.
func deadline(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func tone(hertz float64, rate, n int) []float32 {
	p := make([]float32, n)
	for i := range p {
		p[i] = 0.5 * float32(math.Sin(2*math.Pi*hertz*float64(i)/float64(rate)))
	}
	return p
}

// power is the mean square of p at one frequency, by Goertzel's recurrence: 0.125 for the tone above.
func power(p []float32, hertz float64, rate int) float64 {
	w := 2 * math.Pi * hertz / float64(rate)
	var s1, s2 float64
	for _, x := range p {
		s1, s2 = float64(x)+2*math.Cos(w)*s1-s2, s1
	}
	n := float64(len(p))
	return 2 * (s1*s1 + s2*s2 - 2*math.Cos(w)*s1*s2) / (n * n)
}

func meanSquare(p []float32) float64 {
	var sum float64
	for _, x := range p {
		sum += float64(x) * float64(x)
	}
	return sum / float64(len(p))
}

// loudest is the second of p with the most energy.
func loudest(p []float32, rate int) []float32 {
	best, at := -1.0, 0
	for i := 0; i+rate <= len(p); i += rate / 20 {
		if e := meanSquare(p[i : i+rate]); e > best {
			best, at = e, i
		}
	}
	return p[at:min(at+rate, len(p))]
}

func TestPlayAndRecord(t *testing.T) {
	needServer(t)
	ctx := deadline(t, 20*time.Second)
	mic, err := device.Microphone(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer mic.Close()
	const hertz, rate = 440, 24000
	out, err := device.Player(ctx, rate, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()

	heard := make(chan []float32)
	go func() {
		var all []float32
		buf := make([]float32, 4096)
		for {
			n, err := mic.Read(buf)
			all = append(all, buf[:n]...)
			if err != nil {
				if err != io.EOF {
					t.Error(err)
				}
				heard <- all
				return
			}
		}
	}()
	start := time.Now()
	if n, err := out.Write(tone(hertz, rate, 2*rate)); n != 2*rate || err != nil {
		t.Fatalf("wrote %d: %v", n, err)
	}
	if err := out.Drain(); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(start); d < 1800*time.Millisecond || d > 6*time.Second {
		t.Errorf("2 s of sound took %v", d)
	}
	time.Sleep(200 * time.Millisecond)
	mic.Close()
	all := <-heard
	if mic.Rate() < 8000 || len(all) < 2*mic.Rate() {
		t.Fatalf("recorded %d samples at %d", len(all), mic.Rate())
	}
	second := loudest(all, mic.Rate())
	total, at := meanSquare(second), power(second, hertz, mic.Rate())
	if total < 0.05 || at < 0.9*total {
		t.Errorf("mean square %.4f, of it %.4f at %d Hz; want nearly all of 0.125", total, at, hertz)
	}
	if mic.Dropped() != 0 {
		t.Errorf("dropped %d samples", mic.Dropped())
	}
}

func TestRateAsAsked(t *testing.T) {
	needServer(t)
	ctx := deadline(t, 10*time.Second)
	mic, err := device.Microphone(ctx, &device.Options{Rate: 16000})
	if err != nil {
		t.Fatal(err)
	}
	defer mic.Close()
	if mic.Rate() != 16000 {
		t.Errorf("rate %d", mic.Rate())
	}
	start, n := time.Now(), 0
	for buf := make([]float32, 1000); n < 16000; {
		k, err := mic.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		n += k
	}
	if d := time.Since(start); d < 700*time.Millisecond || d > 3*time.Second {
		t.Errorf("a second took %v", d)
	}
}

func TestShortSoundDrains(t *testing.T) {
	needServer(t)
	ctx := deadline(t, 10*time.Second)
	out, err := device.Player(ctx, 24000, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if _, err := out.Write(tone(440, 24000, 240)); err != nil {
		t.Fatal(err)
	}
	if err := out.Drain(); err != nil {
		t.Fatal(err)
	}
}

func TestCancelStopsAtOnce(t *testing.T) {
	needServer(t)
	ctx, cancel := context.WithCancel(deadline(t, 20*time.Second))
	mic, err := device.Microphone(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer mic.Close()
	out, err := device.Player(ctx, 24000, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	done := make(chan error, 2)
	go func() {
		for {
			if _, err := mic.Read(make([]float32, 1<<16)); err != nil {
				done <- err
				return
			}
		}
	}()
	go func() {
		_, err := out.Write(tone(440, 24000, 24000*60))
		done <- err
	}()
	time.Sleep(300 * time.Millisecond)
	start := time.Now()
	cancel()
	for range 2 {
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context canceled", err)
		}
	}
	if d := time.Since(start); d > 300*time.Millisecond {
		t.Errorf("stopping took %v", d)
	}
	if err := out.Drain(); !errors.Is(err, context.Canceled) {
		t.Errorf("draining a cancelled player: %v", err)
	}
	if _, err := device.Microphone(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("opening with a dead context: %v", err)
	}
}

func TestSlowReaderDropsTheOldest(t *testing.T) {
	needServer(t)
	ctx := deadline(t, 10*time.Second)
	mic, err := device.Microphone(ctx, &device.Options{Rate: 16000, Buffer: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	mic.Close()
	if d := mic.Dropped(); d < 8000 || d > 32000 {
		t.Errorf("dropped %d samples in a second, keeping 1600", d)
	}
	n, err := mic.Read(make([]float32, 1<<16))
	if n != 1600 || err != nil {
		t.Errorf("%d samples left, %v; want 1600", n, err)
	}
	if _, err := mic.Read(make([]float32, 1)); err != io.EOF {
		t.Errorf("then %v, want EOF", err)
	}
}

func TestList(t *testing.T) {
	needServer(t)
	all, err := device.List(deadline(t, 10*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	var in, out int
	for _, d := range all {
		if d.Name == "" || d.Rate < 1000 {
			t.Errorf("device %+v", d)
		}
		if d.Input {
			in++
		}
		if d.Output {
			out++
		}
	}
	if in == 0 || out == 0 {
		t.Errorf("%d inputs and %d outputs in %+v", in, out, all)
	}
}

func TestUnknownDevice(t *testing.T) {
	needServer(t)
	ctx := deadline(t, 10*time.Second)
	opt := &device.Options{Device: "no such thing"}
	if _, err := device.Microphone(ctx, opt); !errors.Is(err, device.ErrNoDevice) || !strings.Contains(err.Error(), "want one of") {
		t.Errorf("microphone: %v", err)
	}
	if _, err := device.Player(ctx, 24000, opt); !errors.Is(err, device.ErrNoDevice) {
		t.Errorf("player: %v", err)
	}
}
