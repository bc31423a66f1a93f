package kernel

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// encoded is an instruction that the assembly gives as bytes, and the comment that says what it is.
type encoded struct {
	where   string
	code    []byte
	comment string
}

var byteOrLong = regexp.MustCompile(`(BYTE|LONG)\s+\$0x([0-9a-f]+)`)

// encodedIn finds the instructions given as bytes in an amd64 file: on one line, or on lines below their comment.
func encodedIn(t *testing.T, file string) []encoded {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var found []encoded
	open, comment := false, "" // open: the next bytes belong to the last instruction
	for i, line := range strings.Split(string(text), "\n") {
		code, after, _ := strings.Cut(line, "//")
		if !open && after == "" && !strings.Contains(code, "BYTE") && !strings.Contains(code, "LONG") {
			comment = ""
			continue // most lines
		}
		if strings.TrimSpace(code) == "" {
			open, comment = false, after
			continue
		}
		parts := byteOrLong.FindAllStringSubmatch(code, -1)
		if parts == nil {
			open, comment = false, ""
			continue
		}
		if after != "" {
			open, comment = false, after
		}
		if !open {
			found = append(found, encoded{fmt.Sprintf("%s:%d", file, i+1), nil, strings.TrimSpace(comment)})
			open = after == ""
		}
		e := &found[len(found)-1]
		for _, p := range parts {
			bits, err := strconv.ParseUint(p[2], 16, 32)
			if err != nil {
				t.Fatalf("%s: %v", e.where, err)
			}
			for size := len(p[2]); size > 0; size -= 2 {
				e.code = append(e.code, byte(bits))
				bits >>= 8
			}
		}
	}
	return found
}

func allEncoded(t *testing.T) []encoded {
	t.Helper()
	files, err := filepath.Glob("*_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, filepath.Join("peak", "loops_amd64.s"))
	var all []encoded
	for _, f := range files {
		all = append(all, encodedIn(t, f)...)
	}
	if len(all) == 0 {
		t.Fatal("no encoded instruction found")
	}
	return all
}

// opcode is what identifies one of the instructions that the assembly encodes: Intel SDM, volume 2.
type opcode struct {
	evex bool
	pp   byte // 0 none, 1 66, 2 F3, 3 F2
	long byte // vector length: 0 128, 1 256, 2 512
	op   byte
	mem  bool
}

// form says how to read the operands: M memory, r the reg field, v vvvv, m the r/m field; registers are T, Y or Z.
var opcodes = map[opcode]struct{ name, operands string }{
	{op: 0x49, mem: true}:                  {"LDTILECFG", "M"},
	{op: 0x49}:                             {"TILERELEASE", ""},
	{pp: 3, op: 0x49}:                      {"TILEZERO", "Tr"},
	{pp: 3, op: 0x4b, mem: true}:           {"TILELOADD", "M Tr"},
	{pp: 2, op: 0x4b, mem: true}:           {"TILESTORED", "Tr M"},
	{pp: 2, op: 0x5c}:                      {"TDPBF16PS", "Tv Tm Tr"},
	{pp: 3, op: 0x5e}:                      {"TDPBSSD", "Tv Tm Tr"},
	{pp: 1, long: 1, op: 0x50}:             {"VPDPBUSD", "Ym Yv Yr"},
	{evex: true, pp: 3, long: 2, op: 0x72}: {"VCVTNE2PS2BF16", "Zm Zv Zr"},
	{evex: true, pp: 2, long: 2, op: 0x52}: {"VDPBF16PS", "Zm Zv Zr"},
}

// decode reads one instruction of opcodes in Go's syntax. All are of opcode map 0F38 with W = 0.
func decode(code []byte) (string, error) {
	var o opcode
	var r, x, b, v byte // high bits of the registers
	var rest []byte
	switch {
	case len(code) >= 5 && code[0] == 0xc4:
		if code[1]&31 != 2 || code[2]>>7 != 0 {
			return "", fmt.Errorf("% x: not map 0F38, W0", code)
		}
		r, x, b = ^code[1]>>7&1, ^code[1]>>6&1, ^code[1]>>5&1
		v = ^code[2] >> 3 & 15
		o.long, o.pp, o.op = code[2]>>2&1, code[2]&3, code[3]
		rest = code[4:]
	case len(code) >= 6 && code[0] == 0x62:
		if code[1]&0xf != 2 || code[2]&0x84 != 4 || code[3]&0x97 != 0 || code[1]&0x10 == 0 || code[3]&8 == 0 {
			return "", fmt.Errorf("% x: not map 0F38, W0, unmasked, registers below 16", code)
		}
		o.evex = true
		r, x, b = ^code[1]>>7&1, ^code[1]>>6&1, ^code[1]>>5&1
		v = ^code[2] >> 3 & 15
		o.long, o.pp, o.op = code[3]>>5&3, code[2]&3, code[4]
		rest = code[5:]
	default:
		return "", fmt.Errorf("% x: neither VEX nor EVEX", code)
	}
	modrm := rest[0]
	o.mem = modrm>>6 != 3
	in, ok := opcodes[o]
	if !ok {
		return "", fmt.Errorf("% x: unknown opcode %+v", code, o)
	}
	fields := strings.Fields(in.operands)
	if v != 0 && !strings.Contains(in.operands, "v") {
		return "", fmt.Errorf("% x: vvvv must be 1111", code)
	}
	if !o.mem && x != 0 || in.operands == "" && modrm != 0xc0 {
		return "", fmt.Errorf("% x: bits set that must not be", code)
	}
	out := make([]string, len(fields))
	rest = rest[1:]
	for i, f := range fields {
		switch f[1:] {
		case "":
			out[i], rest = memory(modrm, x, b, rest)
		case "r":
			out[i] = fmt.Sprint(f[:1], r<<3|modrm>>3&7)
		case "m":
			out[i] = fmt.Sprint(f[:1], b<<3|modrm&7)
		case "v":
			out[i] = fmt.Sprint(f[:1], v)
		}
	}
	if len(rest) > 0 {
		return "", fmt.Errorf("% x: %d bytes too many", code, len(rest))
	}
	return strings.TrimSpace(in.name + " " + strings.Join(out, ", ")), nil
}

var registers = []string{"AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"}

// memory reads base, or base, index and a displacement of 8 bits.
func memory(modrm, x, b byte, rest []byte) (string, []byte) {
	if modrm>>6 == 0 && modrm&7 != 4 && modrm&7 != 5 {
		return fmt.Sprintf("(%s)", registers[b<<3|modrm&7]), rest
	}
	if modrm>>6 != 1 || modrm&7 != 4 || len(rest) < 2 {
		return "memory operand of another kind", rest
	}
	sib := rest[0]
	return fmt.Sprintf("%d(%s)(%s*%d)", int8(rest[1]), registers[b<<3|sib&7], registers[x<<3|sib>>3&7], 1<<(sib>>6)), rest[2:]
}

// TestEncodedInstructions demands that the bytes in the assembly are what their comments say.
func TestEncodedInstructions(t *testing.T) {
	seen := map[string]int{}
	for _, e := range allEncoded(t) {
		got, err := decode(e.code)
		if err != nil {
			t.Errorf("%s: %v", e.where, err)
		} else if got != e.comment {
			t.Errorf("%s: % x is %s, not %s", e.where, e.code, got, e.comment)
		}
		name, _, _ := strings.Cut(got, " ")
		seen[name]++
	}
	for _, in := range opcodes {
		if seen[in.name] == 0 {
			t.Errorf("%s is nowhere: take it from the table", in.name)
		}
	}
}

// TestObjdumpAgrees asks a second disassembler, where there is one that knows the instructions.
func TestObjdumpAgrees(t *testing.T) {
	tool, err := exec.LookPath("objdump")
	if err != nil {
		t.Skip("no objdump here")
	}
	unique := map[string]encoded{}
	for _, e := range allEncoded(t) {
		unique[e.comment] = e
	}
	var code []byte
	at := map[string]encoded{} // offset, as objdump writes it
	for _, e := range unique {
		at[fmt.Sprintf("%x", len(code))] = e
		code = append(code, e.code...)
	}
	file := filepath.Join(t.TempDir(), "code")
	if err := os.WriteFile(file, code, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, "-D", "-b", "binary", "-m", "i386:x86-64", "--no-show-raw-insn", file).CombinedOutput()
	if err != nil {
		t.Skipf("objdump cannot read x86-64 here: %v: %s", err, out)
	}
	for _, line := range strings.Split(string(out), "\n") {
		offset, got, _ := strings.Cut(strings.TrimSpace(line), ":")
		e, ok := at[offset]
		if !ok {
			continue
		}
		delete(at, offset)
		got = strings.Join(strings.Fields(strings.TrimPrefix(strings.TrimSpace(got), "{vex} ")), " ")
		if strings.HasPrefix(got, "(bad)") {
			t.Skipf("this objdump is too old for %s", e.comment)
		}
		if want := atAndT(e.comment); got != want {
			t.Errorf("%s: % x is %q, want %q", e.where, e.code, got, want)
		}
	}
	for _, e := range at {
		t.Errorf("%s: no instruction begins there", e.where)
	}
}

var (
	vectorRegister = regexp.MustCompile(`\b([TYZ])(\d+)\b`)
	indexed        = regexp.MustCompile(`(-?\d+)\((\w+)\)\((\w+)\*1\)`)
	based          = regexp.MustCompile(`(^| )\((\w+)\)`)
)

// atAndT writes an instruction of opcodes as binutils do.
func atAndT(s string) string {
	wide := func(r string) string {
		if r[0] == 'R' {
			return "%" + strings.ToLower(r)
		}
		return "%r" + strings.ToLower(r)
	}
	name, operands, _ := strings.Cut(s, " ")
	operands = vectorRegister.ReplaceAllStringFunc(operands, func(r string) string {
		return "%" + map[byte]string{'T': "tmm", 'Y': "ymm", 'Z': "zmm"}[r[0]] + r[1:]
	})
	operands = indexed.ReplaceAllStringFunc(operands, func(m string) string {
		p := indexed.FindStringSubmatch(m)
		disp, _ := strconv.Atoi(p[1])
		return fmt.Sprintf("%#x(%s,%s,1)", disp, wide(p[2]), wide(p[3]))
	})
	operands = based.ReplaceAllStringFunc(operands, func(m string) string {
		return "(" + wide(based.FindStringSubmatch(m)[2]) + ")"
	})
	return strings.TrimSpace(strings.ToLower(name) + " " + strings.ReplaceAll(operands, ", ", ","))
}

// TestTiersKeepToTheirInstructions looks for AVX-512 in functions that run without it: the assembler would encode it silently.
func TestTiersKeepToTheirInstructions(t *testing.T) {
	files, err := filepath.Glob("*_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, filepath.Join("peak", "loops_amd64.s"))
	above := regexp.MustCompile(`\b(Z\d+|K[0-7]|[XY](1[6-9]|2\d|3[01])|VMOVDQ[UA](8|16|32|64)|V(AND|ANDN|OR|XOR)P[SD]\.BCST|VP(AND|ANDN|OR|XOR)[DQ]|VPTERNLOG[DQ]|VRNDSCALEP[SD]|VPDPBUSDS?|VPDPWSSDS?|VSCALEFP[SD])\b`)
	function := regexp.MustCompile(`^TEXT ·(\w+)\(SB\)`)
	checked := 0
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		name := ""
		for i, line := range strings.Split(string(text), "\n") {
			line, _, _ = strings.Cut(line, "//")
			if m := function.FindStringSubmatch(line); m != nil {
				name = m[1]
				checked++
			}
			if (strings.HasSuffix(name, "AVX2") || strings.HasSuffix(name, "AVXVNNI")) && above.MatchString(line) {
				t.Errorf("%s:%d: %s: %s", f, i+1, name, strings.TrimSpace(line))
			}
		}
	}
	if checked == 0 {
		t.Error("no function found")
	}
}
