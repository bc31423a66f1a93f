// Package wav2vec2 hears speech with wav2vec 2.0 (Baevski et al. 2020, arXiv:2006.11477) and HuBERT (Hsu et al. 2021, arXiv:2106.07447)
// that were taught to write by connectionist temporal classification, from published weights. It follows transformers.
//
// Read in this order: config.go and vocab.go (files), model.go (sound to probabilities of letters), stem.go (samples to frames),
// positional.go (where a frame is), window.go (long sounds).
package wav2vec2
