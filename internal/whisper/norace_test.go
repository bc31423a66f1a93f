//go:build !race

package whisper

// raceDetector: the tests run under it.
const raceDetector = false
