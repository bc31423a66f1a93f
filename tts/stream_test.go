package tts

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-go/parley/internal/tensor"
	"github.com/parley-go/parley/vocoder"
)

// loudness is a vocoder whose sound is the mel mean of each frame, one frame late.
type loudness struct{ c *config }

func (l loudness) Rate() int                 { return l.c.Rate }
func (l loudness) Hop() int                  { return l.c.Hop }
func (l loudness) Mels() int                 { return l.c.Mels }
func (l loudness) NewStream() vocoder.Stream { return &loudnessStream{l.c, nil} }

type loudnessStream struct {
	c    *config
	late []float32
}

func (s *loudnessStream) Push(dst []float32, mel tensor.Mat, f0 []float32) []float32 {
	for t := range mel.Rows {
		dst = append(dst, s.late...)
		var sum float32
		for _, v := range mel.Row(t) {
			sum += v
		}
		s.late = slices.Repeat([]float32{sum / 100}, s.c.Hop)
	}
	return dst
}

func (s *loudnessStream) Flush(dst []float32) []float32 {
	dst = append(dst, s.late...)
	s.late = nil
	return dst
}

// tinyModel speaks phonemes only.
func tinyModel(t testing.TB) *Model {
	a := tinyAcoustic(t)
	return &Model{acoustic: a, vocoder: loudness{a.config}}
}

func stream(t *testing.T, m *Model, text string, opt *Options) (samples []float32, sentences []*Sentence) {
	t.Helper()
	for c, err := range m.Stream(context.Background(), strings.NewReader(text), opt) {
		if err != nil {
			t.Fatal(err)
		}
		if want := time.Duration(len(samples)) * time.Second / time.Duration(m.Rate()); c.Start != want || c.Rate != m.Rate() {
			t.Errorf("chunk at %v, %d Hz: want %v, %d Hz", c.Start, c.Rate, want, m.Rate())
		}
		samples = append(samples, c.Samples...)
		if c.Sentence != nil {
			sentences = append(sentences, c.Sentence)
		}
	}
	return samples, sentences
}

func TestMarksFollowTheSound(t *testing.T) {
	m := tinyModel(t)
	samples, sentences := stream(t, m, "ab ˈaba\nb ab", &Options{Phonemes: true})
	if len(sentences) != 2 || len(sentences[0].Words) != 2 || sentences[1].Words[1].Text != "ab" {
		t.Fatalf("sentences %+v", sentences)
	}
	at := time.Duration(0)
	for _, s := range sentences {
		if s.Start < at {
			t.Errorf("sentence %q starts at %v, before %v", s.Text, s.Start, at)
		}
		at = s.Start
		for _, w := range s.Words {
			if w.Start < at || w.End <= w.Start {
				t.Errorf("word %q lasts from %v to %v, after %v", w.Text, w.Start, w.End, at)
			}
			at = w.End
		}
		if s.End < at {
			t.Errorf("sentence %q ends at %v, its words at %v", s.Text, s.End, at)
		}
		at = s.End
	}
	if want := time.Duration(len(samples)) * time.Second / time.Duration(m.Rate()); at != want {
		t.Errorf("the last sentence ends at %v, the sound at %v", at, want)
	}
	if gap := sentences[1].Start - sentences[0].End; gap != sentencePause {
		t.Errorf("pause of %v, want %v", gap, sentencePause)
	}
}

// Times of an endless stream do not overflow.
func TestTimeOfAWeek(t *testing.T) {
	v := &speaker{m: tinyModel(t)}
	if got, want := v.time(7*24*3600*v.m.Rate()+v.m.Rate()/2), 7*24*time.Hour+time.Second/2; got != want {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestSayEqualsStream(t *testing.T) {
	m, opt := tinyModel(t), &Options{Phonemes: true, Speed: 0.7}
	want, _ := stream(t, m, "ab ab\nba", opt)
	clip, err := m.Say(context.Background(), "ab ab\nba", opt)
	if err != nil || clip.Rate != m.Rate() || !slices.Equal(clip.Samples, want) {
		t.Errorf("Say gives %d samples at %d Hz, %v; Stream %d", len(clip.Samples), clip.Rate, err, len(want))
	}
}

func TestSpeed(t *testing.T) {
	m := tinyModel(t)
	usual, _ := stream(t, m, "abab abab ab", &Options{Phonemes: true})
	for _, speed := range []float64{0.5, 0.8, 1.3, 2, 4} {
		samples, sentences := stream(t, m, "abab abab ab", &Options{Phonemes: true, Speed: speed})
		if got, want := float64(len(samples)), float64(len(usual))/speed; got < want*0.85-600 || got > want*1.15+600 {
			t.Errorf("speed %v: %v samples, want about %v", speed, got, want)
		}
		if end := time.Duration(len(samples)) * time.Second / time.Duration(m.Rate()); sentences[0].End != end {
			t.Errorf("speed %v: the sentence ends at %v, the sound at %v", speed, sentences[0].End, end)
		}
	}
}

func TestVolume(t *testing.T) {
	m := tinyModel(t)
	usual, _ := stream(t, m, "ab", &Options{Phonemes: true})
	quiet, _ := stream(t, m, "ab", &Options{Phonemes: true, Volume: -20})
	for i := range usual {
		if math.Abs(float64(usual[i]/10-quiet[i])) > 1e-6 {
			t.Fatalf("sample %d: %v becomes %v", i, usual[i], quiet[i])
		}
	}
	loud, _ := stream(t, m, "ab", &Options{Phonemes: true, Volume: 20})
	if slices.Max(loud) > 1 || slices.Min(loud) < -1 {
		t.Error("loud sound leaves [-1, 1]")
	}
}

// TestVoices: a model's voices differ, the first one speaks where none is named.
func TestVoices(t *testing.T) {
	m := tinyModel(t)
	if got := m.Voices(); !slices.Equal(got, []string{"anna", "bert"}) {
		t.Fatalf("voices %q", got)
	}
	usual, _ := stream(t, m, "ab, aba", &Options{Phonemes: true})
	anna, _ := stream(t, m, "ab, aba", &Options{Phonemes: true, Voice: "anna"})
	bert, _ := stream(t, m, "ab, aba", &Options{Phonemes: true, Voice: "bert"})
	if !slices.Equal(usual, anna) || slices.Equal(usual, bert) {
		t.Errorf("the default is anna: %v; is bert: %v", slices.Equal(usual, anna), slices.Equal(usual, bert))
	}
	m.voice = 1
	if usual, _ = stream(t, m, "ab, aba", &Options{Phonemes: true}); !slices.Equal(usual, bert) {
		t.Error("the model's default voice does not speak")
	}
	_, err := m.Say(context.Background(), "ab", &Options{Voice: "carl"})
	if err == nil || !strings.Contains(err.Error(), `Options.Voice: no voice "carl"; there is anna, bert`) {
		t.Errorf("an unknown voice: %v", err)
	}
}

func TestBadOptions(t *testing.T) {
	m := tinyModel(t)
	for _, o := range []Options{{Speed: 9}, {Speed: -1}, {Speed: math.NaN()}, {Pitch: 40}, {Volume: math.Inf(1)}} {
		if _, err := m.Say(context.Background(), "ab", &o); err == nil || !strings.HasPrefix(err.Error(), "tts: Options.") {
			t.Errorf("%+v: error %v", o, err)
		}
	}
}

func TestNothingToSay(t *testing.T) {
	for _, text := range []string{"", " ", "\n\n", ". , !", "ˈ ˌ — …"} {
		clip, err := tinyModel(t).Say(context.Background(), text, &Options{Phonemes: true})
		if err != nil || len(clip.Samples) != 0 {
			t.Errorf("%q: %d samples, error %v", text, len(clip.Samples), err)
		}
	}
}

// A character that is no phoneme of the voice is an error that names it, after the sound of the lines before.
func TestUnknownPhonemes(t *testing.T) {
	for text, named := range map[string]string{"ab ★☆★": `"★☆"`, "\x00\x01": `"\x00\x01"`, "\xff\xfe": `"�"`, "xab": `"x"`} {
		clip, err := tinyModel(t).Say(context.Background(), text, &Options{Phonemes: true})
		if err == nil || !strings.Contains(err.Error(), "tts: Options.Phonemes: the voice has no phonemes "+named) || len(clip.Samples) != 0 {
			t.Errorf("%q: %d samples, error %v; want %s", text, len(clip.Samples), err, named)
		}
	}
	clip, err := tinyModel(t).Say(context.Background(), "ab\nxy", &Options{Phonemes: true})
	if err == nil || len(clip.Samples) == 0 {
		t.Errorf("%d samples before the second line, error %v", len(clip.Samples), err)
	}
}

func TestCancel(t *testing.T) {
	m := tinyModel(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	chunks := 0
	var last error
	for _, err := range m.Stream(ctx, strings.NewReader(strings.Repeat("ab ", 10000)), &Options{Phonemes: true}) {
		if chunks++; chunks == 2 {
			cancel()
		}
		last = err
	}
	if !errors.Is(last, context.Canceled) || chunks != 3 {
		t.Errorf("%d chunks, error %v", chunks, last)
	}
}

func TestStopEarly(t *testing.T) {
	chunks := 0
	for c, err := range tinyModel(t).Stream(context.Background(), strings.NewReader("ab ab ab\nab"), &Options{Phonemes: true}) {
		if err != nil || len(c.Samples) == 0 {
			t.Errorf("%d samples, error %v", len(c.Samples), err)
		}
		chunks++
		break
	}
	if chunks != 1 {
		t.Errorf("%d chunks, want 1", chunks)
	}
}

// TestAnyPhonemes: whatever the input, no panic, no value outside [-1, 1], and time grows with the text.
func TestAnyPhonemes(t *testing.T) {
	m, rng := tinyModel(t), rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("ab ,.ˈə\n\r\t…ˌ—")
	for range 50 {
		text := make([]rune, rng.IntN(60))
		for i := range text {
			text[i] = alphabet[rng.IntN(len(alphabet))]
		}
		samples, _ := stream(t, m, string(text), &Options{Phonemes: true, Speed: 0.5 + 3*rng.Float64(), Pitch: 24*rng.Float64() - 12})
		for _, x := range samples {
			if !(x >= -1 && x <= 1) {
				t.Fatalf("%q: sample %v", string(text), x)
			}
		}
	}
}
