// Package speech2text writes what is said with Speech2Text (Wang et al. 2020, arXiv:2010.05171) from published weights. It follows
// transformers.
//
// Read in this order: config.go (files), names.go (weights), model.go (sound to text), features.go (samples to log-mel), stem.go (log-mel to
// frames).
package speech2text
