package transformer

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/parley-go/parley/internal/kernel"
)

var streamConfigs = map[string]Config{
	"rotary conv":        {D: 32, Heads: 2, Layers: 3, FFN: 48, Act: SiLU, ConvKernel: 9, Positions: RotaryHalves},
	"interleaved gated":  {D: 32, Heads: 4, KVHeads: 2, Layers: 2, FFN: 40, Act: SiLU, Gated: true, RMSNorm: true, NoBias: true, Positions: RotaryInterleaved, RotaryDim: 4},
	"sinusoidal post":    {D: 24, Heads: 3, Layers: 2, FFN: 24, Act: ReLU, PostNorm: true, Positions: Sinusoidal, ConvKernel: 3},
	"halves":             {D: 24, Heads: 3, HeadDim: 16, Layers: 2, FFN: 24, Act: GELUTanh, Positions: SinusoidalHalves},
	"learned":            {D: 16, Heads: 1, Layers: 2, FFN: 24, Act: GELU, Positions: Learned, MaxPositions: 400},
	"relative":           {D: 16, Heads: 2, Layers: 2, FFN: 24, Act: GELU, Positions: RelativeBuckets, Buckets: 8, MaxDistance: 20, Scale: 1},
	"none, wide kernel":  {D: 16, Heads: 2, Layers: 2, FFN: 24, ConvKernel: 31},
	"no layer, only end": {D: 16, Heads: 2, FFN: 24},
}

// TestStepEqualsForward: with caches, chunk after chunk, an encoder gives what the masked pass over everything gives.
func TestStepEqualsForward(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, c := range streamConfigs {
		e := must(LoadEncoder(random, "encoder.", c))(t)
		state := e.NewState(Causal)
		for _, mask := range []Mask{Causal, {1, 0}, {1, 5}, {4, 8}, {7, 7}, {16, 48}, {40, 40}, {5, -1}, {3, 7}} {
			x := randomMat(r, 150+r.IntN(150), c.D)
			want := e.Forward(x, mask)
			state.Reset(mask)
			got := NewMat(0, c.D)
			for lo := 0; lo < x.Rows; {
				hi := min(lo+mask.Chunk*(1+r.IntN(3)), x.Rows)
				got = join(got, e.Step(state, x.Slice(lo, hi)))
				lo = hi
			}
			near(t, fmt.Sprint(name, mask), got, want)
			if state.Rows() != x.Rows {
				t.Fatalf("%s: %d rows taken of %d", name, state.Rows(), x.Rows)
			}
		}
	}
}

// TestMaskHides: a row does not change with rows that its mask hides, and does with those that it sees.
func TestMaskHides(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	e := must(LoadEncoder(random, "", Config{D: 16, Heads: 2, Layers: 1, FFN: 16, Positions: RotaryHalves}))(t)
	for _, mask := range []Mask{{}, Causal, {4, 0}, {4, 8}, {8, -1}, {1, 3}} {
		x := randomMat(r, 41, 16)
		base := e.Forward(x, mask)
		for range 10 {
			j := r.IntN(x.Rows)
			y := MatOf(append([]float32{}, x.Data...), x.Rows, x.Cols)
			y.Row(j)[3] += 1
			moved := e.Forward(y, mask)
			for i := range x.Rows {
				lo, hi := kernel.Mask(mask).Span(i)
				sees := lo <= j && j < hi || i == j
				same := fmt.Sprint(moved.Row(i)) == fmt.Sprint(base.Row(i))
				if sees == same {
					t.Fatalf("mask %v: row %d sees %d: %v, but unchanged: %v", mask, i, j, sees, same)
				}
			}
		}
	}
}

// TestStepBounded: on an endless stream memory and work stay bounded, and a reused state is as good as a new one.
func TestStepBounded(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	c := streamConfigs["rotary conv"]
	e := must(LoadEncoder(random, "", c))(t)
	state := e.NewState(Mask{4, 12})
	x := randomMat(r, 4, c.D)
	for range 2000 {
		e.Step(state, x)
	}
	if rows := state.caches[0].kv.Space(); rows > 128 {
		t.Errorf("cache of %d rows for 12 kept", rows)
	}
	allocatesNothing(t, func() { e.Step(state, x) })
	state.Reset(Mask{4, 12})
	got := MatOf(append([]float32{}, e.Step(state, x).Data...), 4, c.D)
	near(t, "after Reset", got, e.Step(e.NewState(Mask{4, 12}), x))
}

// TestNoRows: nothing in, nothing out, and the stream goes on as before.
func TestNoRows(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for name, c := range streamConfigs {
		e := must(LoadEncoder(random, "", c))(t)
		if y := e.Forward(NewMat(0, c.D), Mask{}); y.Rows != 0 || y.Cols != c.D {
			t.Errorf("%s: Forward of nothing is (%d, %d)", name, y.Rows, y.Cols)
		}
		x := randomMat(r, 6, c.D)
		s := e.NewState(Mask{2, 2})
		got := join(NewMat(0, c.D), e.Step(s, x.Slice(0, 4)))
		got = join(got, e.Step(s, NewMat(0, c.D)))
		near(t, name, join(got, e.Step(s, x.Slice(4, 6))), e.Forward(x, Mask{2, 2}))
	}
	d := testDecoder(t, true, RotaryHalves)
	s := d.NewState(NewMat(0, 24), 2) // a memory of no rows adds only the bias of its projection
	if y := d.Feed(s, nil, nil); y.Rows != 0 {
		t.Errorf("Feed of nothing gives %d rows", y.Rows)
	}
	near(t, "second alone", d.Feed(s, nil, []int{1, 2}), d.Feed(d.NewState(NewMat(0, 24), 1), []int{1, 2}))
}

func TestStepAfterShortChunkPanics(t *testing.T) {
	e := must(LoadEncoder(random, "", streamConfigs["learned"]))(t)
	s := e.NewState(Mask{4, 4})
	e.Step(s, NewMat(3, 16))
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	e.Step(s, NewMat(4, 16))
}

// TestConcurrentForward: an encoder serves many goroutines.
func TestConcurrentForward(t *testing.T) {
	c := streamConfigs["relative"]
	e := must(LoadEncoder(random, "", c))(t)
	x := randomMat(rand.New(rand.NewPCG(7, 8)), 90, c.D)
	want := e.Forward(x, Mask{})
	done := make(chan Mat)
	for range 4 {
		go func() { done <- e.Forward(x, Mask{}) }()
	}
	for range 4 {
		near(t, "concurrent", <-done, want)
	}
}
