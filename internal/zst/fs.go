package zst

import (
	"errors"
	"io/fs"
)

// Suffix ends the name of a compressed file.
const Suffix = ".zst"

// FS returns fsys with the content of each file X.zst as file X too, where there is no file X. Errors about it name the compressed file. Its
// folders list what fsys has.
func FS(fsys fs.FS) fs.FS { return files{fsys} }

type files struct{ fs.FS }

func (s files) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	packed, other := s.FS.Open(name + Suffix)
	if errors.Is(other, fs.ErrNotExist) {
		return nil, err
	} else if other != nil {
		return nil, other
	}
	return asFile(open(packed, name))
}

// asFile keeps a nil *file from becoming a fs.File that is not nil.
func asFile(f *file, err error) (fs.File, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}
