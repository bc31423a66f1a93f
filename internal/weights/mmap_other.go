//go:build !unix

package weights

import (
	"errors"
	"os"
)

func mapFile(*os.File, int64) ([]byte, func() error, error) { return nil, nil, errors.ErrUnsupported }
