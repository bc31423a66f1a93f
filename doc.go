// Package parley is the root of a speech engine in pure Go: text to sound and sound to text, in one static binary, without
// cgo, Python or a download. It holds no code; import what you need:
//
//   - tts says text: tts.Open, Model.Say, Model.Stream
//   - asr hears text: asr.Open, Model.Transcribe, Model.Stream
//   - models/en embeds the default English models: en.Voice, en.Recognizer
//   - audio decodes, resamples and writes sound; audio/device is the microphone and the loudspeaker
//   - cmd/speak and cmd/listen are the commands
//
// To read the code, follow the data. Speaking: text, tts, transformer, vocoder, audio. Listening: audio, transformer, asr.
// Below both are internal/weights and internal/tokenizer (what models are loaded from), internal/tensor, internal/par and
// internal/kernel (what they compute with; the only assembly), internal/cpu. docs/design.md is the map.
package parley
