package audio

import (
	"fmt"
	"io"
)

// RawInt16 returns the sound of r, which holds nothing but 16-bit little-endian samples of interleaved channels at rate Hz,
// mixed to mono. An incomplete frame at the end is ignored. A rate or number of channels that no sound has is the error
// of the first Read.
func RawInt16(r io.Reader, rate, channels int) Source {
	if rate < minRate || rate > maxRate || channels < 1 || channels > maxRawChannels {
		return errSource{rate, fmt.Errorf("audio: raw: %d channels at %d Hz (1 to %d at %d to %d are supported)", channels, rate, maxRawChannels, minRate, maxRate)}
	}
	f := wavFormat{tag: tagPCM, channels: channels, rate: rate, width: 2, align: 2 * channels}
	return &decoded{Source: newWAVSource(r, f, -1), name: "raw"}
}

// maxRawChannels is what WAV can say.
const maxRawChannels = 1<<16 - 1

// AppendInt16 appends 16-bit samples to dst, 32768 as 1. The result is the Samples of a Clip, or goes into a Pipe block by
// block.
func AppendInt16(dst []float32, p []int16) []float32 {
	for _, v := range p {
		dst = append(dst, float32(v)/(1<<15))
	}
	return dst
}
