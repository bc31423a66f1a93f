package audio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestRawInt16(t *testing.T) {
	samples := []int16{0, 1, -1, 16384, -32768, 32767}
	var b []byte
	for _, v := range samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	mono := AppendInt16(nil, samples)
	if want := []float32{0, 1. / 32768, -1. / 32768, 0.5, -1, 32767. / 32768}; !slices.Equal(mono, want) {
		t.Errorf("samples %v, want %v", mono, want)
	}
	stereo := []float32{(mono[0] + mono[1]) / 2, (mono[2] + mono[3]) / 2, (mono[4] + mono[5]) / 2}
	for _, test := range []struct {
		name     string
		data     []byte
		channels int
		want     []float32
	}{
		{"mono", b, 1, mono},
		{"stereo", b, 2, stereo},
		{"half a sample at the end", append(bytes.Clone(b), 7), 1, mono},
		{"half a frame at the end", b[:10], 2, stereo[:2]},
		{"nothing", nil, 1, nil},
	} {
		for _, r := range []io.Reader{bytes.NewReader(test.data), iotest.OneByteReader(bytes.NewReader(test.data)), iotest.DataErrReader(bytes.NewReader(test.data))} {
			c, err := ReadAll(RawInt16(r, 8000, test.channels), 0)
			if err != nil || c.Rate != 8000 || !slices.Equal(c.Samples, test.want) {
				t.Errorf("%s: %v at %d Hz, %v; want %v", test.name, c.Samples, c.Rate, err, test.want)
			}
		}
	}
}

func TestRawInt16Errors(t *testing.T) {
	for _, bad := range [][2]int{{0, 1}, {-1, 1}, {99, 1}, {768001, 1}, {8000, 0}, {8000, -1}, {8000, 65536}} {
		if _, err := ReadAll(RawInt16(strings.NewReader("1234"), bad[0], bad[1]), 0); err == nil || !strings.Contains(err.Error(), "are supported") {
			t.Errorf("%d channels at %d Hz: %v", bad[1], bad[0], err)
		}
	}
	s := RawInt16(io.MultiReader(strings.NewReader("1234"), iotest.ErrReader(errTest)), 8000, 1)
	if n, err := s.Read(nil); n != 0 || err != nil {
		t.Errorf("reading nothing: %d, %v", n, err)
	}
	c, err := ReadAll(s, 0)
	if len(c.Samples) != 2 || !errors.Is(err, errTest) {
		t.Errorf("%d samples, error %v", len(c.Samples), err)
	}
}
