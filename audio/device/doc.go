// Package device opens the microphone and the loudspeaker.
//
// A microphone is an audio.Source, a player an audio.Sink: mono float32 samples in [-1, 1].
// Every call takes a context first; cancelling it stops the sound at once and unblocks a waiting Read, Write or Drain.
//
// Two back ends, chosen when the program is built:
//
//   - Linux, by default: the PulseAudio protocol in pure Go, which PipeWire speaks as well. No cgo.
//   - any system, with -tags portaudio: PortAudio through cgo.
//
// Elsewhere every call returns ErrUnsupported, which says what to do.
//
// Reading order: device.go (the API), ring.go (what stands between a device's clock and the program),
// pulse_conn.go and pulse.go (PulseAudio), portaudio.go, none.go.
package device
