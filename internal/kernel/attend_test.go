package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
)

// attendCase is one call of Attention with one group of rows.
type attendCase struct {
	rows, keys, heads, groups, dim int // groups: query heads per key head
	pos, kpos                      int
	mask                           Mask
	bias                           bool
	dropped                        int // rows forgotten at the front of the KV
	size                           float64
	half                           bool // keys and values in bf16
	tiles                          bool // the same in tiles; queries and weights are rounded too
}

func (c attendCase) run(t *testing.T, r *rand.Rand) {
	t.Helper()
	width, kw := c.heads*c.dim, c.heads/c.groups*c.dim
	ldq, ldk, ldv, ldd := width+r.IntN(4), kw+r.IntN(4), kw+r.IntN(4), width+r.IntN(4)
	qr, kr, vr := randoms(r, c.rows*width), randoms(r, c.keys*kw), randoms(r, c.keys*kw)
	Scale(kr, float32(c.size))
	q, _ := strided(t, rowsOf(qr, c.rows, width), ldq)
	k, _ := strided(t, rowsOf(kr, c.keys, kw), ldk)
	v, _ := strided(t, rowsOf(vr, c.keys, kw), ldv)
	dst, check := strided(t, rowsOf(make([]float32, c.rows*width), c.rows, width), ldd)
	a := Attention{Heads: c.heads, Dim: c.dim, Scale: 0.3, Q: q, LdQ: ldq, Dst: dst, LdDst: ldd}
	if c.bias {
		a.Radius = c.pos + c.kpos + c.rows + c.keys
		a.Bias = randoms(r, c.heads*(2*a.Radius+1))
	}
	var kv KV
	if c.tiles {
		kv.RoundFor(BF16, Mask{})
	} else if c.half {
		kv.SetPrecision(BF16)
	}
	if c.half || c.tiles {
		roundBF16(kr)
		roundBF16(vr)
	}
	if c.dropped > 0 {
		junk := randoms(r, c.dropped*kw)
		kv.Append(junk, kw, junk, kw, c.dropped, c.heads/c.groups, c.dim)
	}
	for at := 0; at < c.keys; { // in pieces
		n := min(1+r.IntN(100), c.keys-at)
		kv.Append(k[at*ldk:], ldk, v[at*ldv:], ldv, n, c.heads/c.groups, c.dim)
		at += n
	}
	kv.KeepLast(c.keys)
	a.Add(0, c.rows, c.pos, &kv, c.kpos, c.mask)
	a.Run()
	check()
	for i := range c.rows {
		for h := range c.heads {
			want, bound := c.reference(&a, qr[i*width+h*c.dim:], kr, vr, kw, i, h)
			for j := range want {
				if got := dst[i*ldd+h*c.dim+j]; !within(got, want[j], bound[j]) {
					t.Fatalf("%+v: row %d, head %d, [%d] = %g, want %g, error %g, bound %g", c, i, h, j, got, want[j], float64(got)-want[j], bound[j])
				}
			}
		}
	}
}

func roundBF16(x []float32) {
	for i, v := range x {
		x[i] = bf16Value(bf16Bits(v))
	}
}

// reference computes one row of one head in float64, and what rounding may do to it: to the scores, then to the sums.
func (c attendCase) reference(a *Attention, q, k, v []float32, stride, i, h int) (want, bound []float64) {
	want, bound = make([]float64, c.dim), make([]float64, c.dim)
	lo, hi := c.mask.Span(c.pos + i)
	lo, hi = max(lo-c.kpos, 0), min(hi-c.kpos, c.keys)
	scores, top, doubt := make([]float64, c.keys), math.Inf(-1), 0.0
	for j := lo; j < hi; j++ {
		var s, size float64
		for l := range c.dim {
			p := float64(q[l]) * float64(k[j*stride+h/c.groups*c.dim+l])
			s, size = s+p, size+math.Abs(p)
		}
		scores[j] = 0.3 * s
		size *= 0.3
		if a.Bias != nil {
			b := float64(a.Bias[h*(2*a.Radius+1)+a.Radius+c.kpos+j-c.pos-i])
			scores[j] += b
			size += math.Abs(b)
		}
		top, doubt = max(top, scores[j]), max(doubt, size*(float64(c.dim+8)*u+c.rounding()))
	}
	var sum float64
	for j := lo; j < hi; j++ {
		scores[j] = math.Exp(scores[j] - top)
		sum += scores[j]
	}
	for j := lo; j < hi; j++ {
		for l := range c.dim {
			p := scores[j] / sum * float64(v[j*stride+h/c.groups*c.dim+l])
			want[l] += p
			bound[l] += math.Abs(p) * (math.Expm1(2*doubt) + float64(hi-lo+16)*u + 2*c.rounding())
		}
	}
	return want, bound
}

// rounding is the relative error of what is rounded to bf16: of queries, and of weights, with less than as much again from
// the polynomial and for their sum.
func (c attendCase) rounding() float64 {
	if c.tiles {
		return 1.0 / (1 << 8)
	}
	return 0
}

func TestAttention(t *testing.T) {
	full, causal := Mask{}, Mask{Chunk: 1, Left: -1}
	cases := []attendCase{
		{rows: 1, keys: 1, heads: 1, groups: 1, dim: 1},
		{rows: 1, keys: 300, heads: 2, groups: 1, dim: 64},
		{rows: 5, keys: 1100, heads: 2, groups: 2, dim: 33},
		{rows: 118, keys: 530, heads: 1, groups: 1, dim: 64},
		{rows: 20, keys: 0, heads: 2, groups: 1, dim: 8},
		{rows: 70, keys: 70, heads: 2, groups: 1, dim: 32, mask: causal, bias: true},
		{rows: 70, keys: 270, heads: 2, groups: 1, dim: 40, mask: causal, pos: 200, bias: true},
		{rows: 7, keys: 67, heads: 2, groups: 1, dim: 64, mask: causal, pos: 60},
		{rows: 48, keys: 100, heads: 2, groups: 1, dim: 16, mask: Mask{Chunk: 16, Left: 40}, pos: 160, kpos: 108, dropped: 41},
		{rows: 40, keys: 300, heads: 1, groups: 1, dim: 64, mask: Mask{Chunk: 40, Left: 200}, pos: 1000, kpos: 740, dropped: 5},
		{rows: 9, keys: 30, heads: 1, groups: 1, dim: 8, mask: Mask{Chunk: 4}, pos: 100, kpos: 104}, // some rows see nothing
		{rows: 33, keys: 300, heads: 1, groups: 1, dim: 64, mask: full, size: 30},                   // weights underflow
	}
	eachTier(t, func(t *testing.T) {
		r := newRand()
		for _, c := range cases {
			if c.size == 0 {
				c.size = 1
			}
			c.run(t, r)
			c.half = true
			c.run(t, r)
		}
		for rows := 1; rows <= 30; rows++ {
			attendCase{rows: rows, keys: 1 + r.IntN(200), heads: 1, groups: 1, dim: 1 + r.IntN(70), mask: full, size: 1, dropped: r.IntN(60)}.run(t, r)
			attendCase{rows: rows, keys: 1 + r.IntN(200), heads: 1, groups: 1, dim: 1 + r.IntN(70), mask: full, size: 1, dropped: r.IntN(60), half: true}.run(t, r)
			attendCase{rows: rows, keys: 1 + r.IntN(80), heads: 4, groups: 2, dim: 1 + r.IntN(40), size: 1, pos: r.IntN(40),
				mask: Mask{Chunk: 1 + r.IntN(9), Left: r.IntN(50) - 1}, bias: rows%2 == 0}.run(t, r)
		}
	})
}

// TestKV appends, forgets and copies at random, beside a list of rows.
func TestKV(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		testKV(t, func(*KV) {}, false)
		testKV(t, func(kv *KV) { kv.SetPrecision(BF16) }, true)
	})
}

func testKV(t *testing.T, set func(*KV), isRounded bool) {
	const heads, dim = 2, 35
	r := newRand()
	var kv, other KV
	set(&kv)
	var want [][]float32
	for step := range 400 {
		switch r.IntN(8) {
		case 0:
			n := r.IntN(len(want) + 5)
			want = want[:min(n, len(want))]
			kv.KeepFirst(n)
		case 1, 2:
			n := r.IntN(len(want) + 5)
			want = want[max(len(want)-n, 0):]
			kv.KeepLast(n)
		case 3:
			other.Set(&kv)
			kv, other = other, kv
		default:
			rows := r.IntN(40)
			x := randoms(r, rows*heads*dim)
			kv.Append(x, heads*dim, x, heads*dim, rows, heads, dim)
			if isRounded {
				roundBF16(x)
			}
			want = append(want, rowsOf(x, rows, heads*dim)...)
		}
		if kv.Len() != len(want) {
			t.Fatalf("step %d: %d rows, want %d", step, kv.Len(), len(want))
		}
		for i, row := range want {
			for j := i % 7; j < len(row); j += 7 {
				v, h, l, at := row[j], j/dim, j%dim, kv.off+i
				if key, value := kv.at(h, l, at); key != v || value != v {
					t.Fatalf("step %d: row %d of %d: key %g, value %g, want %g", step, i, len(want), key, value, v)
				}
			}
		}
		if kv.tiled() {
			onlyKept(t, &kv)
		}
		if kv.Space() > 20*(kv.n+100) && step > 200 {
			t.Fatalf("space for %d rows, %d kept", kv.space, kv.n)
		}
		if n := len(want); n > 0 && step%30 == 0 {
			q, scores := randoms(r, 3*dim), make([]float32, 3*n)
			kv.Scores(scores, n, q, dim, 3, 1, 0.5)
			for i := range scores {
				var s, size float64
				for l := range dim {
					s += 0.5 * float64(q[i/n*dim+l]) * float64(want[i%n][dim+l])
					size += math.Abs(float64(q[i/n*dim+l]) * float64(want[i%n][dim+l]))
				}
				if !within(scores[i], s, 10*u*size) {
					t.Fatalf("score %d: %g, want %g", i, scores[i], s)
				}
			}
		}
	}
}

// onlyKept fails unless the other rows of panels with kept rows are zero.
func onlyKept(t *testing.T, c *KV) {
	t.Helper()
	for at := c.off / panelCols * panelCols; c.n > 0 && at < roundUp(c.off+c.n, panelCols); at++ {
		for l := 0; l < c.heads*c.dim && (at < c.off || at >= c.off+c.n); l++ {
			if k, v := c.at(l/c.dim, l%c.dim, at); k != 0 || v != 0 {
				t.Fatalf("row %d, not in %d..%d, is (%g, %g)", at, c.off, c.off+c.n, k, v)
			}
		}
	}
}

// at returns element l of the key and the value in row at of the space.
func (c *KV) at(h, l, at int) (key, value float32) {
	p, col := at/panelCols, at%panelCols
	if c.tiled() {
		word, pair := c.keyAt(h, at)[l/2*16], c.valueAt(h, at)[l/16*tileWords+l%16]
		return bf16Value(uint16(word >> (l % 2 * 16))), bf16Value(uint16(pair >> (at % 2 * 16)))
	}
	if !c.half {
		return c.panel(h, p)[l*panelCols+col], c.values(h, at)[l/panelCols*panelCols*c.space+l%panelCols]
	}
	var k, v [panelCols]float32
	attendExpandGeneric(k[:], c.panel16(h, p)[l*panelCols/2:], 1)
	attendExpandGeneric(v[:], c.values16(h, at)[l/panelCols*panelCols*c.space/2:], 1)
	return k[col], v[l%panelCols]
}

// TestHalve: special values and ties round as bf16Bits does, in every tier.
func TestHalve(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		r := newRand()
		x, _ := guarded(t, randoms(r, 96))
		for i, bits := range []uint32{0x7f800000, 0xff800000, 0x7fffffff, 0x7f800001, 0x3f808000, 0x3f818000, 0x3f808001, 0x7f7fffff, 0x80000001} {
			x[5*i] = math.Float32frombits(bits)
		}
		words, back := make([]uint32, 48), make([]float32, 96)
		attendHalve(words, x, 3)
		attendExpand(back, words, 3)
		roundBF16(x)
		sameBits(t, "attendHalve", back, x)
	})
}

func TestAttentionPropagatesNaN(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		const rows, keys, dim = 20, 300, 64
		for _, bad := range []float32{nan, inf} {
			r := newRand()
			q, k, v, dst := randoms(r, rows*dim), randoms(r, keys*dim), randoms(r, keys*dim), make([]float32, rows*dim)
			q[7*dim+3] = bad
			v[100*dim+5] = nan
			var kv KV
			kv.Append(k, dim, v, dim, keys, 1, dim)
			a := Attention{Heads: 1, Dim: dim, Scale: 1, Q: q, LdQ: dim, Dst: dst, LdDst: dim}
			a.Add(0, rows, 0, &kv, 0, Mask{})
			a.Run()
			for i, x := range dst {
				if want := i/dim == 7 || i%dim == 5; (x != x) != want {
					t.Fatalf("%g: [%d, %d] = %g", bad, i/dim, i%dim, x)
				}
			}
		}
	})
}

// TestExp2 covers the exponentials of attention: relative error <= 3u down to -126, and 0 or nearly below.
func TestExp2(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		var x []float32
		for v := 0.0; v > -130; v -= 0.00113 {
			x = append(x, float32(v))
		}
		for v := 1e-38; v < 1e38; v *= 1.02 {
			x = append(x, float32(-v))
		}
		x = append(x, negInf, -126, -127)
		got := append([]float32(nil), x...)
		top, sum, decay := []float32{0}, []float32{0}, []float32{0}
		attendExp(got, len(got), len(got), 1, top, sum, decay)
		total := 0.0
		for i, v := range x {
			want := math.Exp2(float64(v))
			bound := 3 * u * want
			if v < -126 {
				bound = 1.2e-38
			}
			if !within(got[i], want, bound) {
				t.Fatalf("2^%g = %g, want %g", v, got[i], want)
			}
			total += want
		}
		if top[0] != 0 || decay[0] != 1 || !within(sum[0], total, 1e-4*total) {
			t.Fatalf("top %g, decay %g, sum %g, want %g", top[0], decay[0], sum[0], total)
		}
		for _, n := range lengths[1:] {
			y := make([]float32, n)
			for i := range y {
				y[i] = -float32(i) - 3
			}
			y, check := guarded(t, y)
			top[0], sum[0] = -2, 4
			if n%2 == 0 {
				y[n-1] = 1
				top[0] = 0
			}
			want, wantTop := 0.0, max(float64(top[0]), float64(maxOf(y)))
			for _, v := range y {
				want += math.Exp2(float64(v) - wantTop)
			}
			want += 4 * math.Exp2(float64(top[0])-wantTop)
			attendExp(y, n, n, 1, top, sum, decay)
			check()
			if float64(top[0]) != wantTop || !within(sum[0], want, 1e-6*want) {
				t.Fatalf("length %d: top %g, sum %g, want %g, %g", n, top[0], sum[0], wantTop, want)
			}
		}
	})
}

// FuzzAttention makes a call of bytes and compares it with float64.
func FuzzAttention(f *testing.F) {
	f.Add([]byte{3, 40, 2, 1, 7, 5, 5, 3, 4, 1, 9}, uint64(1))
	f.Add([]byte{20, 200, 1, 1, 64, 0, 0, 0, 0, 0, 70}, uint64(2))
	f.Fuzz(func(t *testing.T, b []byte, seed uint64) {
		if len(b) < 11 {
			return
		}
		groups := 1 + int(b[3])%3
		c := attendCase{
			rows: 1 + int(b[0])%64, keys: int(b[1]) * (1 + int(b[9])%4), heads: groups * (1 + int(b[2])%2), groups: groups, dim: 1 + int(b[4])%80,
			pos: int(b[5]), kpos: int(b[6]), mask: Mask{Chunk: int(b[7]) % 40, Left: int(b[8]) - 1}, bias: b[9]&4 > 0, half: b[9]&8 > 0,
			dropped: int(b[10]) % 80, size: 1,
		}
		eachTier(t, func(t *testing.T) { c.run(t, rand.New(rand.NewPCG(seed, 3))) })
	})
}

// TestAttentionTogether: goroutines share a KV, groups of rows with KVs of their own share a call, and nothing is allocated.
func TestAttentionTogether(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		const heads, dim, width, rows = 3, 32, 96, 40
		r := newRand()
		x := randoms(r, 700*width)
		kvs := make([]KV, 4)
		for i := range kvs {
			kvs[i].SetPrecision(Precision(i % 2))
			if i == 3 {
				kvs[i].RoundFor(BF16, Mask{})
			}
			kvs[i].Append(x[i*width:], width, x[i*7*width:], width, 150*i, heads, dim)
		}
		run := func(a *Attention) {
			for i := range kvs {
				a.Add(i*10, i*10+10, 100, &kvs[i], 0, Mask{Chunk: i, Left: -1})
			}
			a.Run()
		}
		call := func() *Attention {
			return &Attention{Heads: heads, Dim: dim, Scale: 0.2, Q: x, LdQ: width, Dst: make([]float32, rows*width), LdDst: width}
		}
		want := call()
		run(want)
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				a := call()
				for range 5 {
					clear(a.Dst)
					run(a)
					for i, v := range a.Dst {
						if v != want.Dst[i] {
							t.Errorf("[%d] = %g, want %g", i, v, want.Dst[i])
							return
						}
					}
				}
			})
		}
		wait.Wait()
		if raceEnabled {
			return // the race detector makes sync.Pool drop values
		}
		if n := testing.AllocsPerRun(5, func() { run(want) }); n >= 1 {
			t.Errorf("Run: %g allocations", n)
		}
		kv := &kvs[1]
		if n := testing.AllocsPerRun(5, func() { kv.Reset(); kv.Append(x, width, x, width, 150, heads, dim) }); n >= 1 {
			t.Errorf("Append: %g allocations", n)
		}
	})
}

func BenchmarkAttention(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, s := range [][3]int{{1500, 1500, 6}, {1500, 1500, 8}, {1, 1500, 8}, {5, 1500, 8}, {16, 144, 4}, {1, 448, 8}} {
		m, n, heads := s[0], s[1], s[2]
		const dim = 64
		x := randoms(r, max(m, n)*3*heads*dim)
		dst := make([]float32, m*heads*dim)
		var kv KV
		ld := 3 * heads * dim
		pack := func() {
			kv.Reset()
			kv.Append(x[heads*dim:], ld, x[2*heads*dim:], ld, n, heads, dim)
		}
		a := Attention{Heads: heads, Dim: dim, Scale: 0.125, Q: x, LdQ: ld, Dst: dst, LdDst: heads * dim}
		pack()
		b.Run(fmt.Sprintf("%dx%dx%d", m, n, heads), func(b *testing.B) {
			for b.Loop() {
				if m > 100 {
					pack()
				}
				a.Add(0, m, 0, &kv, 0, Mask{})
				a.Run()
			}
			perSecond(b, 4*m*n*heads*dim, "GFLOP/s")
			perSecond(b, 8*n*heads*dim, "GB/s")
		})
	}
}
