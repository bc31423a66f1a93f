package kernel

import (
	"math"
	"testing"
)

// TestQuantizedKeys: where keys are rounded the result is within 1 or 2 % of the exact one, also if all keys share a large part; rows that come later and rows that move are as good; nothing is allocated.
func TestQuantizedKeys(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		for _, dim := range []int{64, 40, 7} {
			const rows, keys, heads = 33, 700, 2
			r := newRand()
			width := heads * dim
			q, k, v := randoms(r, rows*width), randoms(r, keys*width), randoms(r, keys*width)
			for i := range k {
				k[i] += float32(i%dim%5) * 3
			}
			var exact, bytes, other KV
			bytes.RoundFor(Int8, Mask{})
			exact.Append(k, width, v, width, keys, heads, dim)
			bytes.Append(k, width, v, width, 600, heads, dim)
			bytes.Append(k[600*width:], width, v[600*width:], width, 100, heads, dim)
			other.Set(&bytes)
			want := attendAll(&exact, q, rows, heads, dim)
			for _, kv := range []*KV{&bytes, &other} {
				got := attendAll(kv, q, rows, heads, dim)
				var off, size float64
				for i := range want {
					off += math.Pow(float64(got[i]-want[i]), 2)
					size += math.Pow(float64(want[i]), 2)
				}
				e := math.Sqrt(off / size)
				t.Logf("dim %d, in bytes %v: error %.4f", dim, kv.bytes, e)
				most := 0.01
				if kv.tiled() {
					most = 0.02 // such keys keep their mean
				}
				if !(e < most) || (kv.bytes || kv.tiled()) && e == 0 {
					t.Errorf("dim %d, in bytes %v: error %.4f", dim, kv.bytes, e)
				}
			}
			if raceEnabled {
				continue
			}
			a := Attention{Heads: heads, Dim: dim, Scale: 1, Q: q, LdQ: width, Dst: make([]float32, rows*width), LdDst: width}
			if n := testing.AllocsPerRun(5, func() {
				bytes.Reset()
				bytes.Append(k, width, v, width, keys, heads, dim)
				a.Add(0, rows, 0, &bytes, 0, Mask{Chunk: 5, Left: -1})
				a.Run()
			}); n >= 1 {
				t.Errorf("%g allocations", n)
			}
		}
	})
}

func attendAll(kv *KV, q []float32, rows, heads, dim int) []float32 {
	dst := make([]float32, rows*heads*dim)
	a := Attention{Heads: heads, Dim: dim, Scale: float32(1 / math.Sqrt(float64(dim))), Q: q, LdQ: heads * dim, Dst: dst, LdDst: heads * dim}
	a.Add(0, rows, 0, kv, 0, Mask{})
	a.Run()
	return dst
}

// TestQuantizedKeysPropagateNaN: a key with NaN spoils every row, a query with NaN its own.
func TestQuantizedKeysPropagateNaN(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		const rows, keys, dim = 20, 100, 32
		r := newRand()
		q, k, v := randoms(r, rows*dim), randoms(r, keys*dim), randoms(r, keys*dim)
		q[3*dim+5] = nan
		var kv KV
		kv.RoundFor(Int8, Mask{})
		kv.Append(k, dim, v, dim, keys, 1, dim)
		for i, x := range attendAll(&kv, q, rows, 1, dim) {
			if (x != x) != (i/dim == 3) {
				t.Fatalf("[%d, %d] = %g", i/dim, i%dim, x)
			}
		}
		k[7*dim] = nan
		kv.Reset()
		kv.Append(k, dim, v, dim, keys, 1, dim)
		for i, x := range attendAll(&kv, q, rows, 1, dim) {
			if x == x {
				t.Fatalf("[%d, %d] = %g", i/dim, i%dim, x)
			}
		}
	})
}
