package peak

import (
	"slices"
	"sync"
	"time"
)

// Loop is a kind of arithmetic on registers.
type Loop int

// The loops. The numbers in brackets are operations per instruction; a multiplication and its addition count as two.
const (
	FMAAVX2   Loop = iota // VFMADD231PS on 256 bits (16)
	FMAAVX512             // VFMADD231PS on 512 bits (32)
	PairAVX2              // VPMADDUBSW, VPMADDWD and VPADDD on 256 bits (64 by the three)
	DotVEX                // VPDPBUSD on 256 bits, AVX-VNNI (64)
	DotAVX512             // VPDPBUSD on 512 bits (128)
	BF16                  // VDPBF16PS on 512 bits (64)
	TilesBF16             // TDPBF16PS on full tiles of AMX (16384)
	TilesInt8             // TDPBSSD on full tiles of AMX (32768)
)

var names = [...]string{"fma256", "fma512", "maddubs256", "vpdpbusd256", "vpdpbusd512", "vdpbf16ps512", "tdpbf16ps", "tdpbssd"}

// String returns the instruction and its width.
func (l Loop) String() string { return names[l] }

// Loops returns those that this processor and build have.
func Loops() []Loop { return loops() }

const (
	runs   = 7
	runFor = 4 * time.Millisecond
)

// Rate returns the operations per second of l on so many threads at once: the best of seven runs. It returns 0 if the
// processor lacks l.
func Rate(l Loop, threads int) float64 {
	if !slices.Contains(loops(), l) {
		return 0
	}
	const passes = 2000 // some tens of microseconds: the scheduler waits no longer than that
	return best(threads, func(int) float64 { arithmetic(l, passes); return passes * float64(operations(l)) })
}

// Read returns the bytes per second that threads threads read together, each its share of size bytes over and over: the
// best of seven runs. It returns 0 where there is no loop for it.
func Read(size, threads int) float64 {
	const step = 128 << 10 // a call of the assembly
	share := max(size/threads/step, 1) * step
	buffers := make([][]byte, threads)
	for i := range buffers {
		buffers[i] = make([]byte, share+4096)
		for j := 0; j < len(buffers[i]); j += 1024 {
			buffers[i][j] = 1 // a page of its own, not the shared page of zeros
		}
	}
	if !canRead() {
		return 0
	}
	return best(threads, func(thread int) float64 {
		for at := 0; at < share; at += step {
			read(buffers[thread][at : at+step])
		}
		return float64(share)
	})
}

// best runs work over and over on every thread at once, and returns the best over runs of the sum over the threads
// of what work returns per second.
func best(threads int, work func(thread int) float64) float64 {
	rates := make([]float64, runs)
	for r := range rates {
		each := make([]float64, threads)
		var start, done sync.WaitGroup
		start.Add(threads)
		for t := range threads {
			done.Go(func() {
				work(t)
				start.Done()
				start.Wait()
				sum, begin := 0.0, time.Now()
				for time.Since(begin) < runFor {
					sum += work(t)
				}
				each[t] = sum / time.Since(begin).Seconds()
			})
		}
		done.Wait()
		for _, v := range each {
			rates[r] += v
		}
	}
	return slices.Max(rates)
}
