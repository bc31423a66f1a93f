package en

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-go/parley/tts"
)

func TestVoicesSpeak(t *testing.T) {
	for _, name := range append(Voices(), "") {
		m, err := Voice(name)
		if err != nil {
			t.Fatal(err)
		}
		clip, err := m.Say(context.Background(), "The birch canoe slid on the smooth planks.", nil)
		if err != nil {
			t.Fatal(err)
		}
		if d := clip.Duration(); d < 1500*time.Millisecond || d > 4*time.Second {
			t.Errorf("%q lasts %v, a person needs some 2.5 s", name, d)
		}
		if loud := slices.Max(clip.Samples); loud < 0.05 || loud > 1 {
			t.Errorf("%q: the loudest sample is %v", name, loud)
		}
	}
}

// TestSharedModel: a voice that is loaded by name speaks as one that is chosen for a text.
func TestSharedModel(t *testing.T) {
	michael, err := Voice("michael")
	if err != nil {
		t.Fatal(err)
	}
	kathleen, err := Voice("kathleen")
	if err != nil {
		t.Fatal(err)
	}
	a, err1 := michael.Say(context.Background(), "Yes.", &tts.Options{Voice: "kathleen"})
	b, err2 := kathleen.Say(context.Background(), "Yes.", nil)
	if err1 != nil || err2 != nil || !slices.Equal(a.Samples, b.Samples) {
		t.Errorf("%d and %d samples, %v, %v", len(a.Samples), len(b.Samples), err1, err2)
	}
}

func TestAnyTextIsSafe(t *testing.T) {
	m, err := Voice(DefaultVoice)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "...", "🙂", "a", "No", "Привет, мир", "\x00\x1b[31mred", "x\xffy", "1/0 = ∞?", strings.Repeat("ha", 200),
		"<b>bold</b>", "https://example.org/a?b=c#d", "e.g. i.e. etc.", "I’m “here” — aren't I…?"} {
		clip, err := m.Say(context.Background(), text, nil)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		for i, x := range clip.Samples {
			if !(x >= -1 && x <= 1) {
				t.Fatalf("%q: sample %d is %v", text, i, x)
			}
		}
	}
}

func TestUnknownVoice(t *testing.T) {
	_, err := Voice("nobody")
	if err == nil || !strings.Contains(err.Error(), "nobody") || !strings.Contains(err.Error(), DefaultVoice) {
		t.Errorf("error %v, want one that names the voices", err)
	}
	if !slices.Contains(Voices(), DefaultVoice) {
		t.Errorf("voices %q lack the default", Voices())
	}
}

func BenchmarkSay(b *testing.B) {
	m, err := Voice("")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	var sound time.Duration
	for b.Loop() {
		clip, err := m.Say(context.Background(), "The birch canoe slid on the smooth planks.", nil)
		if err != nil {
			b.Fatal(err)
		}
		sound += clip.Duration()
	}
	b.ReportMetric(b.Elapsed().Seconds()/sound.Seconds(), "RTF")
}

// BenchmarkFirstChunk is the time from text to the first sound.
func BenchmarkFirstChunk(b *testing.B) {
	m, err := Voice("")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for _, err := range m.Stream(context.Background(), strings.NewReader("The birch canoe slid on the smooth planks."), nil) {
			if err != nil {
				b.Fatal(err)
			}
			break
		}
	}
}
