package audio

import (
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"testing"
)

// edit returns Ogg pages with changes by f, checksums made good.
func edit(b []byte, f func(b []byte)) []byte {
	b = bytes.Clone(b)
	f(b)
	return repairOgg(b)
}

func rms(x []float32) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(x)))
}

// Streams chained one after the other are one sound. Each has its own channels, pre-skip, trimmed end and serial number,
// which may be that of the one before.
func TestChainedOpus(t *testing.T) {
	first := readFile(t, "hybrid24k.opus")
	alone := decodeAll(t, bytes.NewReader(first))
	for _, name := range []string{"hybrid24k.opus", "celt48k.opus", "silkstereo.opus", "silk8k-60ms.opus", "hybrid-120ms.opus"} {
		second := readFile(t, name)
		b := slices.Concat(first, second, first)
		got, want := decodeAll(t, bytes.NewReader(b)), decodeAll(t, bytes.NewReader(second))
		n, k := len(alone.Samples), len(want.Samples)*24000/want.Rate
		if got.Rate != 24000 || len(got.Samples) != 2*n+k {
			t.Errorf("%s in the middle: %d samples at %d Hz, want %d and twice %d", name, len(got.Samples), got.Rate, k, n)
			continue
		}
		if maxDiff(got.Samples, alone.Samples) != 0 || maxDiff(got.Samples[n+k:], alone.Samples) != 0 {
			t.Errorf("%s in the middle changes what is around it", name)
		}
		if a, b := rms(got.Samples[n:n+k]), rms(want.Samples); math.Abs(a/b-1) > 0.1 {
			t.Errorf("%s in the middle: loudness %.4f, alone %.4f", name, a, b)
		}
	}
}

// A stream that was cut off, without a last page, is followed by the next one too.
func TestChainedOpusCutOff(t *testing.T) {
	b := readFile(t, "hybrid24k.opus")
	last := bytes.LastIndex(b, []byte("OggS"))
	cut := edit(b, func(b []byte) { b[last+5] &^= pageLast })
	alone, untrimmed := decodeAll(t, bytes.NewReader(b)).Samples, decodeAll(t, bytes.NewReader(cut)).Samples
	got := decodeAll(t, bytes.NewReader(slices.Concat(cut, b))).Samples
	if len(got) != len(untrimmed)+len(alone) || maxDiff(got[len(untrimmed):], alone) != 0 {
		t.Errorf("%d samples, want %d and %d", len(got), len(untrimmed), len(alone))
	}
}

// A chained stream that cannot be decoded is an error after the sound before it, never a silent end.
func TestChainedOpusErrors(t *testing.T) {
	b := readFile(t, "hybrid24k.opus")
	alone := decodeAll(t, bytes.NewReader(b)).Samples
	for _, test := range []struct {
		name string
		next []byte
		want error
	}{
		{"six channels", edit(b, func(b []byte) { b[28+9], b[28+18] = 6, 1 }), ErrFormat},
		{"Vorbis", edit(b, func(b []byte) { copy(b[28:], "\x01vorbis") }), ErrFormat},
		{"a few stray bytes", b[:20], nil},
		{"cut in the headers", b[:60], io.ErrUnexpectedEOF},
		{"cut in the sound", b[:len(b)-1], io.ErrUnexpectedEOF},
	} {
		s, err := Decode(bytes.NewReader(slices.Concat(b, test.next)))
		if err != nil {
			t.Fatal(err)
		}
		c, err := ReadAll(s, 0)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: error %v, want %v", test.name, err, test.want)
		}
		if len(c.Samples) < len(alone) || maxDiff(c.Samples, alone) != 0 {
			t.Errorf("%s: %d samples, want the first %d", test.name, len(c.Samples), len(alone))
		}
	}
}
