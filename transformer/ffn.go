package transformer

import "github.com/parley-go/parley/internal/kernel"

// FFN is the position-wise network of a block: Down act(Up x), or with a gate Down (act(Gate x) * Up x), a gated linear
// unit (Shazeer 2020, arXiv:2002.05202: SwiGLU with SiLU, GEGLU with GELU).
type FFN struct {
	Up   *Linear // (F, D)
	Gate *Linear // (F, D), or nil
	Down *Linear // (D, F)
	Act  Act
}

func loadFFN(f Loader, c Config) (*FFN, error) {
	n, ffn := c.Names, &FFN{Act: c.Act}
	err := loadAll(
		func() (err error) { ffn.Up, err = LoadLinear(f, n.Up, c.FFN, c.D, !c.NoBias); return },
		func() (err error) { ffn.Down, err = LoadLinear(f, n.Down, c.D, c.FFN, !c.NoBias); return },
	)
	if err == nil && c.Gated {
		ffn.Gate, err = LoadLinear(f, n.Gate, c.FFN, c.D, !c.NoBias)
	}
	return ffn, err
}

// add adds the result for in (T, D) to x (T, D).
func (f *FFN) add(w *workspace, x, in Mat) {
	hidden := w.hidden.mat(in.Rows, f.Up.Out)
	if f.Gate == nil {
		f.Up.ForwardAct(hidden, in, f.Act)
	} else {
		gate := w.gate.mat(in.Rows, f.Up.Out)
		f.Gate.ForwardAct(gate, in, f.Act)
		f.Up.Forward(hidden, in)
		kernel.Mul(hidden.Data, gate.Data)
	}
	f.Down.ForwardAdd(x, hidden)
}
