package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// TestVEX holds the encoder against encodings of the GNU assembler ({vex} vpdpbusd, operands in its order).
func TestVEX(t *testing.T) {
	for _, c := range []struct {
		s8, u8, acc int
		want        [5]byte
	}{
		{1, 2, 3, [5]byte{0xc4, 0xe2, 0x6d, 0x50, 0xd9}},
		{15, 2, 3, [5]byte{0xc4, 0xc2, 0x6d, 0x50, 0xdf}},
		{1, 15, 3, [5]byte{0xc4, 0xe2, 0x05, 0x50, 0xd9}},
		{1, 2, 15, [5]byte{0xc4, 0x62, 0x6d, 0x50, 0xf9}},
		{8, 9, 10, [5]byte{0xc4, 0x42, 0x35, 0x50, 0xd0}},
		{0, 0, 0, [5]byte{0xc4, 0xe2, 0x7d, 0x50, 0xc0}},
	} {
		if got := vexVPDPBUSD(c.s8, c.u8, c.acc); got != c.want {
			t.Errorf("VPDPBUSD Y%d, Y%d, Y%d = % x, want % x", c.s8, c.u8, c.acc, got, c.want)
		}
	}
}

// TestVEXComments demands that encoded instructions of the committed assembly are what their comments say.
func TestVEXComments(t *testing.T) {
	text, err := os.ReadFile("../int8_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`// VPDPBUSD Y(\d+), Y(\d+), Y(\d+)\n\s*LONG +\$0x([0-9a-f]{8})\n\s*BYTE +\$0x([0-9a-f]{2})`).FindAllSubmatch(text, -1)
	if len(found) == 0 || len(found) != bytes.Count(text, []byte("BYTE")) {
		t.Fatalf("%d encoded instructions with comments, %d in all", len(found), bytes.Count(text, []byte("BYTE")))
	}
	number := func(b []byte, base int) int {
		n, err := strconv.ParseUint(string(b), base, 32)
		if err != nil {
			t.Fatal(err)
		}
		return int(n)
	}
	for _, f := range found {
		want := vexVPDPBUSD(number(f[1], 10), number(f[2], 10), number(f[3], 10))
		got := append(binary.LittleEndian.AppendUint32(nil, uint32(number(f[4], 16))), byte(number(f[5], 16)))
		if !bytes.Equal(got, want[:]) {
			t.Errorf("%s: want % x", f[0], want)
		}
	}
}
