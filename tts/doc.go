// Package tts speaks text: Open voices, then Say a text whole or Stream it.
//
// Voices are a directory: config.json and acoustic.safetensors (made by training/acoustic), the vocoder of package vocoder
// and the lexicon of package text. Package models/en embeds the English ones.
//
// Stream reads its text sentence by sentence. Of each sentence it works out words, phonemes, durations, F0 and energy at
// once, and then makes mel frames and sound a fifth of a second at a time; that is why the first sound comes early and
// memory stays flat. Say is Stream, collected.
//
// Read in this order: tts.go (a voice), options.go, stream.go (the path of the sound), pieces.go, sentences.go and piece.go
// (the path of the text), then utterance.go, acoustic.go, texture.go and config.go (the acoustic model).
package tts
