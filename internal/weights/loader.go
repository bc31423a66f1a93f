package weights

// A Loader gives tensors by name. The shape is what the caller needs; a tensor of another shape is an error.
type Loader interface {
	// Float32 returns the values of a tensor, row-major, in a slice that the caller owns.
	Float32(name string, shape ...int) ([]float32, error)
	// Has reports whether a tensor of that name exists.
	Has(name string) bool
}

// Sub returns a view of l that puts prefix before every name: Sub(l, "encoder.").Float32("norm.weight", d) reads "encoder.norm.weight".
func Sub(l Loader, prefix string) Loader {
	if prefix == "" {
		return l
	}
	if s, ok := l.(sub); ok {
		return sub{s.Loader, s.prefix + prefix}
	}
	return sub{l, prefix}
}

type sub struct {
	Loader
	prefix string
}

func (s sub) Float32(name string, shape ...int) ([]float32, error) {
	return s.Loader.Float32(s.prefix+name, shape...)
}

func (s sub) Has(name string) bool { return s.Loader.Has(s.prefix + name) }
