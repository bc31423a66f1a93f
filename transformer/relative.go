package transformer

import "math"

// relative adds a learned bias to each score, by head and by the bucket of the distance between key and query; far
// distances share buckets that widen with the logarithm (Raffel et al. 2020, arXiv:1910.10683, section 2.1).
type relative struct {
	table       Mat // (buckets, heads)
	maxDistance int // from here on all distances share one bucket
	both        bool
}

func loadRelative(f Loader, c Config) (*relative, error) {
	if c.Positions != RelativeBuckets {
		return nil, nil
	}
	data, err := f.Float32(param(c.Names.Positions, "weight"), c.Buckets, c.Heads)
	if err != nil {
		return nil, err
	}
	return &relative{MatOf(data, c.Buckets, c.Heads), c.MaxDistance, !c.OneSided}, nil
}

// bucket maps a distance, key position minus query position, to a row of the table.
func (r *relative) bucket(distance int) int {
	buckets, base := r.table.Rows, 0
	if r.both {
		buckets /= 2
		if distance > 0 {
			base = buckets
		}
		distance = max(distance, -distance)
	} else {
		distance = max(-distance, 0)
	}
	exact := buckets / 2
	if distance < exact {
		return base + distance
	}
	// float32 as in the reference implementation, so that boundaries fall alike
	far := float32(math.Log(float64(float32(distance)/float32(exact)))) / float32(math.Log(float64(r.maxDistance)/float64(exact)))
	return base + min(exact+int(far*float32(buckets-exact)), buckets-1)
}

// expandedBias is the bias of every head at distances -radius..radius.
type expandedBias struct {
	radius int
	data   Mat // (heads, 2*radius+1)
}

// expand makes b cover distances up to n.
func (r *relative) expand(b *expandedBias, n int) {
	if n <= b.radius && b.data.Rows > 0 {
		return
	}
	b.radius = max(n, 2*b.radius, 64)
	b.data = NewMat(r.table.Cols, 2*b.radius+1)
	for d := -b.radius; d <= b.radius; d++ {
		bucket := r.table.Row(r.bucket(d))
		for h, v := range bucket {
			b.data.Row(h)[d+b.radius] = v
		}
	}
}
