package main

import "fmt"

// Shape is an operation on operands of fixed size.
type Shape struct {
	Group string `json:"group"` // a part of the table
	Of    string `json:"of"`    // the models and layers that have it
	Op    string `json:"op"`    // see ops.go

	M int `json:"m"`           // rows of the result: time steps, queries, beams
	K int `json:"k"`           // columns of x; of attention, the width of a head
	N int `json:"n"`           // columns of the result; of attention, the keys
	H int `json:"h,omitempty"` // heads
	R int `json:"r,omitempty"` // taps of a convolution
	D int `json:"d,omitempty"` // their distance; of an upsampling, rows made of each

	Ops   float64 `json:"ops"`   // arithmetic operations
	Bytes float64 `json:"bytes"` // operands in float32, each once; weights apart
	Wts   float64 `json:"wts"`   // weights, values
}

// Task is a shape to be measured.
type Task struct {
	Shape
	Precision string `json:"precision"`
	Threads   int    `json:"threads"`
}

// text is the size of the operation.
func (s Shape) text() string {
	switch s.Op {
	case "gemm":
		return fmt.Sprintf("%dx%dx%d", s.M, s.K, s.N)
	case "attention":
		return fmt.Sprintf("%d queries, %d keys, %d heads of %d", s.M, s.N, s.H, s.K)
	case "conv", "depthwise":
		return fmt.Sprintf("%d steps, %d to %d, %d taps, dilation %d", s.M, s.K, s.N, s.R, s.D)
	case "upsample":
		return fmt.Sprintf("%d steps to %d, %d to %d, %d taps", s.M, s.M*s.D, s.K, s.N, s.R)
	}
	return fmt.Sprintf("%s %dx%d", s.Op, s.M, s.N)
}

// has reports whether the operation differs in this precision from float32.
func (s Shape) has(precision string) bool {
	switch s.Op {
	case "gemm", "conv", "upsample":
		return true
	case "attention":
		return precision != "int8"
	}
	return precision == "f32"
}

func gemmShape(group, of string, m, k, n int) Shape {
	return Shape{Group: group, Of: of, Op: "gemm", M: m, K: k, N: n,
		Ops: 2 * float64(m*k) * float64(n), Bytes: 4 * float64(m*k+m*n), Wts: float64(k * n)}
}

func attentionShape(of string, queries, keys, heads int) Shape {
	const d = 64
	return Shape{Group: "attention", Of: of, Op: "attention", M: queries, N: keys, H: heads, K: d,
		Ops: 4 * float64(queries*keys) * float64(heads*d), Bytes: 8 * float64(queries*heads*d), Wts: 2 * float64(keys*heads*d)}
}

func convShape(of string, t, in, out, taps, dilation int) Shape {
	return Shape{Group: "conv", Of: of, Op: "conv", M: t, K: in, N: out, R: taps, D: dilation,
		Ops: 2 * float64(t*in) * float64(out*taps), Bytes: 4 * float64(t*in+t*out), Wts: float64(in * out * taps)}
}

func upsampleShape(of string, t, in, out, taps, stride int) Shape {
	return Shape{Group: "conv", Of: of, Op: "upsample", M: t, K: in, N: out, R: taps, D: stride,
		Ops: 2 * float64(t*in) * float64(out*taps), Bytes: 4 * float64(t*in+t*stride*out), Wts: float64(in * out * taps)}
}

func depthwiseShape(of string, t, channels, taps int) Shape {
	return Shape{Group: "conv", Of: of, Op: "depthwise", M: t, K: channels, N: channels, R: taps, D: 1,
		Ops: 2 * float64(t*channels*taps), Bytes: 8 * float64(t*channels), Wts: float64(channels * taps)}
}

func rowsShape(op, of string, m, n int) Shape {
	return Shape{Group: "rows", Of: of, Op: op, M: m, N: n, Ops: float64(m * n), Bytes: 8 * float64(m*n)}
}

// whisper is a size of Whisper: width and heads.
var whisper = []struct {
	name     string
	d, heads int
}{{"tiny", 384, 6}, {"base", 512, 8}, {"small", 768, 12}}

const vocabulary = 51865

var shapes = allShapes()

func allShapes() []Shape {
	var s []Shape
	for _, w := range whisper {
		s = append(s, gemmShape("gemm", w.name+" encoder, projection", 1500, w.d, w.d),
			gemmShape("gemm", w.name+" encoder, first of MLP", 1500, w.d, 4*w.d),
			gemmShape("gemm", w.name+" encoder, second of MLP", 1500, 4*w.d, w.d))
	}
	s = append(s,
		gemmShape("gemm", "ours, recogniser, MLP of a chunk", 32, 384, 1536),
		gemmShape("gemm", "ours, recogniser, MLP of a chunk", 32, 1536, 384),
		gemmShape("gemm", "ours, voice, MLP", 8, 192, 512),
		gemmShape("gemm", "ours, voice, MLP", 8, 512, 192),
		gemmShape("gemm", "ours, vocoder, block", 32, 192, 384),
		gemmShape("gemm", "ours, vocoder, gains", 32, 274, 2053),
		gemmShape("gemm", "Vocos, block", 938, 512, 1536),
		gemmShape("gemm", "Vocos, block", 938, 1536, 512))
	for _, m := range []int{1, 5} {
		for _, w := range whisper {
			s = append(s, gemmShape("gemv", w.name+" decoder, logits", m, w.d, vocabulary))
		}
		for _, w := range whisper {
			s = append(s, gemmShape("gemv", w.name+" decoder, projection", m, w.d, w.d),
				gemmShape("gemv", w.name+" decoder, MLP", m, w.d, 4*w.d),
				gemmShape("gemv", w.name+" decoder, MLP", m, 4*w.d, w.d))
		}
	}
	s = append(s, gemmShape("gemv", "ours, recogniser, logits", 4, 384, 6705))
	for _, w := range whisper {
		s = append(s, attentionShape(w.name+" encoder", 1500, 1500, w.heads))
	}
	for _, m := range []int{1, 5} {
		for _, w := range whisper {
			s = append(s, attentionShape(w.name+" decoder, cross", m, 1500, w.heads), attentionShape(w.name+" decoder, self", m, 448, w.heads))
		}
	}
	s = append(s, attentionShape("ours, recogniser, a chunk", 32, 352, 6),
		convShape("Whisper tiny, first", 3000, 80, 384, 3, 1),
		convShape("HiFi-GAN V1, first", 100, 80, 512, 7, 1))
	for i, c := range []int{256, 128, 64, 32} { // after upsampling by 8, 8, 2, 2
		t := 100 * []int{8, 64, 128, 256}[i]
		s = append(s, convShape("HiFi-GAN V1, residual", t, c, c, 3, 5), convShape("HiFi-GAN V1, residual", t, c, c, 11, 5))
	}
	return append(s,
		upsampleShape("HiFi-GAN V1, by 8", 100, 512, 256, 16, 8),
		upsampleShape("HiFi-GAN V1, by 8", 800, 256, 128, 16, 8),
		upsampleShape("HiFi-GAN V1, by 2", 12800, 64, 32, 4, 2),
		convShape("Vocos, first", 938, 100, 512, 7, 1),
		depthwiseShape("Vocos, block", 938, 512, 7),
		depthwiseShape("ours, voice", 16, 192, 7),
		rowsShape("softmax", "tiny encoder, a head", 1500, 1500),
		rowsShape("softmax", "logits", 5, vocabulary),
		rowsShape("layernorm", "tiny encoder", 1500, 384),
		rowsShape("layernorm", "small encoder", 1500, 768),
		rowsShape("gelu", "tiny encoder", 1500, 1536),
		rowsShape("gelu", "small encoder", 1500, 3072),
		Shape{Group: "rows", Of: "Whisper, 30 s", Op: "logmel", M: 3000, N: 80, Ops: 1, Bytes: 4 * (480000 + 3000*80)})
}
