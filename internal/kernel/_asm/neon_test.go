package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"golang.org/x/arch/arm64/arm64asm"
)

// TestWords decodes every encoded instruction of the committed assembly: it must be what its comment says.
func TestWords(t *testing.T) {
	files, err := filepath.Glob("../*_arm64.s")
	if err != nil {
		t.Fatal(err)
	}
	var text []byte
	for _, name := range files {
		code, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, code...)
	}
	words := regexp.MustCompile(`WORD \$0x([0-9a-f]{8}) // (.*)`).FindAllSubmatch(text, -1)
	if len(words) == 0 {
		t.Fatal("no encoded instruction found")
	}
	for _, w := range words {
		bits, err := strconv.ParseUint(string(w[1]), 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.HasPrefix(w[2], []byte("SDOT")) {
			continue // TestSDOT
		}
		inst, err := arm64asm.Decode(binary.LittleEndian.AppendUint32(nil, uint32(bits)))
		if err != nil {
			t.Errorf("%s: %v", w[0], err)
			continue
		}
		if got := arm64asm.GoSyntax(inst, 0, nil, nil); got != string(w[2]) {
			t.Errorf("0x%s is %s, not %s", w[1], got, w[2])
		}
	}
}

// TestSDOT compares with encodings by hand, from the Arm ARM (DDI 0487), C7.2 "SDOT (by element)", and then the committed
// assembly with its comments: the disassembler does not know the instruction.
func TestSDOT(t *testing.T) {
	for _, c := range []struct{ m, lane, n, d, want int }{
		{0, 0, 0, 0, 0x4f80e000}, {2, 0, 1, 0, 0x4f82e020}, {25, 3, 30, 3, 0x4fb9ebc3}, {24, 1, 31, 23, 0x4fb8e3f7}, {29, 2, 30, 0, 0x4f9debc0},
	} {
		if got := sdotWord(c.m, c.lane, c.n, c.d); got != c.want {
			t.Errorf("SDOT V%d.B[%d], V%d.B16, V%d.S4 = %#x, want %#x", c.m, c.lane, c.n, c.d, got, c.want)
		}
	}
	text, err := os.ReadFile("../int8_arm64.s")
	if err != nil {
		t.Fatal(err)
	}
	words := regexp.MustCompile(`WORD \$0x([0-9a-f]{8}) // SDOT V(\d+)\.B\[(\d)\], V(\d+)\.B16, V(\d+)\.S4\n`).FindAllSubmatch(text, -1)
	if len(words) == 0 || len(words) != bytes.Count(text, []byte("// SDOT")) {
		t.Fatalf("%d of %d encodings understood", len(words), bytes.Count(text, []byte("// SDOT")))
	}
	for _, w := range words {
		var f [5]int
		for i := range f {
			n, err := strconv.ParseUint(string(w[i+1]), map[bool]int{true: 16, false: 10}[i == 0], 32)
			if err != nil {
				t.Fatal(err)
			}
			f[i] = int(n)
		}
		if want := sdotWord(f[1], f[2], f[3], f[4]); f[0] != want {
			t.Errorf("%s: want %#x", w[0], want)
		}
	}
}
