//go:build race

package tts

func init() { raceDetector = true }
