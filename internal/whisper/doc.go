// Package whisper transcribes and translates speech with OpenAI's Whisper models (Radford et al. 2022, arXiv:2212.04356) from published
// weights. It follows the reference, openai/whisper, also in its defaults, so that people get the same text.
//
// Read in this order: config.go, model.go (files, weights, the encoder), tokens.go with languages.go and heads.go (the vocabulary);
// options.go; features.go (sound to log-mel), speech.go (where somebody speaks), longform.go (a sound, window by window), batch.go (several
// windows at a time), live.go (while it is spoken). A window: rules.go (which token may come), search.go (greedy, beam, sampling) with
// hotwords.go, fallback.go (when to try again), segments.go (text to segments), detect.go (languages). Times of words: align.go (tokens),
// words.go. Files of whisper.cpp: ggml.go.
package whisper
