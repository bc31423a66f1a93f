package device_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"time"

	"github.com/parley-go/parley/audio/device"
)

// Record for three seconds, then play it back.
func Example() {
	ctx := context.Background()
	mic, err := device.Microphone(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	time.AfterFunc(3*time.Second, func() { mic.Close() })
	var sound []float32
	buf := make([]float32, 4096)
	for {
		n, err := mic.Read(buf)
		sound = append(sound, buf[:n]...)
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
	}
	out, err := device.Player(ctx, mic.Rate(), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer out.Close()
	if _, err := out.Write(sound); err != nil {
		log.Fatal(err)
	}
	if err := out.Drain(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("played", len(sound), "samples")
}
