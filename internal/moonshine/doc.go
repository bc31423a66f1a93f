// Package moonshine writes what is said with Moonshine (Jeffries et al. 2024, arXiv:2410.15608) from published weights. It follows
// transformers.
//
// Read in this order: config.go (files), names.go (weights), model.go (sound to text), stem.go (samples to frames).
package moonshine
