// Package zst reads files that are kept in the Zstandard format (RFC 8878).
//
// FS gives the files of a model under their own names, whether they are there as they are or compressed: X as X.zst. Weights in 8 bits take
// a seventh less that way, as the values near zero are the most frequent and get the shortest codes.
//
// A file may consist of several frames, each of which is decompressed when something in it is asked for: whoever reads a checkpoint tensor by
// tensor never has all of it in memory. Each frame must tell how long its content is. zstd -d reads these files; training/compress.py writes them.
//
// frames.go finds the frames of a file, file.go reads it, fs.go finds the file.
package zst
