//go:build (!linux && !portaudio) || (portaudio && !cgo)

package device

import "context"

func openInput(context.Context, Options) (*Input, error)  { return nil, ErrUnsupported }
func openOutput(context.Context, Options) (player, error) { return nil, ErrUnsupported }
func listDevices(context.Context) ([]Info, error)         { return nil, ErrUnsupported }
