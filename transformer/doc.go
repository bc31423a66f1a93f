// Package transformer holds the layers that Parley's models are made of, and the models of the Transformer family that
// they make: encoders (bidirectional, causal or chunk-causal with caches), decoders (with or without cross attention)
// and both together.
//
// Rows of a matrix are time steps (T), columns are features (D). Weights are immutable and shared by goroutines; what
// changes while a stream runs is in a state, which belongs to one goroutine at a time and is reused. A Step allocates
// nothing once its state has grown. Shape bugs panic; a checkpoint that lacks a tensor, or has it in another shape, is
// an error that names it.
//
// Read in this order: config.go (what can vary, and the names in a checkpoint), block.go (one layer), attention.go, mask.go,
// cache.go, positions.go, relative.go, ffn.go, depthwise.go; then layers.go, encoder.go, decoder.go, greedy.go and seq2seq.go. Outside the
// blocks: linear.go, norm.go, embedding.go, conv.go,
// convtranspose.go.
package transformer
