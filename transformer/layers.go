package transformer

import "strconv"

// layers is what Encoder and Decoder share: positions, blocks, final norm.
type layers struct {
	config   Config
	absolute *absolute // or nil
	relative *relative // or nil
	rotary   *Rotary   // or nil
	blocks   []*Block
	norm     *Norm // or nil
}

func loadLayers(f Loader, c Config, cross bool) (layers, error) {
	c, err := c.withDefaults()
	l := layers{config: c}
	if err != nil {
		return l, err
	}
	if c.Positions == RotaryHalves || c.Positions == RotaryInterleaved {
		l.rotary = NewRotary(c.HeadDim, c.RotaryDim, c.RotaryBase, c.Positions == RotaryInterleaved)
	}
	err = loadAll(
		func() (err error) { l.absolute, err = loadAbsolute(f, c); return },
		func() (err error) { l.relative, err = loadRelative(f, c); return },
		func() (err error) { l.norm, err = loadNorm(f, c, c.Names.Norm); return },
	)
	for i := range c.Layers {
		if err != nil {
			return l, err
		}
		var b *Block
		b, err = loadBlock(Sub(f, c.Names.Layers+strconv.Itoa(i)+"."), c, l.rotary, cross)
		l.blocks = append(l.blocks, b)
	}
	return l, err
}

// begin readies w for the runs that it holds and adds positions to x (T, D).
func (l *layers) begin(w *workspace, x Mat) {
	if l.absolute != nil {
		l.absolute.add(x, w.positions)
	}
	if l.rotary != nil {
		l.rotary.fill(&w.angles, w.positions)
	}
	if l.relative != nil {
		n := 0
		for _, p := range w.positions {
			n = max(n, p)
		}
		l.relative.expand(&w.expanded, n+1)
		w.bias = &w.expanded
	}
}

// end normalises x (T, D).
func (l *layers) end(x Mat) {
	if l.norm != nil {
		l.norm.Forward(x, x)
	}
}
