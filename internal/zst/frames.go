package zst

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"

	"github.com/klauspost/compress/zstd"
)

// maxContent bounds what a frame may say that it holds, so that a short file cannot ask for endless memory.
const maxContent = 1 << 30

// maxHeader is the length of the longest header of a frame.
const maxHeader = 18

// maxBlock bounds a block, compressed or not (RFC 8878, 3.1.1.2.4).
const maxBlock = 128 << 10

// A frame is a part of a file that is decompressed by itself.
type frame struct {
	at, size     int64 // of its bytes in the file
	start, count int64 // of its content
}

// findFrames reads the headers of all frames and blocks in src, size bytes long.
func findFrames(src io.ReaderAt, size int64) ([]frame, error) {
	var frames []frame
	var at, start int64
	for at < size {
		f, err := findFrame(src, at, size)
		if err != nil {
			return nil, fmt.Errorf("frame at byte %d: %w", at, err)
		}
		f.start = start
		at, start = at+f.size, start+f.count
		if f.count > 0 {
			frames = append(frames, f)
		}
	}
	return frames, nil
}

// findFrame reads the headers of the frame at a byte of src.
func findFrame(src io.ReaderAt, at, size int64) (frame, error) {
	var buf [maxHeader]byte
	n, err := src.ReadAt(buf[:min(maxHeader, size-at)], at)
	if err != nil && err != io.EOF {
		return frame{}, err
	}
	var h zstd.Header
	if err := h.Decode(buf[:n]); err != nil {
		return frame{}, err
	}
	f := frame{at: at, size: int64(h.HeaderSize), count: int64(h.FrameContentSize)}
	switch {
	case h.Skippable:
		f.size += int64(h.SkippableSize)
	case !h.HasFCS:
		return frame{}, errors.New("it does not tell how long its content is: compress a file, not a pipe")
	case h.FrameContentSize > maxContent:
		return frame{}, fmt.Errorf("content of %d bytes, limit %d", h.FrameContentSize, maxContent)
	default:
		end, count, err := blocks(src, at+f.size, size)
		if err != nil {
			return frame{}, err
		}
		if f.count > count*maxBlock {
			return frame{}, fmt.Errorf("content of %d bytes in %d blocks", f.count, count)
		}
		f.size = end - at
		if h.HasCheckSum {
			f.size += 4
		}
	}
	if f.at+f.size > size {
		return frame{}, io.ErrUnexpectedEOF
	}
	return f, nil
}

// blocks returns where the blocks end that begin at a byte of src, and how many they are.
func blocks(src io.ReaderAt, at, size int64) (end, count int64, err error) {
	const rle = 1
	var buf [4]byte
	for last := false; !last; {
		if at+3 > size {
			return 0, 0, io.ErrUnexpectedEOF
		}
		if _, err := src.ReadAt(buf[:3], at); err != nil {
			return 0, 0, err
		}
		v := binary.LittleEndian.Uint32(buf[:])
		kind, n := v>>1&3, int64(v>>3)
		if kind > 2 || n > maxBlock {
			return 0, 0, fmt.Errorf("block of type %d and %d bytes", kind, n)
		}
		if kind == rle {
			n = 1
		}
		last, at, count = v&1 != 0, at+3+n, count+1
	}
	return at, count, nil
}

// frameOf returns the index of the frame that holds byte off of the content.
func frameOf(frames []frame, off int64) int {
	return sort.Search(len(frames), func(i int) bool { return off < frames[i].start+frames[i].count })
}
