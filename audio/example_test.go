package audio_test

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"math"
	"os"

	"github.com/parley-go/parley/audio"
)

// beep is a tone of 440 Hz at 48 kHz.
func beep(seconds float64) audio.Clip {
	c := audio.Clip{Rate: 48000, Samples: make([]float32, int(48000*seconds))}
	for i := range c.Samples {
		c.Samples[i] = float32(0.5 * math.Sin(2*math.Pi*440*float64(i)/48000))
	}
	return c
}

// Read any file at the rate a recogniser wants.
func ExampleDecode() {
	f, err := os.Open("../testdata/audio/hybrid24k.opus")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	src, err := audio.Decode(f)
	if err != nil {
		log.Fatal(err)
	}
	clip, err := audio.ReadAll(audio.Resample(src, 16000), 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(src.Rate(), clip.Rate, clip.Duration())
	// Output: 24000 16000 400ms
}

func ExampleDecode_unknown() {
	_, err := audio.Decode(bytes.NewReader([]byte("OggS\x00\x02 a page of Vorbis...... \x01vorbis")))
	fmt.Println(err)
	// Output: audio: unknown format: Ogg file (supported: WAV (PCM, float, mu-law, A-law), FLAC, MP3 and Ogg/Opus)
}

func ExampleWriteWAV() {
	var file bytes.Buffer
	if err := audio.WriteWAV(&file, beep(0.25), nil); err != nil {
		log.Fatal(err)
	}
	src, err := audio.Decode(&file)
	if err != nil {
		log.Fatal(err)
	}
	clip, err := audio.ReadAll(src, 0)
	fmt.Println(clip.Rate, clip.Duration(), err)
	// Output: 48000 250ms <nil>
}

// A microphone pushes, a recogniser pulls.
func ExamplePipe() {
	r, w := audio.Pipe(48000)
	defer r.Close()
	go func() {
		w.Write(beep(0.5).Samples)
		w.Write(beep(0.5).Samples)
		w.Close()
	}()
	clip, err := audio.ReadAll(audio.Resample(r, 16000), 0)
	fmt.Println(len(clip.Samples), err)
	// Output: 16000 <nil>
}

// Compute the frames of a sound as it comes.
func ExampleMelStream() {
	cfg := audio.ListenMel()
	mel := audio.NewMel(cfg).NewStream()
	src := audio.Resample(beep(1).Source(), cfg.Rate)
	buf := make([]float32, 1600)
	var frames []float32 // (T, Mels)
	for {
		n, err := src.Read(buf)
		frames = mel.Push(frames, buf[:n])
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
	}
	frames = mel.Flush(frames)
	loudest := 0
	for i, v := range frames[:cfg.Mels] {
		if v > frames[loudest] {
			loudest = i
		}
	}
	fmt.Println(len(frames)/cfg.Mels, "frames; loudest mel of the first:", loudest)
	// Output: 98 frames; loudest mel of the first: 11
}

// Take a sound apart and put it together again.
func ExampleSTFT() {
	x := beep(0.1).Samples
	s := audio.NewSTFT(1024, 256)
	spec := s.Forward(x) // (T, 513)
	y := s.Inverse(spec, len(x))
	worst := 0.0
	for i := range x {
		worst = max(worst, math.Abs(float64(x[i]-y[i])))
	}
	fmt.Println(len(spec)/s.Bins(), "frames; differs by less than 1e-6:", worst < 1e-6)
	// Output: 22 frames; differs by less than 1e-6: true
}
