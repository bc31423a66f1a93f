package weights

import (
	"fmt"

	"github.com/parley-go/parley/internal/kernel"
)

// Configure returns a Loader as the options of a model ask: precision is f32, bf16, int8, or "" for the usual one of its
// family; threads is how many threads one call may use, 0 for all.
func Configure(s Source, precision string, threads int, usual kernel.Precision) (Loader, error) {
	p := usual
	if precision != "" {
		var err error
		if p, err = kernel.ParsePrecision(precision); err != nil {
			return nil, err
		}
	}
	if threads < 0 {
		return nil, fmt.Errorf("%d threads: use 1 or more, or 0 for all", threads)
	}
	return WithThreads(As(s, p), threads), nil
}
