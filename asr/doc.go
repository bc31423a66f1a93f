// Package asr turns speech into text.
//
//	m, err := asr.Open("models/en/recognizer")
//	t, err := m.Transcribe(ctx, source, nil)
//
// Read in this order: segment.go, options.go, language.go and optionerror.go (what goes in and out), model.go, source.go and open.go (families of models,
// sounds that fail, files). Whisper: whisper.go, and internal/whisper. wav2vec 2.0: ctc.go, and internal/wav2vec2. Moonshine
// and Speech2Text: whole.go, internal/moonshine and internal/speech2text. Parley's own models: hybrid.go (weights), stream.go (sound to segments), encode.go (sound to
// encoder frames), segmenter.go (where a segment ends), written.go (capitals and marks). Their search: lexicon.go and beam.go (words of a lexicon with an n-gram language
// model, the default), greedy.go and prefix.go (subwords), rescore.go and attention.go (with the decoder), words.go (times). table.go and
// logmath.go serve the searches.
package asr
