package main

import (
	"math"
	"runtime"

	"github.com/parley-go/parley/internal/cpu"
	"github.com/parley-go/parley/internal/kernel/peak"
)

// ceiling is one measured limit.
type ceiling struct {
	Name    string  `json:"name"` // an instruction, or reads
	Size    int     `json:"size,omitempty"`
	Threads int     `json:"threads"`
	Rate    float64 `json:"rate"` // operations or bytes per second
}

// measureRoof measures every kind of arithmetic, and reads of four sizes.
func measureRoof() []ceiling {
	var all []ceiling
	for threads := 1; threads <= 2; threads++ {
		runtime.GOMAXPROCS(threads)
		for _, l := range peak.Loops() {
			all = append(all, ceiling{l.String(), 0, threads, peak.Rate(l, threads)})
		}
		for _, size := range []int{1 << 20, 8 << 20, 32 << 20, 128 << 20} {
			all = append(all, ceiling{"reads", size, threads, peak.Read(size, threads)})
		}
	}
	return all
}

// roofs remembers what has been measured.
type roofs struct {
	rates map[rateKey]float64
	reads map[readKey]float64
}

type rateKey struct {
	loop    peak.Loop
	threads int
}

type readKey struct{ size, threads int }

// roof returns the least microseconds that the tier of this process needs for a task, and what sets them: "compute", or
// "memory" where reading weights and activations once takes longer. Where the peak is not known it returns 0.
func (r *roofs) roof(t Task) (float64, string) {
	size := t.Bytes + t.Wts*float64(width(t.Precision))
	reads := size / r.read(int(size), t.Threads)
	compute := 0.0
	if l, ok := loopOf(t); ok {
		compute = t.Ops / r.rate(l, t.Threads)
	}
	if math.IsInf(reads, 0) || math.IsInf(compute, 0) {
		return 0, ""
	}
	if compute > reads {
		return 1e6 * compute, "compute"
	}
	return 1e6 * reads, "memory"
}

// width is the size of a weight in bytes.
func width(precision string) int { return map[string]int{"f32": 4, "bf16": 2, "int8": 1}[precision] }

// loopOf returns the arithmetic that a task is made of, if it is made of one kind. Weights in bf16 are widened and
// multiplied as float32: VDPBF16PS has half the rate of VFMADD231PS.
func loopOf(t Task) (peak.Loop, bool) {
	tier := cpu.Current()
	switch {
	case t.Group == "rows":
		return 0, false
	case t.Precision == "int8" && tier == cpu.AMX:
		return peak.TilesInt8, true
	case t.Precision == "bf16" && tier == cpu.AMX:
		return peak.TilesBF16, true
	case t.Precision == "int8" && tier == cpu.AVX2 && !cpu.Has(tier).AVXVNNI:
		return peak.PairAVX2, true
	case t.Precision == "int8" && tier == cpu.AVX2:
		return peak.DotVEX, true
	case t.Precision == "int8" && tier >= cpu.AVX512 && cpu.Has(tier).VNNI:
		return peak.DotAVX512, true
	case tier == cpu.AVX2:
		return peak.FMAAVX2, true
	case tier >= cpu.AVX512:
		return peak.FMAAVX512, true
	}
	return 0, false
}

func (r *roofs) rate(l peak.Loop, threads int) float64 {
	key := rateKey{l, threads}
	if _, ok := r.rates[key]; !ok {
		r.rates[key] = peak.Rate(l, threads)
	}
	return r.rates[key]
}

// read returns the bytes per second at about the given size: to a twelfth, from 256 kB to 128 MB.
func (r *roofs) read(size, threads int) float64 {
	log := math.Round(8*math.Log2(float64(size))) / 8
	key := readKey{int(math.Exp2(min(max(log, 18), 27))), threads}
	if _, ok := r.reads[key]; !ok {
		r.reads[key] = peak.Read(key.size, threads)
	}
	return r.reads[key]
}
