package transformer

import (
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
)

// TestThreadsOfAModel: a model of one thread starts no worker, however large its products. A process of its own, in which
// nothing else has started any.
func TestThreadsOfAModel(t *testing.T) {
	const child = "PARLEY_TEST_THREADS"
	if os.Getenv(child) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestThreadsOfAModel$", "-test.v")
		cmd.Env = append(os.Environ(), child+"=1")
		out, err := cmd.CombinedOutput()
		if errors.Is(err, syscall.ENOEXEC) {
			t.Skip("run by an emulator: the system cannot start this program by itself")
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	runtime.GOMAXPROCS(4)
	before := runtime.NumGoroutine()
	for _, p := range []Precision{F32, BF16, Int8} {
		f := WithThreads(As(randomWeights{}, p), 1)
		c := Config{D: 128, Heads: 2, Layers: 1, FFN: 512, ConvKernel: 3, ConvCentred: true}
		e := must(LoadEncoder(f, "", c))(t)
		x := randomMat(rand.New(rand.NewPCG(1, 1)), 400, 128)
		y := e.Forward(x, Mask{})
		c.ConvKernel = 0
		d := must(LoadDecoder(f, "decoder.", DecoderConfig{Config: c, Vocab: 3000, Cross: true}))(t)
		s := d.NewState(y, 5)
		d.Logits(s, d.Step(s, []int{1, 2, 3, 4, 5}))
		conv := must(LoadConv1d(f, "conv", ConvConfig{In: 128, Out: 256, Kernel: 3}))(t)
		conv.Forward(y)
	}
	if after := runtime.NumGoroutine(); after != before {
		t.Errorf("%d goroutines became %d", before, after)
	}
	e := must(LoadEncoder(As(randomWeights{}, F32), "", Config{D: 128, Heads: 2, Layers: 1, FFN: 512}))(t)
	e.Forward(randomMat(rand.New(rand.NewPCG(1, 1)), 400, 128), Mask{})
	if runtime.NumGoroutine() == before {
		t.Error("a model of any number of threads started no worker: this test tests nothing")
	}
}
