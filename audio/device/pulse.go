//go:build linux && !portaudio

package device

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"

	"github.com/jfreymuth/pulse/proto"
)

// sampleBytes is the size of one float32 sample on the wire.
const sampleBytes = 4

// openInput creates a record stream whose packets the protocol reader pushes into a ring.
func openInput(ctx context.Context, opt Options) (*Input, error) {
	c, err := connect(ctx, opt.Name)
	if err != nil {
		return nil, err
	}
	in, err := c.record(opt)
	if err != nil {
		c.close()
		return nil, err
	}
	return in, nil
}

func (c *pulseConn) record(opt Options) (*Input, error) {
	source, err := c.source(opt.Device)
	if err != nil {
		return nil, err
	}
	rate := opt.Rate
	if rate == 0 {
		rate = int(source.Rate)
	}
	queue := newRing(samples(opt.Buffer, rate))
	req := &proto.CreateRecordStream{
		SampleSpec:         proto.SampleSpec{Format: proto.FormatFloat32LE, Channels: 1, Rate: uint32(rate)},
		ChannelMap:         proto.ChannelMap{proto.ChannelMono},
		SourceIndex:        source.SourceIndex,
		BufferMaxLength:    proto.Undefined,
		BufferFragSize:     uint32(samples(opt.Latency, rate) * sampleBytes),
		Corked:             true, // until the packets have somewhere to go
		AdjustLatency:      true,
		DirectOnInputIndex: proto.Undefined,
		Properties:         proto.PropList{"media.name": proto.PropListString(opt.Name)},
		ChannelVolumes:     proto.ChannelVolumes{proto.VolumeNorm},
	}
	var reply proto.CreateRecordStreamReply
	if err := c.request(req, &reply); err != nil {
		return nil, fmt.Errorf("record from %q: %w", source.SourceName, err)
	}
	var pcm []float32
	c.Callback = func(msg any) {
		switch m := msg.(type) {
		case *proto.DataPacket:
			if m.StreamIndex == reply.StreamIndex {
				pcm = appendFloats(pcm[:0], m.Data)
				queue.push(pcm)
			}
		case *proto.RecordStreamKilled:
			c.fail(fmt.Errorf("%w: %q was taken away", ErrNoDevice, source.SourceName))
		}
	}
	c.watch(func(err error) { queue.stop(err, c.ctx.Err() != nil) })
	if err := c.request(&proto.CorkRecordStream{StreamIndex: reply.StreamIndex, Corked: false}, nil); err != nil {
		return nil, fmt.Errorf("record from %q: %w", source.SourceName, err)
	}
	return &Input{rate: rate, queue: queue, close: func() error {
		queue.stop(io.EOF, false)
		c.close()
		return nil
	}}, nil
}

// source asks for the input called name; "" is the default.
func (c *pulseConn) source(name string) (*proto.GetSourceInfoReply, error) {
	if name != "" {
		all, err := c.list()
		if err != nil {
			return nil, err
		}
		found, err := pick(all, name, func(d Info) bool { return d.Input })
		if err != nil {
			return nil, err
		}
		name = found.Name
	}
	var reply proto.GetSourceInfoReply
	err := c.request(&proto.GetSourceInfo{SourceIndex: proto.Undefined, SourceName: name}, &reply)
	if errors.Is(err, proto.ErrNoSuchEntity) {
		return nil, fmt.Errorf("%w: the sound server has no default input", ErrNoDevice)
	}
	if err != nil {
		return nil, fmt.Errorf("ask for the input: %w", err)
	}
	return &reply, nil
}

// pulsePlayer sends samples as the server asks for them.
type pulsePlayer struct {
	c      *pulseConn
	stream uint32
	wire   []byte

	mu     sync.Mutex
	change sync.Cond
	credit int // bytes the server has asked for
	err    error
}

func openOutput(ctx context.Context, opt Options) (player, error) {
	c, err := connect(ctx, opt.Name)
	if err != nil {
		return nil, err
	}
	p, err := c.play(opt)
	if err != nil {
		c.close()
		return nil, err
	}
	return p, nil
}

func (c *pulseConn) play(opt Options) (*pulsePlayer, error) {
	sink, err := c.sink(opt.Device)
	if err != nil {
		return nil, err
	}
	p := &pulsePlayer{c: c, stream: proto.Undefined}
	p.change.L = &p.mu
	c.Callback = p.event
	c.watch(p.stop)
	target := uint32(samples(opt.Latency, opt.Rate) * sampleBytes)
	req := &proto.CreatePlaybackStream{
		SampleSpec:            proto.SampleSpec{Format: proto.FormatFloat32LE, Channels: 1, Rate: uint32(opt.Rate)},
		ChannelMap:            proto.ChannelMap{proto.ChannelMono},
		SinkIndex:             proto.Undefined,
		SinkName:              sink,
		BufferMaxLength:       proto.Undefined,
		BufferTargetLength:    target,
		BufferPrebufferLength: proto.Undefined,
		BufferMinimumRequest:  proto.Undefined,
		AdjustLatency:         true,
		Properties:            proto.PropList{"media.name": proto.PropListString(opt.Name)},
		ChannelVolumes:        proto.ChannelVolumes{proto.VolumeNorm},
	}
	var reply proto.CreatePlaybackStreamReply
	err = c.request(req, &reply)
	if errors.Is(err, proto.ErrNoSuchEntity) {
		return nil, fmt.Errorf("%w: the sound server has no output", ErrNoDevice)
	}
	if err != nil {
		return nil, fmt.Errorf("play: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stream = reply.StreamIndex
	p.credit += int(reply.Missing)
	return p, nil
}

// sink is the name of the output called name; "" stays the default.
func (c *pulseConn) sink(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	all, err := c.list()
	if err != nil {
		return "", err
	}
	found, err := pick(all, name, func(d Info) bool { return d.Output })
	return found.Name, err
}

// event runs on the protocol reader's goroutine. The connection has one stream, so any request for samples is its own.
func (p *pulsePlayer) event(msg any) {
	switch m := msg.(type) {
	case *proto.Request:
		p.mu.Lock()
		p.credit += int(m.Length)
		p.change.Broadcast()
		p.mu.Unlock()
	case *proto.PlaybackStreamKilled:
		p.c.fail(fmt.Errorf("%w: the output was taken away", ErrNoDevice))
	}
}

func (p *pulsePlayer) stop(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
	p.change.Broadcast()
}

func (p *pulsePlayer) write(pcm []float32) (int, error) {
	written := 0
	for written < len(pcm) {
		n, err := p.room(len(pcm) - written)
		if err != nil {
			return written, err
		}
		p.wire = appendWire(p.wire[:0], pcm[written:written+n])
		if err := p.c.reason(p.c.Send(p.stream, p.wire)); err != nil {
			return written, err
		}
		written += n
	}
	return written, nil
}

// room waits until the server has asked for samples and takes up to want of them.
func (p *pulsePlayer) room(want int) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.credit < sampleBytes && p.err == nil {
		p.change.Wait()
	}
	if p.err != nil {
		return 0, p.err
	}
	n := min(want, p.credit/sampleBytes)
	p.credit -= n * sampleBytes
	return n, nil
}

// drain has the server play what it holds, even if less than it wants before it starts.
func (p *pulsePlayer) drain() error {
	return p.c.request(&proto.DrainPlaybackStream{StreamIndex: p.stream}, nil)
}

func (p *pulsePlayer) close() error {
	p.c.close() // the server drops the stream and its buffer with the connection
	return nil
}

// listDevices names the server's sources and sinks.
func listDevices(ctx context.Context) ([]Info, error) {
	c, err := connect(ctx, "parley")
	if err != nil {
		return nil, err
	}
	defer c.close()
	return c.list()
}

func (c *pulseConn) list() ([]Info, error) {
	var server proto.GetServerInfoReply
	var sources proto.GetSourceInfoListReply
	var sinks proto.GetSinkInfoListReply
	for _, ask := range []struct {
		req   proto.RequestArgs
		reply proto.Reply
	}{{&proto.GetServerInfo{}, &server}, {&proto.GetSourceInfoList{}, &sources}, {&proto.GetSinkInfoList{}, &sinks}} {
		if err := c.request(ask.req, ask.reply); err != nil {
			return nil, fmt.Errorf("list devices: %w", err)
		}
	}
	var list []Info
	for _, s := range sources {
		list = append(list, Info{
			Name: s.SourceName, Description: s.Device, Input: true, Rate: int(s.Rate),
			Monitor: s.MonitorSourceIndex != proto.Undefined, Default: s.SourceName == server.DefaultSourceName,
		})
	}
	for _, s := range sinks {
		list = append(list, Info{
			Name: s.SinkName, Description: s.Device, Output: true, Rate: int(s.Rate),
			Default: s.SinkName == server.DefaultSinkName,
		})
	}
	return list, nil
}

func appendFloats(dst []float32, wire []byte) []float32 {
	for ; len(wire) >= sampleBytes; wire = wire[sampleBytes:] {
		dst = append(dst, math.Float32frombits(binary.LittleEndian.Uint32(wire)))
	}
	return dst
}

func appendWire(dst []byte, pcm []float32) []byte {
	for _, s := range pcm {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(s))
	}
	return dst
}
