package vocoder

import (
	"os"
	"testing"
	"testing/fstest"
)

// FuzzOpen: whatever stands in vocoder.json, loading ends with a vocoder that works or with an error.
func FuzzOpen(f *testing.F) {
	config, err := os.ReadFile(golden + "/vocoder.json")
	if err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(golden + "/vocoder.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(config)
	f.Add([]byte(`{"kind": "harmonic-noise", "hop": 4, "fft": 16384}`))
	f.Fuzz(func(t *testing.T, config []byte) {
		h, err := OpenFS(fstest.MapFS{configFile: {Data: config}, weightsFile: {Data: data}})
		if err == nil {
			h.NewStream().Flush(nil)
		}
	})
}
