package vocoder

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"math/bits"
	"os"

	"github.com/parley-go/parley/internal/zst"
)

// config is vocoder.json.
type config struct {
	Kind      string
	Rate      int
	Hop       int
	Mels      int
	FFT       int `json:"fft"`       // frame of the harmonics' STFT
	NoiseFFT  int `json:"noise_fft"` // frame of the noise, of which a hop has two
	Width     int // channels of the network
	Hidden    int // channels inside a block
	Blocks    int
	Kernel    int     // frames that a block's convolution spans
	LookAhead int     `json:"look_ahead"` // frames that the network waits for
	MelMean   float32 `json:"mel_mean"`
	MelScale  float32 `json:"mel_scale"`
	PitchBase float64 `json:"pitch_base"` // Hz; ln(F0/PitchBase) is an input
	Top       float64 // Hz; no harmonic lies above
}

// readConfig reads vocoder.json and refuses what cannot be built.
func readConfig(fsys fs.FS) (config, error) {
	var c config
	data, err := fs.ReadFile(fsys, configFile)
	if err != nil {
		return c, fmt.Errorf("vocoder: %w", err)
	}
	if err := json.Unmarshal(data, &c); err != nil {
		return c, fmt.Errorf("vocoder: %s: %w", configFile, err)
	}
	return c, c.check()
}

func (c config) check() error {
	if c.Kind != "harmonic-noise" {
		return fmt.Errorf("vocoder: %s: kind is %q, want \"harmonic-noise\"", configFile, c.Kind)
	}
	for _, f := range []struct {
		name             string
		value, low, high int
	}{
		{"rate", c.Rate, 8000, 96000}, {"hop", c.Hop, 2, 4096}, {"mels", c.Mels, 1, 512}, {"fft", c.FFT, 4, 1 << 14},
		{"noise_fft", c.NoiseFFT, 4, 1 << 14}, {"width", c.Width, 1, 4096}, {"hidden", c.Hidden, 1, 1 << 14},
		{"blocks", c.Blocks, 0, 64}, {"kernel", c.Kernel, 1, 64}, {"look_ahead", c.LookAhead, 1, 8},
	} {
		if f.value < f.low || f.value > f.high {
			return fmt.Errorf("vocoder: %s: %s is %d, want %d to %d", configFile, f.name, f.value, f.low, f.high)
		}
	}
	for _, v := range []float64{float64(c.MelScale), c.PitchBase, c.Top} {
		if !(v > 0) || math.IsInf(v, 0) {
			return fmt.Errorf("vocoder: %s: mel_scale, pitch_base and top must be positive", configFile)
		}
	}
	// The transforms are of powers of two. A frame's window must end within the segments that its look-ahead brings, and
	// noise must lie inside that window.
	if c.Hop%4 != 0 || bits.OnesCount(uint(c.FFT)) != 1 || bits.OnesCount(uint(c.NoiseFFT)) != 1 || c.FFT < 2*c.Hop || c.FFT/2 > c.LookAhead*c.Hop ||
		c.NoiseFFT < c.Hop || c.NoiseFFT > c.FFT-c.Hop/2 || c.Top > float64(c.Rate)/2 {
		return fmt.Errorf("vocoder: %s: hop %d, fft %d, noise_fft %d, look_ahead %d, top %g do not go together",
			configFile, c.Hop, c.FFT, c.NoiseFFT, c.LookAhead, c.Top)
	}
	return nil
}

const (
	configFile  = "vocoder.json"
	weightsFile = "vocoder.safetensors"
)

// Open loads the vocoder of a model directory, which holds vocoder.json and vocoder.safetensors.
func Open(dir string) (*Harmonic, error) { return OpenFS(os.DirFS(dir)) }

// OpenFS is Open for a file system, such as an embedded one.
func OpenFS(fsys fs.FS) (*Harmonic, error) { return OpenWith(fsys, nil) }

// OpenOptions say how a vocoder is kept and run. nil and zero fields mean defaults.
type OpenOptions struct {
	Precision string // of the weight matrices: f32 (the default), bf16 or int8
	Threads   int    // the most that one call uses; default: GOMAXPROCS
}

// OpenWith is OpenFS with options.
func OpenWith(fsys fs.FS, opt *OpenOptions) (*Harmonic, error) {
	fsys = zst.FS(fsys)
	c, err := readConfig(fsys)
	if err != nil {
		return nil, err
	}
	if opt == nil {
		opt = &OpenOptions{}
	}
	return load(fsys, c, opt)
}
