//go:build race

package vocoder

func init() { raceDetector = true }
