package main

import (
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
