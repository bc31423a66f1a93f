// Package weights reads model weights from safetensors files (https://huggingface.co/docs/safetensors).
//
// Open, OpenFS and Parse check the whole header, which is never trusted: every tensor must lie inside the file, tile it
// without overlap, and be as long as its type and shape say, before a single value is read. File.Float32 then reads one
// tensor, converted to float32, into a slice of the caller's own, which outlives Close. Open maps the file where the system
// can; a file in an embed.FS is read piece by piece. A caller states each tensor's shape; an error names file, tensor, want
// and got.
//
// Matrices may be stored in 8 bits: tensor X.weight of type I8 in its usual shape (out, ...), and X.weight.scale, F32 (out), one scale for
// each output. They are read like any other; a Loader in kernel.Int8 takes the bytes as they are, other precisions take scale times byte.
//
// A Loader also packs matrices for the kernels in the precision that As chose, straight from the mapped bytes. OpenDir opens
// a checkpoint in one file or in several with an index.
//
// Read in this order: loader.go (what a model's loading code sees), configure.go, dir.go (sharded checkpoints), file.go (opening, reading) with mmap_unix.go, header.go (the checks),
// convert.go (element types), int8.go (8 bits with scales), pages.go (memory), writer.go (the reverse, for tests and tools). ggml.go is the same for files of
// whisper.cpp, with ggmlparse.go, ggmlblocks.go, ggmlnames.go, ggmlwriter.go.
package weights
