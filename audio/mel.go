package audio

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/parley-go/parley/internal/kernel"
)

// A Log is the kind of logarithm a mel spectrum is given in.
type Log int

// The kinds of logarithm.
const (
	Ln Log = iota
	Log10
	Linear // none
)

// logScales are the logarithms in terms of the natural one, 0 for none.
var logScales = map[Log]float64{Ln: 1, Log10: 1 / math.Ln10}

// A MelConfig describes a log-mel spectrum: frames of FFT samples every Hop, under a Hann window, through Mels
// triangular filters evenly spaced on Slaney's mel scale and normalised to equal area.
type MelConfig struct {
	Rate      int     // of the sound, Hz
	FFT       int     // length of a frame and of its transform, even
	Window    int     // length of the periodic Hann window in the middle of the frame, at most FFT
	Hop       int     // from frame to frame
	Mels      int     // filters
	Low, High float64 // lowest and highest edge of the filters, Hz; High 0 means Rate/2
	Power     float64 // of the magnitude: 1 or 2
	Log       Log
	Floor     float64 // the least value before the logarithm

	// The sound is extended by Left and Right samples: of silence, or if Reflect is set mirrored at its ends (the first
	// and last sample not repeated). A sound shorter than a frame yields no frame, or with PadShort one, padded by silence.
	Left, Right int
	Reflect     bool
	PadShort    bool

	Threads int // the most that one call uses; 0: all
}

// ListenMel is the input of Parley's recogniser: 16 kHz, 80 mels of power every 10 ms, natural logarithm. Frame t covers
// samples 160t to 160t+400.
func ListenMel() MelConfig {
	return MelConfig{Rate: 16000, FFT: 400, Window: 400, Hop: 160, Mels: 80, Power: 2, Floor: 1e-10, PadShort: true}
}

// SpeakMel is the output of Parley's acoustic model: 24 kHz, 80 mels of magnitude every 12.5 ms, natural logarithm.
// Frame t is centred on sample 300t+150; N samples make N/300 frames.
func SpeakMel() MelConfig {
	return MelConfig{Rate: 24000, FFT: 1024, Window: 1024, Hop: 300, Mels: 80, Power: 1, Floor: 1e-5, Left: 362, Right: 362}
}

// A Mel computes log-mel spectra. It is immutable and may be shared by goroutines.
type Mel struct {
	cfg     MelConfig
	filters []kernel.Band
	bank    *kernel.Filterbank
	streams sync.Pool // of *MelStream, for Whole
}

// NewMel computes window and filters. It panics on a configuration that makes no sense.
func NewMel(cfg MelConfig) *Mel {
	if cfg.High == 0 {
		cfg.High = float64(cfg.Rate) / 2
	}
	switch {
	case cfg.Rate <= 0, cfg.FFT < 2, cfg.FFT%2 != 0, cfg.Window < 1, cfg.Window > cfg.FFT, cfg.Hop < 1, cfg.Mels < 1,
		cfg.Power != 1 && cfg.Power != 2, cfg.Low < 0, cfg.Low >= cfg.High, cfg.High > float64(cfg.Rate)/2,
		cfg.Left < 0, cfg.Right < 0, cfg.Reflect && cfg.FFT-cfg.Hop <= cfg.Right:
		panic(fmt.Sprintf("audio: NewMel: impossible configuration %+v", cfg))
	}
	window := make([]float64, cfg.FFT)
	copy(window[(cfg.FFT-cfg.Window)/2:], Hann(cfg.Window))
	m := &Mel{cfg: cfg, filters: melFilters(cfg)}
	m.bank = kernel.NewFilterbank(kernel.FilterbankConfig{
		Window: window, Root: cfg.Power == 1, Bands: m.filters, Floor: max(cfg.Floor, 0x1p-1022), Log: logScales[cfg.Log], Threads: cfg.Threads,
	})
	m.streams.New = func() any { return m.NewStream() }
	return m
}

// Config returns the configuration, with High filled in.
func (m *Mel) Config() MelConfig { return m.cfg }

// Frames returns how many frames n samples make.
func (m *Mel) Frames(n int) int {
	if n <= 0 {
		return 0
	}
	n += m.cfg.Left + m.cfg.Right
	if n < m.cfg.FFT {
		if m.cfg.PadShort {
			return 1
		}
		return 0
	}
	return 1 + (n-m.cfg.FFT)/m.cfg.Hop
}

// Whole appends the log-mel spectrum of a whole sound, (T, Mels) with T = Frames(len(samples)), to dst. It is one Push
// and Flush of a stream.
func (m *Mel) Whole(dst, samples []float32) []float32 {
	s := m.streams.Get().(*MelStream)
	dst = s.Flush(s.Push(dst, samples))
	m.streams.Put(s)
	return dst
}

// NewStream returns a stream that makes frames as the sound comes.
func (m *Mel) NewStream() *MelStream {
	return &MelStream{m: m}
}

// A MelStream turns pushed samples into frames. It belongs to one goroutine; it allocates nothing once warm.
type MelStream struct {
	m     *Mel
	begun bool      // the left padding is in buf
	any   bool      // a frame was made
	buf   []float32 // samples from the start of the next frame on
	drop  int       // samples still to drop before buf: with Hop > FFT
}

// melBlock is how many samples Push moves at a time: enough frames for several threads.
const melBlock = 1 << 16

// Push takes more sound and appends the frames it completes, (T, Mels), to dst. Samples must be finite.
func (s *MelStream) Push(dst, samples []float32) []float32 {
	for len(samples) > 0 { // in blocks, so that buf stays small however much comes at once
		n := min(len(samples), melBlock)
		s.buf = append(s.buf, samples[:n]...)
		samples = samples[n:]
		if !s.begun {
			if s.m.cfg.Reflect && len(s.buf) <= s.m.cfg.Left {
				continue // too little to mirror
			}
			s.begin()
		}
		dst = s.frames(dst)
	}
	return dst
}

// Flush ends the sound: it appends the remaining frames to dst and makes the stream ready for another sound.
func (s *MelStream) Flush(dst []float32) []float32 {
	cfg := &s.m.cfg
	if len(s.buf) > 0 || s.begun {
		if !s.begun {
			s.begin()
		}
		n := len(s.buf)
		for i := range cfg.Right {
			v := float32(0)
			if cfg.Reflect {
				v = s.buf[mirror(n+i, n)]
			}
			s.buf = append(s.buf, v)
		}
		if !s.any && cfg.PadShort && len(s.buf) < cfg.FFT {
			s.buf = append(s.buf, make([]float32, cfg.FFT-len(s.buf))...)
		}
		dst = s.frames(dst)
	}
	s.Reset()
	return dst
}

// Reset makes the stream ready for another sound without the remaining frames.
func (s *MelStream) Reset() { s.begun, s.any, s.buf, s.drop = false, false, s.buf[:0], 0 }

// begin puts the left padding in front of buf.
func (s *MelStream) begin() {
	left, n := s.m.cfg.Left, len(s.buf)
	s.buf = append(s.buf, make([]float32, left)...)
	copy(s.buf[left:], s.buf[:n])
	for i := range left {
		s.buf[i] = 0
		if s.m.cfg.Reflect {
			s.buf[i] = s.buf[left+mirror(i-left, n)]
		}
	}
	s.begun = true
}

// mirror maps any index to one of n samples mirrored at both ends without repeating them.
func mirror(i, n int) int {
	if n == 1 {
		return 0
	}
	period := 2 * (n - 1)
	i = (i%period + period) % period
	return min(i, period-i)
}

// frames appends the spectra of all complete frames in buf.
func (s *MelStream) frames(dst []float32) []float32 {
	cfg := &s.m.cfg
	at := s.drop
	if at+cfg.FFT <= len(s.buf) {
		n, old := 1+(len(s.buf)-at-cfg.FFT)/cfg.Hop, len(dst)
		dst = slices.Grow(dst, n*cfg.Mels)[:old+n*cfg.Mels]
		s.m.bank.Frames(dst[old:], s.buf[at:], cfg.Hop, n)
		at += n * cfg.Hop
		s.any = true
	}
	done := min(at, len(s.buf))
	s.drop = at - done
	s.buf = s.buf[:copy(s.buf, s.buf[done:])]
	return dst
}
