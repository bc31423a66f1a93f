package main

import (
	"math"
	"testing"

	"github.com/parley-go/parley/vad"
)

func TestScore(t *testing.T) {
	var r result
	r.score([]float32{0.1, 0.2, 0.9, 0.4, 0.8, 0.6}, [][2]int{{20, 50}})
	if r.Misses != 1.0/3 || r.FalseAlarms != 1.0/3 || math.Abs(r.F1-4.0/6) > 1e-9 || math.Abs(r.AUC-8.0/9) > 1e-9 {
		t.Errorf("%+v", r)
	}
	if a := auc([]float32{0.5, 0.5}, []bool{true, false}); a != 0.5 {
		t.Errorf("ties: %v, want 0.5", a)
	}
}

func TestOnsets(t *testing.T) {
	probs := make([]float32, 100) // 16 ms each
	for i := 65; i < 90; i++ {
		probs[i] = 0.9
	}
	var r result
	r.onsets(probs, named{d: vad.Energy}, [][2]int{{1000, 1400}})
	if r.Onset != 66*16-1000 {
		t.Errorf("%v ms, want %v", r.Onset, 66*16-1000)
	}
}
