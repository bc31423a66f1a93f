package main

import (
	"math"
	"math/rand/v2"

	"github.com/parley-go/parley/internal/kernel"
)

// attentionOp is attention of all heads. An encoder's keys and values are laid out anew for every sequence, which counts;
// a decoder's are in its cache.
func attentionOp(r *rand.Rand, t Task, p kernel.Precision) func() {
	width := t.H * t.K
	q, k, v := normals(r, t.M*width), normals(r, t.N*width), normals(r, t.N*width)
	a := kernel.Attention{Heads: t.H, Dim: t.K, Scale: float32(1 / math.Sqrt(float64(t.K))), Q: q, Dst: make([]float32, t.M*width), LdQ: width, LdDst: width}
	var kv kernel.KV
	if encoder := t.M >= 16; encoder {
		kv.RoundFor(p, kernel.Mask{})
	} else {
		kv.SetPrecision(p)
	}
	fill := func() {
		kv.Reset()
		kv.Append(k, width, v, width, t.N, t.H, t.K)
	}
	fill()
	return func() {
		if t.M == t.N {
			fill()
		}
		a.Add(0, t.M, 0, &kv, 0, kernel.Mask{})
		a.Run()
	}
}
