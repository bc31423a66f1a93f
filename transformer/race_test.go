//go:build race

package transformer

func init() { raceDetector = true }
