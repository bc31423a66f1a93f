//go:build !purego

package kernel

import (
	"encoding/binary"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unsafe"
)

// emulator runs the programs of amx_program_amd64_test.go, instruction by instruction, on processors without AMX. Whatever it does not know is an error.
type emulator struct {
	general map[string]register
	vectors [32][16]uint32
	masks   [8]uint16
	tiles   [8]tileRegister
	result  int // of the last instruction that sets flags: its sign and whether it is zero
	config  [64]byte
	ready   bool // the tiles are configured
	job     *amxTiles
}

// register is a number, or a place p + n in memory.
type register struct {
	p unsafe.Pointer
	n int
}

type tileRegister struct {
	rows, bytes int
	data        [16][64]byte
}

// run executes a program on a job.
func (e *emulator) run(t *testing.T, p *program, job *amxTiles, config *[64]byte) {
	t.Helper()
	*e = emulator{general: map[string]register{}, job: job, config: *config}
	for i := range e.tiles { // what an earlier user left there
		e.tiles[i] = tileRegister{16, 64, [16][64]byte{{1, 2, 3}}}
	}
	for at := 0; ; at++ {
		s := p.lines[at]
		if s.op == "RET" {
			if e.ready {
				t.Fatal("the tiles are still in use at RET")
			}
			return
		}
		if target, isJump := e.jump(s); isJump {
			if target {
				at = p.labels[s.args[0]] - 1
			}
			continue
		}
		if !e.step(s) {
			t.Fatalf("%s %s: the emulator does not know it", s.op, strings.Join(s.args, ", "))
		}
	}
}

// jump tells whether s is a jump, and if it is taken.
func (e *emulator) jump(s statement) (taken, is bool) {
	switch s.op {
	case "JMP":
		return true, true
	case "JEQ":
		return e.result == 0, true
	case "JNE":
		return e.result != 0, true
	case "JLE":
		return e.result <= 0, true
	case "JLT":
		return e.result < 0, true
	case "JGE":
		return e.result >= 0, true
	}
	return false, false
}

// step executes anything but a jump.
func (e *emulator) step(s statement) bool {
	switch s.op[0] {
	case 'T':
		return s.op != "TESTQ" && e.tile(s) || s.op == "TESTQ" && e.integer(s)
	case 'V':
		return e.vector(s)
	}
	return s.op == "LDTILECFG" && e.configure(s) || e.integer(s)
}

func (e *emulator) integer(s statement) bool {
	a := s.args
	switch s.op {
	case "MOVQ", "MOVL":
		e.general[a[1]] = e.value(a[0])
	case "LEAQ":
		if a[0] != "amxConfig<>(SB)" {
			return false
		}
		e.general[a[1]] = register{p: unsafe.Pointer(&e.config)}
	case "ADDQ", "SUBQ":
		d, v := e.general[a[1]], e.value(a[0])
		if s.op == "SUBQ" {
			v.n = -v.n
		}
		if d.p == nil {
			d.p = v.p
		}
		d.n += v.n
		e.general[a[1]], e.result = d, d.n
	case "DECQ":
		if a[0] == "amxTiles_panels(AX)" {
			e.job.panels--
			e.result = e.job.panels
			break
		}
		d := e.general[a[0]]
		d.n--
		e.general[a[0]], e.result = d, d.n
	case "SHLQ", "SHRL":
		d, by := e.general[a[1]], e.value(a[0]).n
		if s.op == "SHLQ" {
			d.n <<= by
		} else {
			d.n = int(uint32(d.n) >> by)
		}
		e.general[a[1]] = d
	case "CMPQ":
		e.result = e.value(a[0]).n - e.value(a[1]).n
	case "TESTQ":
		v := e.value(a[0])
		e.result = v.n
		if v.p != nil {
			e.result = 1
		}
		return a[0] == a[1]
	case "KMOVW":
		e.masks[number(a[1])] = uint16(e.value(a[0]).n)
	default:
		return false
	}
	return true
}

// value reads $constant, a register, a field of the job or the job.
func (e *emulator) value(arg string) register {
	switch {
	case arg == "t+0(FP)":
		return register{p: unsafe.Pointer(e.job)}
	case arg[0] == '$':
		n, err := strconv.Atoi(arg[1:])
		if err != nil {
			panic(err)
		}
		return register{n: n}
	case !strings.HasPrefix(arg, "amxTiles_"):
		r, ok := e.general[arg]
		if !ok {
			panic(arg + " is read before it is set")
		}
		return r
	}
	if e.general["AX"].p != unsafe.Pointer(e.job) {
		panic("AX is not the job")
	}
	j := e.job
	switch strings.TrimSuffix(strings.TrimPrefix(arg, "amxTiles_"), "(AX)") {
	case "dst":
		return register{p: unsafe.Pointer(j.dst)}
	case "x":
		return register{p: unsafe.Pointer(j.x)}
	case "w":
		return register{p: unsafe.Pointer(j.w)}
	case "tail":
		return register{p: unsafe.Pointer(j.tail)}
	case "c":
		return register{p: unsafe.Pointer(j.c)}
	case "bias":
		return register{p: unsafe.Pointer(j.bias)}
	case "sx":
		return register{p: unsafe.Pointer(j.sx)}
	case "sw":
		return register{p: unsafe.Pointer(j.sw)}
	case "acc":
		return register{p: unsafe.Pointer(j.acc)}
	case "ldd":
		return register{n: j.ldd}
	case "ldx":
		return register{n: j.ldx}
	case "ldc":
		return register{n: j.ldc}
	case "blocks":
		return register{n: j.blocks}
	case "rows":
		return register{n: j.rows}
	case "mask":
		return register{n: int(j.mask)}
	case "panels":
		return register{n: j.panels}
	}
	panic("no field " + arg)
}

// number returns the digits at the end of a register's name.
func number(name string) int {
	n, err := strconv.Atoi(name[1:])
	if err != nil {
		panic(err)
	}
	return n
}

var operandForm = regexp.MustCompile(`^(-?\d*)\((\w+)\)(?:\((\w+)\*1\))?$`)

// address returns base + displacement and, for tiles, the stride.
func (e *emulator) address(arg string) (at unsafe.Pointer, stride int) {
	m := operandForm.FindStringSubmatch(arg)
	if m == nil {
		panic("no memory operand: " + arg)
	}
	disp, _ := strconv.Atoi(m[1])
	base := e.general[m[2]]
	if base.p == nil {
		panic(arg + ": not an address")
	}
	if m[3] != "" {
		stride = e.general[m[3]].n
	}
	return unsafe.Add(base.p, base.n+disp), stride
}

func (e *emulator) configure(s statement) bool {
	at, _ := e.address(s.args[0])
	c := *(*[64]byte)(at)
	if c[0] != 1 || c[1] != 0 {
		return false
	}
	for i := range e.tiles {
		e.tiles[i] = tileRegister{rows: int(c[48+i]), bytes: int(binary.LittleEndian.Uint16(c[16+2*i:]))}
	}
	e.ready = true
	return true
}

func (e *emulator) tile(s statement) bool {
	if !e.ready {
		return false
	}
	a := s.args
	switch s.op {
	case "TILERELEASE":
		e.ready = false
	case "TILEZERO":
		e.tiles[number(a[0])].data = [16][64]byte{}
	case "TILELOADD":
		r := &e.tiles[number(a[1])]
		at, stride := e.address(a[0])
		for i := range r.rows {
			copy(r.data[i][:], unsafe.Slice((*byte)(unsafe.Add(at, i*stride)), r.bytes))
		}
	case "TILESTORED":
		r := &e.tiles[number(a[0])]
		at, stride := e.address(a[1])
		for i := range r.rows {
			copy(unsafe.Slice((*byte)(unsafe.Add(at, i*stride)), r.bytes), r.data[i][:])
		}
	case "TDPBF16PS":
		e.dot(a, dotBF16)
	case "TDPBSSD":
		e.dot(a, dotInt8)
	default:
		return false
	}
	return true
}

// dot adds the products of four bytes of x with four of w, for each element of the sum: operands w, x, sum.
func (e *emulator) dot(args []string, four func(sum uint32, x, w []byte) uint32) {
	w, x, sum := &e.tiles[number(args[0])], &e.tiles[number(args[1])], &e.tiles[number(args[2])]
	for m := range sum.rows {
		for k := 0; k < x.bytes; k += 4 {
			for n := 0; n < sum.bytes; n += 4 {
				d := sum.data[m][n : n+4]
				binary.LittleEndian.PutUint32(d, four(binary.LittleEndian.Uint32(d), x.data[m][k:k+4], w.data[k/4][n:n+4]))
			}
		}
	}
}

func dotBF16(sum uint32, x, w []byte) uint32 {
	s := math.Float32frombits(sum)
	for i := 0; i < 4; i += 2 {
		s += bf16Value(binary.LittleEndian.Uint16(x[i:])) * bf16Value(binary.LittleEndian.Uint16(w[i:]))
	}
	return math.Float32bits(s)
}

func dotInt8(sum uint32, x, w []byte) uint32 {
	s := int32(sum)
	for i := range 4 {
		s += int32(int8(x[i])) * int32(int8(w[i]))
	}
	return uint32(s)
}

// vector executes the few AVX-512 instructions of the epilogue: operands are sources, then a mask, then the destination.
func (e *emulator) vector(s statement) bool {
	if s.op == "VZEROUPPER" {
		return true
	}
	var mask uint16 = 0xffff
	a := s.args
	if len(a) == 3 && a[1][0] == 'K' {
		mask, a = e.masks[number(a[1])], []string{a[0], a[2]}
	}
	if last := a[len(a)-1]; last[0] != 'Z' {
		if s.op != "VMOVUPS" {
			return false
		}
		at, _ := e.address(last)
		for i, v := range e.vectors[number(a[0])] {
			if mask>>i&1 == 1 {
				*(*uint32)(unsafe.Add(at, 4*i)) = v
			}
		}
		return true
	}
	d := &e.vectors[number(a[len(a)-1])]
	op, variant, _ := strings.Cut(s.op, ".")
	if mask != 0xffff && variant != "Z" {
		return false
	}
	for i := range d {
		if mask>>i&1 == 0 {
			d[i] = 0
			continue
		}
		bits := e.lane(a[0], i, variant == "BCST")
		v := math.Float32frombits(bits)
		second := func() float32 { return math.Float32frombits(e.vectors[number(a[1])][i]) }
		switch op {
		case "VMOVUPS":
		case "VADDPS":
			v += second()
		case "VMULPS":
			v *= second()
		case "VCVTDQ2PS":
			v = float32(int32(bits))
		case "VFMADD213PS":
			v = float32(math.FMA(float64(second()), float64(math.Float32frombits(d[i])), float64(v)))
		default:
			return false
		}
		d[i] = math.Float32bits(v)
	}
	return true
}

// lane reads lane i of a register or of memory.
func (e *emulator) lane(arg string, i int, broadcast bool) uint32 {
	if arg[0] == 'Z' {
		return e.vectors[number(arg)][i]
	}
	at, _ := e.address(arg)
	if broadcast {
		i = 0
	}
	return *(*uint32)(unsafe.Add(at, 4*i))
}
