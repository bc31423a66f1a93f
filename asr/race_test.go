//go:build race

package asr

func init() { raceDetector = true }
