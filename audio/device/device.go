package device

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrUnsupported says that this program was built without a sound back end.
var ErrUnsupported = errors.New("no sound back end in this build: build with -tags portaudio (needs cgo and PortAudio), or pipe the sound in or out")

// ErrNoServer says that no sound server answered.
var ErrNoServer = errors.New("no PulseAudio or PipeWire server answered")

// ErrNoDevice says that the device asked for, or any default one, does not exist.
var ErrNoDevice = errors.New("no such sound device")

// Options choose a device. Nil and zero fields mean defaults.
type Options struct {
	Device  string        // name or description as List gives them; "": the system's default
	Rate    int           // microphone: samples a second, 0 = the device's own
	Latency time.Duration // how often a microphone delivers, how far ahead a player buffers; 0 = 40 ms and 200 ms
	Buffer  time.Duration // microphone: how much sound waits for a slow reader before the oldest is dropped; 0 = 30 s
	Name    string        // what a mixer shows; "" = "parley"
}

// Info describes one device.
type Info struct {
	Name        string // the identifier to put into Options.Device
	Description string // for people
	Input       bool   // it records
	Output      bool   // it plays
	Monitor     bool   // an input that hears what an output plays
	Default     bool
	Rate        int // the device's own samples a second
}

// Input is an open microphone. It is an audio.Source for one reader.
type Input struct {
	rate  int
	queue *ring
	close func() error
}

// Microphone opens the microphone and starts recording.
// Cancelling ctx ends the recording at once and makes Read return ctx's error.
func Microphone(ctx context.Context, opt *Options) (*Input, error) {
	o := withDefaults(opt, 40*time.Millisecond)
	in, err := openInput(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("microphone: %w", err)
	}
	return in, nil
}

// Rate tells the samples a second.
func (in *Input) Rate() int { return in.rate }

// Read waits for sound and fills p with what there is, at least one sample.
// After Close it gives what was recorded before, then io.EOF.
func (in *Input) Read(p []float32) (int, error) { return in.queue.read(p) }

// Dropped counts the samples lost because Read was called too seldom. Those that remain keep their order.
func (in *Input) Dropped() int64 { return in.queue.dropped() }

// Close ends the recording. What was recorded can still be read.
func (in *Input) Close() error { return in.close() }

// Output is an open player. It is an audio.Sink for one writer.
type Output struct {
	rate int
	out  player
}

// player is what a back end does for an Output.
type player interface {
	write(p []float32) (int, error)
	drain() error
	close() error
}

// Player opens the loudspeaker for mono sound of the given rate. Sound starts when enough is buffered, or on Drain.
// Cancelling ctx silences it at once and makes Write and Drain return ctx's error.
func Player(ctx context.Context, rate int, opt *Options) (*Output, error) {
	if rate < 1000 || rate > 384000 {
		return nil, fmt.Errorf("player: %d samples a second; want 1000 to 384000", rate)
	}
	o := withDefaults(opt, 200*time.Millisecond)
	o.Rate = rate
	out, err := openOutput(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("player: %w", err)
	}
	return &Output{rate: rate, out: out}, nil
}

// Rate tells the samples a second.
func (out *Output) Rate() int { return out.rate }

// Write queues p and waits while the device has no room for it.
func (out *Output) Write(p []float32) (int, error) { return out.out.write(p) }

// Drain waits until all that was written has been played.
func (out *Output) Drain() error { return out.out.drain() }

// Close stops the sound and frees the device. Call Drain first to hear the end.
func (out *Output) Close() error { return out.out.close() }

// List names the devices of the back end this program was built with.
func List(ctx context.Context) ([]Info, error) { return listDevices(ctx) }

func withDefaults(opt *Options, latency time.Duration) Options {
	var o Options
	if opt != nil {
		o = *opt
	}
	if o.Latency <= 0 {
		o.Latency = latency
	}
	if o.Buffer <= 0 {
		o.Buffer = 30 * time.Second
	}
	if o.Name == "" {
		o.Name = "parley"
	}
	return o
}

// samples is d in samples of one channel, at least 1.
func samples(d time.Duration, rate int) int {
	return max(1, int(d.Seconds()*float64(rate)))
}

// pick finds the device called name among those that want accepts: an exact name first, then an exact description,
// then the one description that contains it.
func pick(all []Info, name string, want func(Info) bool) (Info, error) {
	var close []Info
	var known []string
	for _, d := range all {
		if !want(d) {
			continue
		}
		if d.Name == name {
			return d, nil
		}
		if strings.Contains(strings.ToLower(d.Description), strings.ToLower(name)) {
			close = append(close, d)
		}
		known = append(known, fmt.Sprintf("%q", d.Name))
	}
	for _, d := range close {
		if strings.EqualFold(d.Description, name) {
			return d, nil
		}
	}
	if len(close) == 1 {
		return close[0], nil
	}
	if len(known) == 0 {
		return Info{}, fmt.Errorf("%w: %q; there is none at all", ErrNoDevice, name)
	}
	if len(close) > 1 {
		return Info{}, fmt.Errorf("%w: %q could be %d devices; want one of %s", ErrNoDevice, name, len(close), strings.Join(known, ", "))
	}
	return Info{}, fmt.Errorf("%w: %q; want one of %s", ErrNoDevice, name, strings.Join(known, ", "))
}
