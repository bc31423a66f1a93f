package kernel

import "fmt"

// Precision is how a weight matrix is stored, and with it how it is multiplied.
type Precision int

// The precisions. Sums are float32, or exact integers for Int8.
const (
	F32  Precision = iota // float32
	BF16                  // weights rounded to bfloat16, activations as they are
	Int8                  // weights in 8 bits with one scale per output, activations quantised row by row
)

var precisions = [...]string{"f32", "bf16", "int8"}

// String returns the name that ParsePrecision takes.
func (p Precision) String() string { return precisions[p] }

// ParsePrecision returns the precision of a name: f32, bf16 or int8.
func ParsePrecision(name string) (Precision, error) {
	for p, s := range precisions {
		if s == name {
			return Precision(p), nil
		}
	}
	return 0, fmt.Errorf("unknown precision %q: use f32, bf16 or int8", name)
}

// bytes is the size of a weight.
func (p Precision) bytes() int { return [...]int{4, 2, 1}[p] }

// xBytes is the size of an activation where it decides how many rows make a block. BF16 reads four bytes, but takes blocks
// of more rows than fit best: each one expands the panels anew.
func (p Precision) xBytes() int { return [...]int{4, 2, 1}[p] }

// tileRows returns the tallest tile of the tier.
func (p Precision) tileRows() int {
	if p == Int8 {
		return tileRowsInt8()
	}
	return tileRows()
}

// opsPerNs is about how fast a tier multiplies.
func (p Precision) opsPerNs() int {
	if p == Int8 {
		return opsPerNsInt8()
	}
	return flopsPerNs()
}
