//go:build !purego

package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/parley-go/parley/internal/cpu"
)

// eachTileAttention is onTiles for attention.
func eachTileAttention(t *testing.T, test func(t *testing.T)) {
	onTiles(t, "amx_attend_amd64.s", func(run func(function string, job any)) {
		emulateTiles = func(*amxTiles, Precision) { t.Error("not a product") }
		emulateAttend = func(function string, job *amxAttend) { run(function, job) }
	}, test)
}

func TestAttentionOnTiles(t *testing.T) {
	full, causal := Mask{}, Mask{Chunk: 1, Left: -1}
	cases := []attendCase{
		{rows: 20, keys: 0, heads: 2, groups: 1, dim: 8},
		{rows: 5, keys: 300, heads: 2, groups: 2, dim: 33},
		{rows: 118, keys: 130, heads: 2, groups: 1, dim: 64},
		{rows: 70, keys: 70, heads: 2, groups: 1, dim: 32, mask: causal, bias: true},
		{rows: 70, keys: 270, heads: 2, groups: 1, dim: 40, mask: causal, pos: 200, bias: true},
		{rows: 48, keys: 100, heads: 2, groups: 1, dim: 16, mask: Mask{Chunk: 16, Left: 40}, pos: 160, kpos: 108, dropped: 41},
		{rows: 40, keys: 300, heads: 1, groups: 1, dim: 64, mask: Mask{Chunk: 40, Left: 200}, pos: 1000, kpos: 740, dropped: 5},
		{rows: 9, keys: 30, heads: 1, groups: 1, dim: 8, mask: Mask{Chunk: 4}, pos: 100, kpos: 104}, // some rows see nothing
		{rows: 33, keys: 300, heads: 1, groups: 1, dim: 64, size: 0.01},
		{rows: 17, keys: tilePanels*panelCols + 40, heads: 1, groups: 1, dim: 20, dropped: 7}, // two calls
		{rows: 17, keys: 2*tilePanels*panelCols + 3, heads: 1, groups: 1, dim: 20, mask: Mask{Chunk: 9, Left: 2100}, pos: 2300, size: 4},
	}
	eachTileAttention(t, func(t *testing.T) {
		r := newRand()
		for _, c := range cases {
			c.tiles = true
			if c.size == 0 {
				c.size = 1
			}
			c.run(t, r)
		}
		for _, rows := range []int{1, 15, 16, 17, 31, 33} {
			for _, keys := range []int{1, 15, 16, 31, 32, 33, 63, 64, 65, 97} {
				attendCase{rows: rows, keys: keys, heads: 1, groups: 1, dim: 1 + r.IntN(tileWidth), mask: full, size: 1, dropped: r.IntN(60), tiles: true}.run(t, r)
			}
			attendCase{rows: rows, keys: 1 + r.IntN(80), heads: 4, groups: 2, dim: 1 + r.IntN(40), size: 1, pos: r.IntN(40),
				mask: Mask{Chunk: 1 + r.IntN(9), Left: r.IntN(50) - 1}, bias: rows%2 == 0, tiles: true}.run(t, r)
		}
	})
}

// TestTopsRise: keys that match ever better make the weights overflow, and be computed anew: within a call and in a later one.
func TestTopsRise(t *testing.T) {
	eachTileAttention(t, func(t *testing.T) {
		const dim, rows = 32, 20
		for _, keys := range []int{300, 3 * tilePanels * panelCols} {
			r := newRand()
			q, k, v := randoms(r, rows*dim), make([]float32, keys*dim), randoms(r, keys*dim)
			for i := range rows {
				q[i*dim] = float32(4 + i%5)
			}
			for j := range keys {
				k[j*dim] = 8 * float32(j*32/keys)
			}
			roundBF16(q)
			roundBF16(v)
			var kv, exact KV
			kv.RoundFor(BF16, Mask{})
			kv.Append(k, dim, v, dim, keys, 1, dim)
			exact.Append(k, dim, v, dim, keys, 1, dim)
			got, want := attendAll(&kv, q, rows, 1, dim), attendAll(&exact, q, rows, 1, dim)
			for i := range want {
				if !within(got[i], float64(want[i]), 0.05) { // scores up to 2000/5.6 of which queries lose a bit
					t.Fatalf("%d keys: [%d, %d] = %g, want %g", keys, i/dim, i%dim, got[i], want[i])
				}
			}
		}
	})
}

func TestAttentionOnTilesPropagatesNaN(t *testing.T) {
	eachTileAttention(t, func(t *testing.T) {
		const rows, keys, dim = 20, 300, 64
		for _, bad := range []float32{nan, inf} {
			r := newRand()
			q, k, v := randoms(r, rows*dim), randoms(r, keys*dim), randoms(r, keys*dim)
			q[7*dim+3] = bad
			v[100*dim+5] = nan
			var kv KV
			kv.RoundFor(BF16, Mask{})
			spoiled := slices.Repeat([]float32{nan}, 40*dim)
			kv.Append(spoiled, dim, spoiled, dim, 40, 1, dim)
			kv.Append(k, dim, v, dim, keys, 1, dim)
			kv.Append(spoiled, dim, spoiled, dim, 40, 1, dim)
			kv.KeepFirst(40 + keys)
			kv.KeepLast(keys)
			for i, x := range attendAll(&kv, q, rows, 1, dim) {
				if want := i/dim == 7 || i%dim == 5; (x != x) != want {
					t.Fatalf("%g: [%d, %d] = %g", bad, i/dim, i%dim, x)
				}
			}
		}
	})
}

func TestKVInTiles(t *testing.T) {
	eachTileAttention(t, func(t *testing.T) {
		testKV(t, func(kv *KV) { kv.RoundFor(BF16, Mask{}) }, true)
		attendCase{rows: 1, keys: 1, heads: 1, groups: 1, dim: 1, size: 1, tiles: true}.run(t, newRand())
	})
}

// TestSetTiles compares the layout with its specification.
func TestSetTiles(t *testing.T) {
	if !slices.Contains(cpu.Tiers(), cpu.AMX) {
		t.Skip("NOT RUN: no AMX here")
	}
	r := rand.New(rand.NewPCG(3, 4))
	for dim := 1; dim <= tileWidth; dim++ {
		x, _ := guarded(t, randoms(r, 40*(dim+3)))
		for n := 1; n <= 16; n++ {
			for kind := range 3 {
				got, want := make([]uint32, 3000), make([]uint32, 3000)
				at := kind + 16 - n
				if kind < 2 {
					setTileValues(got[16*kind:], x, dim+3, dim, n, kind)
					setTileValuesGeneric(want[16*kind:], x, dim+3, dim, n, kind)
				} else {
					setTileKeys(got[at:], x, dim+3, dim, n)
					setTileKeysGeneric(want[at:], x, dim+3, dim, n)
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%d rows of %d, kind %d", n, dim, kind)
				}
			}
		}
	}
}

func TestAttentionOnTilesAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes sync.Pool drop values")
	}
	eachTileAttention(t, func(t *testing.T) {
		const rows, keys, dim = 40, 100, 64
		x := randoms(newRand(), keys*dim)
		a := Attention{Heads: 1, Dim: dim, Scale: 0.1, Q: x, LdQ: dim, Dst: make([]float32, rows*dim), LdDst: dim}
		var kv KV
		kv.RoundFor(Int8, Mask{Chunk: 32, Left: 64})
		run := func() {
			kv.KeepLast(10)
			kv.Append(x, dim, x, dim, keys, 1, dim)
			a.Add(0, rows, 10, &kv, 0, Mask{Chunk: 32, Left: 64})
			a.Run()
		}
		if emulateAttend != nil {
			run()
			emulateAttend = func(string, *amxAttend) {}
		}
		if n := testing.AllocsPerRun(20, run); n >= 1 {
			t.Errorf("%g allocations", n)
		}
	})
}
