package tokenizer

import (
	"strconv"
	"strings"
)

// decoder rewrites pieces until, joined, they are text.
type decoder func(pieces []string) []string

func joinWith(pieces []string, by string) string { return strings.Join(pieces, by) }

func decodeAll(stages []decoder) decoder {
	return func(pieces []string) []string {
		for _, stage := range stages {
			pieces = stage(pieces)
		}
		return pieces
	}
}

// decodeByteLevel turns spelled bytes back into bytes. A piece with characters that spell no byte stands for itself.
func decodeByteLevel(pieces []string) []string {
	var b []byte
	for _, p := range pieces {
		start := len(b)
		for _, r := range p {
			c, ok := spelledByte[r]
			if !ok {
				b = append(b[:start], p...)
				break
			}
			b = append(b, c)
		}
	}
	return []string{lossy(string(b))}
}

// decodeMetaspace writes metaspaces as spaces; the first piece loses its own if strip is set.
func decodeMetaspace(replacement string, strip bool) decoder {
	return func(pieces []string) []string {
		out := make([]string, len(pieces))
		for i, p := range pieces {
			if i == 0 && strip {
				p = strings.TrimPrefix(p, replacement)
			}
			out[i] = strings.ReplaceAll(p, replacement, " ")
		}
		return out
	}
}

// decodeBytes joins runs of <0x..> pieces into text; a run that is not UTF-8 becomes one U+FFFD a byte.
func decodeBytes(pieces []string) []string {
	var out []string
	var run []byte
	flush := func() {
		switch text := string(run); {
		case text == "":
			return
		case lossy(text) == text:
			out = append(out, text)
		default:
			out = append(out, strings.Repeat("\ufffd", len(run)))
		}
		run = run[:0]
	}
	for _, p := range pieces {
		if len(p) == 6 && strings.HasPrefix(p, "<0x") && p[5] == '>' {
			if b, err := strconv.ParseUint(p[3:5], 16, 8); err == nil {
				run = append(run, byte(b))
				continue
			}
		}
		flush()
		out = append(out, p)
	}
	flush()
	return out
}

func decodeFuse(pieces []string) []string { return []string{strings.Join(pieces, "")} }

func decodeReplace(old, new string) decoder {
	return func(pieces []string) []string {
		out := make([]string, len(pieces))
		for i, p := range pieces {
			out[i] = strings.ReplaceAll(p, old, new)
		}
		return out
	}
}

// decodeStrip takes up to start and stop copies of content off the ends of each piece.
func decodeStrip(content string, start, stop int) decoder {
	return func(pieces []string) []string {
		out := make([]string, len(pieces))
		for i, p := range pieces {
			for n := 0; n < start && content != "" && strings.HasPrefix(p, content); n++ {
				p = p[len(content):]
			}
			for n := 0; n < stop && content != "" && strings.HasSuffix(p, content); n++ {
				p = p[:len(p)-len(content)]
			}
			out[i] = p
		}
		return out
	}
}
