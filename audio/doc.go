// Package audio holds sound as the rest of Parley wants it: mono float32 samples, pulled like bytes from an io.Reader.
//
//   - Source, Sink, Clip, Pipe: sound as a stream and as a whole
//   - Decode: WAV, FLAC, MP3 and Ogg/Opus, told apart by content, from anything that can be read, pipes included
//   - RawInt16, AppendInt16: samples of 16 bits without a header, read or in memory
//   - NewWAVWriter, WriteWAV: WAV to files and pipes
//   - Resample: any rate to any other
//   - Mel: the log-mel spectra that the networks read and write; STFT: the complex spectrum and back
//
// Read it in the order of the signal: audio.go, pipe.go; decode.go with wav_read.go, flac.go, mp3.go, ogg.go and opus.go; raw.go;
// resample.go; mel.go, melfilter.go, whisper.go; stft.go; wav_write.go.
//
// Channels are averaged on the way in and nothing here has more than one. Every source is streaming: memory does not
// grow with the length of the sound. Input is never trusted: a hostile file is an error, and NaN and infinity do not
// get past a source (see Sanitize).
package audio
