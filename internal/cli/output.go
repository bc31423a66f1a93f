package cli

import (
	"io/fs"
	"os"
)

// Overwrites reports whether writing the file out would destroy one of the inputs before it is read. Names are paths;
// "-" is standard output or input. Only regular files count: terminals, devices and pipes can be both.
func (s Streams) Overwrites(out string, inputs ...string) bool {
	to := fileInfo(out, s.Out)
	if to == nil || !to.Mode().IsRegular() {
		return false
	}
	for _, name := range inputs {
		if from := fileInfo(name, s.In); from != nil && os.SameFile(from, to) {
			return true
		}
	}
	return false
}

// fileInfo describes the file called name, or for "-" the one behind std; nil if there is none.
func fileInfo(name string, std any) fs.FileInfo {
	stat := func() (fs.FileInfo, error) { return os.Stat(name) }
	if name == "-" {
		f, ok := std.(*os.File)
		if !ok {
			return nil
		}
		stat = f.Stat
	}
	info, err := stat()
	if err != nil {
		return nil
	}
	return info
}
