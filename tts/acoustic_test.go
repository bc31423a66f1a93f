package tts

import (
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/parley-go/parley/internal/tensor"
	"github.com/parley-go/parley/internal/weights"
	"github.com/parley-go/parley/transformer"
)

// golden is what PyTorch computed for one string; training/goldens/acoustic.py writes it.
type golden struct {
	t    *testing.T
	file *weights.File
	name string
}

func (g golden) values(tensor string) []float32 {
	g.t.Helper()
	name := g.name + "." + tensor
	v, err := g.file.Float32(name, g.file.Shape(name)...)
	if err != nil {
		g.t.Fatal(err)
	}
	return v
}

func (g golden) ints(tensor string) []int {
	var out []int
	for _, v := range g.values(tensor) {
		out = append(out, int(v))
	}
	return out
}

// who is the speaker: string 0 is spoken by voice 0, string 1 by voice 1.
func (g golden) who() int { return int(g.name[0] - '0') }

// goldens returns the golden of each string of the tiny model.
func goldens(t *testing.T) []golden {
	t.Helper()
	f, err := weights.Open("testdata/tiny/golden.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return []golden{{t, f, "0"}, {t, f, "1"}}
}

func tinyAcoustic(t testing.TB) *acoustic { return tinyAs(t, "f32") }

func tinyAs(t testing.TB, precision string) *acoustic {
	t.Helper()
	a, err := openAcoustic(os.DirFS("testdata/tiny"), OpenOptions{Precision: precision})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func near(t *testing.T, what string, got, want []float32, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if d := math.Abs(float64(got[i] - want[i])); !(d <= tol*(1+math.Abs(float64(want[i])))) {
			t.Fatalf("%s: value %d of %d is %v, want %v", what, i, len(got), got[i], want[i])
		}
	}
}

// all decodes what u planned, chunk by chunk.
func all(u *utterance) (mel, f0 []float32) {
	for {
		m, f := u.next()
		if m.Rows == 0 {
			return mel, f0
		}
		mel, f0 = append(mel, m.Data...), append(f0, f...)
	}
}

func TestLayersMatchPyTorch(t *testing.T) {
	a := tinyAcoustic(t)
	for _, g := range goldens(t) {
		x, wanted := a.encode(g.ints("ids"), g.who())
		var logs []float32
		for _, w := range wanted {
			logs = append(logs, float32(math.Log(w)))
		}
		near(t, "log durations", logs, g.values("log_duration"), 1e-4)
		steps := whole(wanted, 1)
		if want := g.ints("steps"); !slices.Equal(steps, want) {
			t.Fatalf("steps %v, want %v", steps, want)
		}
		y, p := a.frames(x, steps, g.who())
		near(t, "states", y.Data, g.values("states"), 1e-4)
		near(t, "prosody", p.Data, g.values("prosody"), 1e-4)
	}
}

func TestUtteranceMatchesPyTorch(t *testing.T) {
	a := tinyAcoustic(t)
	u := a.newUtterance()
	for _, g := range goldens(t) {
		u.plan(g.ints("ids"), g.who(), 1, 0)
		mel, f0 := all(u)
		near(t, "f0", f0, g.values("f0"), 1e-4)
		near(t, "mel", mel, g.values("mel"), 1e-3)
	}
}

// TestPrecisions: rounding the weights, and for int8 what they are multiplied with, hardly moves the states.
func TestPrecisions(t *testing.T) {
	for precision, most := range map[string]float64{"bf16": 0.01, "int8": 0.04} {
		a := tinyAs(t, precision)
		var noise, size float64
		for _, g := range goldens(t) {
			x, _ := a.encode(g.ints("ids"), g.who())
			y, _ := a.frames(x, g.ints("steps"), g.who())
			for i, v := range g.values("states") {
				d := float64(y.Data[i] - v)
				noise, size = noise+d*d, size+float64(v)*float64(v)
			}
		}
		if r := math.Sqrt(noise / size); !(r < most) {
			t.Errorf("%s: off by %.4f of the signal, at most %g", precision, r, most)
		} else {
			t.Logf("%s: off by %.4f of the signal", precision, r)
		}
	}
	if _, err := OpenWith(os.DirFS("testdata/tiny"), &OpenOptions{Precision: "int4"}); err == nil || !strings.Contains(err.Error(), "int4") {
		t.Errorf("an unknown precision: %v", err)
	}
}

func TestChunksEqualWhole(t *testing.T) {
	a := tinyAcoustic(t)
	ids, _ := a.tokens([]rune("ˈab, əbab. ab"))
	u := a.newUtterance()
	u.plan(ids, 0, 1.6, 0)
	y := a.decoder.Forward(u.states, a.mask())
	want := tensor.New(y.Rows, pair*a.Mels)
	a.mel.Forward(want, y)
	mel, _ := all(u)
	for i := range mel {
		mel[i] = (mel[i] - a.MelMean[i%a.Mels]) / a.MelStd[i%a.Mels]
	}
	near(t, "mel", mel, want.Data, 1e-4)
}

func TestSlowerAndPitch(t *testing.T) {
	a := tinyAcoustic(t)
	ids, _ := a.tokens([]rune("abab abab"))
	frames := func(slower, pitch float64) (int, []float32) {
		u := a.newUtterance()
		u.plan(ids, 0, slower, pitch)
		mel, f0 := all(u)
		return len(mel), f0
	}
	normal, f0 := frames(1, 0)
	if slow, _ := frames(2, 0); slow < normal*3/2 {
		t.Errorf("twice as slow: %d values, normal %d", slow, normal)
	}
	_, up := frames(1, 12)
	for i := range f0 {
		if math.Abs(float64(up[i]-2*f0[i])) > 1e-2 {
			t.Fatalf("an octave up: F0 %v, want %v", up[i], 2*f0[i])
		}
	}
}

func TestWholeKeepsTheSum(t *testing.T) {
	for _, c := range []struct {
		wanted []float64
		scale  float64
		want   []int
	}{
		{[]float64{1.4, 1.4, 1.4, 1.4, 1.4}, 1, []int{1, 2, 1, 2, 1}},
		{[]float64{0.2, 0.2, 3}, 1, []int{1, 1, 1}},
		{[]float64{2, 2, 2}, 0.5, []int{1, 1, 1}},
		{[]float64{3, 1}, 2, []int{6, 2}},
	} {
		if got := whole(c.wanted, c.scale); !slices.Equal(got, c.want) {
			t.Errorf("whole(%v, %v) = %v, want %v", c.wanted, c.scale, got, c.want)
		}
	}
}

func TestTokensSkipTheUnknown(t *testing.T) {
	a := tinyAcoustic(t)
	ids, at := a.tokens([]rune("a★b"))
	if len(ids) != 4 || ids[0] != 0 || ids[3] != 0 || !slices.Equal(at, []int{1, 2, 2}) {
		t.Errorf("ids %v, at %v", ids, at)
	}
}

// raceDetector: the tests run under it, where a sync.Pool forgets at random.
var raceDetector bool

func TestNextAllocatesNothing(t *testing.T) {
	a := tinyAcoustic(t)
	ids, _ := a.tokens([]rune(string(slices.Repeat([]rune("ab"), 200))))
	u := a.newUtterance()
	u.plan(ids, 0, 1, 0)
	for range 8 {
		u.next()
	}
	if n := testing.AllocsPerRun(20, func() { u.next() }); n != 0 && !raceDetector {
		t.Errorf("next allocates %v times a chunk", n)
	}
}

func TestGoroutinesShareTheModel(t *testing.T) {
	a := tinyAcoustic(t)
	ids, _ := a.tokens([]rune("ˈab, əbab."))
	say := func() []float32 {
		u := a.newUtterance()
		u.plan(ids, 0, 1, 0)
		mel, _ := all(u)
		return mel
	}
	want := say()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if !slices.Equal(say(), want) {
				t.Error("another goroutine got another mel")
			}
		})
	}
	wg.Wait()
}

// tinyFile returns what the tiny model is loaded from.
func tinyFile(t *testing.T) (*config, *transformer.Weights) {
	t.Helper()
	c, err := readConfig(os.DirFS("testdata/tiny"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := transformer.OpenWeights("testdata/tiny/acoustic.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return c, f
}

func TestLoadNamesWhatIsWrong(t *testing.T) {
	c, f := tinyFile(t)
	for _, change := range []func(c *config){
		func(c *config) { c.Speakers = append(c.Speakers, "carl") }, func(c *config) { c.FFN = 25 }, func(c *config) { c.TextLayers = 3 }, func(c *config) { c.Phonemes += "z" }, func(c *config) { c.Mels = 5 },
	} {
		bad := *c
		change(&bad)
		if _, err := loadAcoustic(f, &bad); err == nil {
			t.Errorf("no error for %+v", bad)
		} else if !strings.Contains(err.Error(), "acoustic.safetensors") {
			t.Errorf("the error does not name the file: %v", err)
		}
	}
}

// TestOneVoiceNeedsNoVector: a model of a single voice, with or without a name, may lack the tensor.
func TestOneVoiceNeedsNoVector(t *testing.T) {
	c, f := tinyFile(t)
	for _, names := range [][]string{nil, {"anna"}} {
		c.Speakers = names
		a, err := loadAcoustic(lacking{transformer.As(f, transformer.F32), "speaker.weight"}, c)
		if err != nil {
			t.Fatal(err)
		}
		a.newUtterance().plan([]int{0, 1, 0}, 0, 1, 0)
	}
	if _, err := c.speaker("bert"); err == nil || !strings.Contains(err.Error(), "anna") {
		t.Errorf("an unknown voice: %v", err)
	}
}

// lacking is a file without one of its tensors.
type lacking struct {
	transformer.Loader
	name string
}

func (l lacking) Has(name string) bool { return name != l.name && l.Loader.Has(name) }

func TestAlikePhonemesShareAnId(t *testing.T) {
	c, f := tinyFile(t)
	c.Phonemes = " .,ɛbəˈ" // as many as the file's
	a, err := loadAcoustic(f, c)
	if err != nil {
		t.Fatal(err)
	}
	if a.ids['e'] == 0 || a.ids['e'] != a.ids['ɛ'] || a.ids['Q'] != 0 {
		t.Errorf("ids %v", a.ids)
	}
}

func TestWholeOfNoNumber(t *testing.T) {
	if got, want := whole([]float64{math.NaN(), 1, 2}, 1), []int{1, 1, 1}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
