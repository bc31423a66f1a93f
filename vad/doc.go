// Package vad tells speech from everything else, frame by frame, while the sound comes, and makes spans of speech of it.
//
//   - Default: a network of ours, embedded; Open and OpenFS: weights from a file, ours or silero-vad's; Energy: no network
//   - Detector, Stream: probabilities of speech, one for each frame
//   - Segmenter: spans of speech from probabilities; Finder: from a sound that is pushed; Spans: from a source, with samples
//
// Read in this order: detector.go (what a detector promises), energy.go; network.go with recurrent.go (ours), silero.go;
// segmenter.go, spans.go. How the network was made and how good it is: training/vad.
//
// Times are counted in samples and are exact. Memory does not grow with the length of the sound. A detector is shared by
// goroutines, a stream and a segmenter belong to one. NaN, infinity and huge samples are taken as package audio takes them
// (audio.Sanitize) and leave no trace in what is heard later.
package vad
