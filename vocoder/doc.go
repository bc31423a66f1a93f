// Package vocoder turns log-mel frames and F0 into sound, as a stream: the last stage of speech synthesis.
//
// Two vocoders stand behind one interface. GriffinLim needs no training and no F0; it works on whole utterances and is the
// oracle of tests. Harmonic is the one that speaks: a sine bank and white noise, shaped by a causal network that runs once a
// frame. Open loads it from a model directory.
//
// Read vocoder.go for the interface, harmonic.go for the model, stream.go for the path of a frame, then excitation.go,
// network.go, filter.go, noise.go and fft.go for its stages; griffinlim.go and unmel.go stand apart. The network is trained by
// training/vocoder.
package vocoder
