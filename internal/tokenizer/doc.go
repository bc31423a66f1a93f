// Package tokenizer splits text into the pieces of a vocabulary and joins pieces into text, exactly as the Hugging Face
// tokenizers library does without its post-processor: byte-level BPE (GPT-2, Whisper), BPE over metaspaces with or
// without byte fallback, and unigram (SentencePiece; Kudo 2018, arXiv:1804.10959). It reads tokenizer.json, and
// vocab.json with merges.txt. A file that asks for a stage that is not here is refused by name.
//
// Text passes through the files in this order: added.go (tokens found verbatim), normalize.go, split.go (words),
// bpe.go or unigram.go (pieces); back through decode.go. hf.go and stages.go with json.go read the files, ranks.go takes tokens as bytes; tokenizer.go ties all together.
package tokenizer
