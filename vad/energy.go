package vad

import "math"

// Energy is a Detector without a network: a frame is speech if it is clearly louder than the quietest of the last seconds.
// It costs next to nothing, and every other sound is speech to it.
var Energy Detector = energy{}

type energy struct{}

func (energy) Rate() int         { return rate }
func (energy) Hop() int          { return energyHop }
func (energy) NewStream() Stream { return newEnergyStream() }

const (
	energyHop   = 256
	preEmphasis = 0.95 // of the first difference, which takes hum and rumble away
	floorLeast  = -75  // dB of full scale: nothing is quieter
	floorRise   = 0.08 // dB a frame, 5 a second: how fast a floor that turned out too low is given up
	floorFall   = 0.3  // of the way down a frame takes it
	energyMid   = 9    // dB above the floor where speech is as likely as not
	energyWidth = 2    // dB for a factor e
)

type energyStream struct {
	frames frameBuffer
	last   float32 // sample before the frame
	floor  float64 // dB
	begun  bool
	dst    []float32
	take   func(x []float32)
}

func newEnergyStream() *energyStream {
	s := &energyStream{frames: newFrameBuffer(energyHop, 0)}
	s.take = s.frame
	return s
}

func (s *energyStream) Push(dst, samples []float32) []float32 {
	s.dst = dst
	s.frames.push(samples, s.take)
	return s.result()
}

func (s *energyStream) Flush(dst []float32) []float32 {
	s.dst = dst
	s.frames.flush(s.take)
	s.last, s.begun = 0, false
	return s.result()
}

func (s *energyStream) result() []float32 {
	dst := s.dst
	s.dst = nil
	return dst
}

func (s *energyStream) frame(x []float32) {
	sum := 0.0
	for _, v := range x {
		d := float64(v - preEmphasis*s.last)
		sum += d * d
		s.last = v
	}
	level := max(floorLeast, 10*math.Log10(sum/energyHop+1e-12))
	switch {
	case !s.begun:
		s.floor, s.begun = level, true
	case level < s.floor:
		s.floor += floorFall * (level - s.floor)
	default:
		s.floor += min(floorRise, level-s.floor)
	}
	s.dst = append(s.dst, float32(1/(1+math.Exp((energyMid-(level-s.floor))/energyWidth))))
}
