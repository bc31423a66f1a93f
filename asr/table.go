package asr

// hashTable maps pairs of integers to indices: open addressing, linear probing, emptied in constant time by a new generation.
// The searches use one for each frame.
type hashTable struct {
	slots      []hashSlot // a power of two
	generation uint32
	used       int
}

type hashSlot struct {
	a, b       uint64
	generation uint32
	value      int32
}

func (t *hashTable) clear() {
	t.generation++
	t.used = 0
	if t.generation == 0 { // wrapped around: old slots would look new
		clear(t.slots)
		t.generation = 1
	}
}

// at returns where the value of (a, b) is, and whether it was there before; a new one is 0. It lasts until the next call.
func (t *hashTable) at(a, b uint64) (value *int32, found bool) {
	if 2*t.used >= len(t.slots) {
		t.grow()
	}
	mask := uint64(len(t.slots) - 1)
	h := (a*0x9e3779b97f4a7c15 ^ b) * 0xff51afd7ed558ccd
	for i := h >> 32 & mask; ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.generation != t.generation {
			*s = hashSlot{a: a, b: b, generation: t.generation}
			t.used++
			return &s.value, false
		}
		if s.a == a && s.b == b {
			return &s.value, true
		}
	}
}

func (t *hashTable) grow() {
	old := *t
	t.slots = make([]hashSlot, max(1024, 2*len(old.slots)))
	t.generation, t.used = 1, 0
	for _, s := range old.slots {
		if s.generation == old.generation && old.generation != 0 {
			v, _ := t.at(s.a, s.b)
			*v = s.value
		}
	}
}
