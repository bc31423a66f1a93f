package weights

// Values returns how many numbers the tensors of the file hold.
func (f *File) Values() int64 {
	var n int64
	for _, t := range f.tensors {
		n += int64(t.count())
	}
	return n
}

// Values returns how many numbers the tensors of the checkpoint hold.
func (d *Dir) Values() int64 {
	var n int64
	for _, f := range d.files {
		n += f.Values()
	}
	return n
}

// Values returns how many numbers the tensors of the file hold.
func (g *GGML) Values() int64 {
	var n int64
	for _, t := range g.tensors {
		n += (t.hi - t.lo) / int64(t.kind.bytes) * int64(t.kind.block)
	}
	return n
}
