// Package wer measures word error rates: tables of utterances, the normalisers that make texts comparable, and the alignment, counted as
// jiwer and NIST's sclite do.
//
// Reading order: align.go (the counts), manifest.go, normalizer.go (the kinds), english.go (Whisper's for English) with number.go
// (spelled-out numbers), spelling.go and its table, fraction.go.
package wer
