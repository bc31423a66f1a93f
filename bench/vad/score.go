package main

import (
	"slices"
	"sort"
	"time"

	"github.com/parley-go/parley/vad"
)

// result is what one detector makes of one sound. Frames are 10 ms.
type result struct {
	Set, SNR, Detector      string
	AUC                     float64 // a frame of speech is likelier speech than another frame
	Misses, FalseAlarms, F1 float64 // of frames, at probability 0.5
	Onset, Onset90          float64 // ms from the start of speech until it is known: median, 90 %
	Spans                   int     // with default options
	Speech                  float64 // seconds in them
	Hours                   float64 // of sound
	MicrosPerSecond         float64
}

// grid repeats probabilities so that there is one for each of n frames of 10 ms: that of the detector's frame at its middle.
func grid(probs []float32, d vad.Detector, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = probs[min(len(probs)-1, (i*160+80)/d.Hop())]
	}
	return out
}

func (r *result) score(p []float32, speech [][2]int) {
	truth := make([]bool, len(p))
	for _, s := range speech {
		for i := (s[0] + 5) / 10; i < min(len(p), (s[1]+5)/10); i++ {
			truth[i] = true
		}
	}
	var tp, fp, fn, tn float64
	for i, v := range p {
		switch {
		case truth[i] && v >= 0.5:
			tp++
		case truth[i]:
			fn++
		case v >= 0.5:
			fp++
		default:
			tn++
		}
	}
	r.Misses, r.FalseAlarms, r.F1 = fn/max(1, tp+fn), fp/max(1, fp+tn), 2*tp/max(1, 2*tp+fp+fn)
	r.AUC = auc(p, truth)
}

// auc is the area under the receiver's curve, by ranks; ties count half.
func auc(p []float32, truth []bool) float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(a, b int) bool { return p[order[a]] < p[order[b]] })
	sum, pos := 0.0, 0.0
	for lo := 0; lo < len(order); {
		hi := lo
		for hi < len(order) && p[order[hi]] == p[order[lo]] {
			hi++
		}
		for _, i := range order[lo:hi] {
			if truth[i] {
				pos++
				sum += float64(lo+hi+1) / 2
			}
		}
		lo = hi
	}
	neg := float64(len(p)) - pos
	return (sum - pos*(pos+1)/2) / max(1, pos*neg)
}

// onsets measures, for speech after at least 500 ms without, how long after its start a probability of 0.5 is out: the end of
// its frame and what the detector wants to hear after it. Starts in the middle of a false alarm do not count.
func (r *result) onsets(probs []float32, d named, speech [][2]int) {
	hop := float64(d.d.Hop()) / 16 // ms
	var delays []float64
	for i, s := range speech {
		if i > 0 && s[0]-speech[i-1][1] < 500 {
			continue
		}
		k := int(float64(s[0]-60) / hop)
		if k < 1 || k >= len(probs) || probs[k-1] >= 0.5 {
			continue
		}
		for k < len(probs) && probs[k] < 0.5 && float64(k)*hop < float64(s[1]) {
			k++
		}
		delays = append(delays, float64(k+1)*hop+float64(d.ahead/time.Millisecond)-float64(s[0]))
	}
	if len(delays) == 0 {
		return
	}
	slices.Sort(delays)
	r.Onset, r.Onset90 = delays[len(delays)/2], delays[len(delays)*9/10]
}
