package transformer

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
)

// ending is a context that ends once it has been asked so many times.
type ending struct {
	context.Context
	left, asked int
}

func (e *ending) Err() error {
	e.asked++
	if e.asked > e.left {
		return context.Canceled
	}
	return nil
}

// TestGivesUpBetweenLayers: nothing is asked of a context after it has ended, whichever layer that is before, and what was
// given up leaves no trace.
func TestGivesUpBetweenLayers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	e := must(LoadEncoder(random, "", Config{D: 24, Heads: 3, Layers: 4, FFN: 32, ConvKernel: 3, ConvCentred: true}))(t)
	x := randomMat(r, 9, 24)
	want := e.Forward(x, Mask{})
	for layer := range 4 {
		ctx := &ending{Context: t.Context(), left: layer}
		y := NewMat(9, 24)
		copy(y.Data, x.Data)
		if err := e.Encode(ctx, y, Mask{}); !errors.Is(err, context.Canceled) || ctx.asked != layer+1 {
			t.Errorf("before layer %d: %v, asked %d times", layer, err, ctx.asked)
		}
		near(t, "after giving up", e.Forward(x, Mask{}), want)
	}
}

func TestDecoderGivesUpBetweenLayers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	d := testDecoder(t, true, Learned)
	memories := []Mat{randomMat(r, 5, 24), randomMat(r, 7, 24)}
	tokens := [][]int{{1, 2, 3}, {4, 5}}
	fresh := d.NewState(Mat{Cols: 24}, 1)
	d.RestartEach(fresh, 1, memories...)
	want := d.Feed(fresh, tokens...)
	s := d.NewState(Mat{Cols: 24}, 1)
	for layer := range 4 { // two memories of two layers
		ctx := &ending{Context: t.Context(), left: layer}
		if err := d.RestartContext(ctx, s, 1, memories...); !errors.Is(err, context.Canceled) || ctx.asked != layer+1 || s.Beams() != 0 {
			t.Errorf("memory, before layer %d: %v, asked %d times, %d sequences", layer, err, ctx.asked, s.Beams())
		}
	}
	for layer := range 2 {
		if err := d.RestartContext(t.Context(), s, 1, memories...); err != nil {
			t.Fatal(err)
		}
		ctx := &ending{Context: t.Context(), left: layer}
		if _, err := d.FeedContext(ctx, s, tokens...); !errors.Is(err, context.Canceled) || ctx.asked != layer+1 {
			t.Errorf("before layer %d: %v, asked %d times", layer, err, ctx.asked)
		}
	}
	d.RestartEach(s, 1, memories...)
	near(t, "after giving up", d.Feed(s, tokens...), want)
}
