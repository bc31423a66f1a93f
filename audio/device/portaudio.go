//go:build portaudio && cgo

package device

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/gordonklaus/portaudio"
)

// pa guards the library: it counts its users, caches its devices and opens streams without locks of its own.
// No callback takes it.
var pa sync.Mutex

// openInput has PortAudio's callback push into a ring.
func openInput(ctx context.Context, opt Options) (*Input, error) {
	var in *Input
	err := withLibrary(ctx, func() error {
		dev, err := findDevice(opt.Device, portaudio.DefaultInputDevice, func(d Info) bool { return d.Input })
		if err != nil {
			return err
		}
		rate := opt.Rate
		if rate == 0 {
			rate = int(dev.DefaultSampleRate)
		}
		queue := newRing(samples(opt.Buffer, rate))
		params := portaudio.LowLatencyParameters(dev, nil)
		params.Input.Channels = 1
		params.SampleRate = float64(rate)
		params.FramesPerBuffer = samples(opt.Latency, rate)
		s, err := startStream(ctx, params, func(pcm []float32) { queue.push(pcm) }, queue)
		if err != nil {
			return fmt.Errorf("record from %q: %w", dev.Name, err)
		}
		in = &Input{rate: rate, queue: queue, close: func() error {
			queue.stop(io.EOF, false)
			return s.end()
		}}
		return nil
	})
	return in, err
}

// paPlayer is a ring that PortAudio's callback empties.
type paPlayer struct {
	queue *ring
	*paStream
}

func openOutput(ctx context.Context, opt Options) (player, error) {
	var out *paPlayer
	err := withLibrary(ctx, func() error {
		dev, err := findDevice(opt.Device, portaudio.DefaultOutputDevice, func(d Info) bool { return d.Output })
		if err != nil {
			return err
		}
		queue := newRing(samples(opt.Latency, opt.Rate))
		params := portaudio.HighLatencyParameters(nil, dev)
		params.Output.Channels = 1
		params.SampleRate = float64(opt.Rate)
		params.FramesPerBuffer = portaudio.FramesPerBufferUnspecified
		s, err := startStream(ctx, params, func(pcm []float32) { clear(pcm[queue.pull(pcm):]) }, queue)
		if err != nil {
			return fmt.Errorf("play on %q: %w", dev.Name, err)
		}
		out = &paPlayer{queue: queue, paStream: s}
		return nil
	})
	return out, err
}

func (p *paPlayer) write(pcm []float32) (int, error) { return p.queue.write(pcm) }

// drain waits for the callback to take all, then for PortAudio to play what it took.
func (p *paPlayer) drain() error {
	if err := p.queue.empty(); err != nil {
		return err
	}
	return p.restart()
}

func (p *paPlayer) close() error {
	p.queue.stop(io.EOF, true)
	return p.end()
}

// paStream is a running stream. It holds one count of the library's initialisation.
type paStream struct {
	stream  *portaudio.Stream // nil once ended; guarded by pa
	release func() bool
}

// startStream opens and starts a stream; when ctx ends the stream is aborted and queue stopped. The caller holds pa.
func startStream(ctx context.Context, params portaudio.StreamParameters, callback any, queue *ring) (*paStream, error) {
	stream, err := portaudio.OpenStream(params, callback)
	if err != nil {
		return nil, err
	}
	if err := stream.Start(); err != nil {
		return nil, errors.Join(err, stream.Close())
	}
	s := &paStream{stream: stream}
	s.release = context.AfterFunc(ctx, func() {
		queue.stop(ctx.Err(), true)
		s.end()
	})
	return s, nil
}

// restart stops the stream, which waits for its buffers to be played, and starts it again.
func (s *paStream) restart() error {
	pa.Lock()
	defer pa.Unlock()
	if s.stream == nil {
		return nil
	}
	if err := s.stream.Stop(); err != nil {
		return err
	}
	return s.stream.Start()
}

// end closes the stream once, without waiting for what the device has not played.
func (s *paStream) end() error {
	pa.Lock()
	defer pa.Unlock()
	if s.stream == nil {
		return nil
	}
	s.release()
	err := errors.Join(s.stream.Abort(), s.stream.Close(), portaudio.Terminate())
	s.stream = nil
	return err
}

// withLibrary runs open with the library initialised and locked. When open succeeds it keeps the library in use.
func withLibrary(ctx context.Context, open func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	pa.Lock()
	defer pa.Unlock()
	if err := portaudio.Initialize(); err != nil {
		return fmt.Errorf("start PortAudio: %w", err)
	}
	if err := open(); err != nil {
		return errors.Join(err, portaudio.Terminate())
	}
	return nil
}

// findDevice finds the device called name, or the default one. The caller holds pa.
func findDevice(name string, preset func() (*portaudio.DeviceInfo, error), want func(Info) bool) (*portaudio.DeviceInfo, error) {
	if name == "" {
		dev, err := preset()
		if err != nil {
			return nil, fmt.Errorf("%w: no default: %w", ErrNoDevice, err)
		}
		return dev, nil
	}
	devices, err := portaudio.Devices()
	if err != nil {
		return nil, fmt.Errorf("list devices: %w", err)
	}
	all := infos(devices)
	found, err := pick(all, name, want)
	if err != nil {
		return nil, err
	}
	return devices[slices.Index(all, found)], nil
}

func listDevices(ctx context.Context) ([]Info, error) {
	var list []Info
	err := withLibrary(ctx, func() error {
		devices, err := portaudio.Devices()
		if err != nil {
			return fmt.Errorf("list devices: %w", err)
		}
		list = infos(devices)
		return portaudio.Terminate()
	})
	return list, err
}

// infos describes devices in the same order.
func infos(devices []*portaudio.DeviceInfo) []Info {
	in, _ := portaudio.DefaultInputDevice()
	out, _ := portaudio.DefaultOutputDevice()
	list := make([]Info, len(devices))
	for i, d := range devices {
		list[i] = Info{
			Name: d.Name, Description: d.Name, Rate: int(d.DefaultSampleRate),
			Input: d.MaxInputChannels > 0, Output: d.MaxOutputChannels > 0,
			Default: d == in || d == out,
		}
		if d.HostApi != nil {
			list[i].Description = d.HostApi.Name + ": " + d.Name
		}
	}
	return list
}
