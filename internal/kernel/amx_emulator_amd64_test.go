//go:build !purego

package kernel

import (
	"encoding/binary"
	"math"
	"reflect"
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
	data    map[string]*[64]byte
	ready   bool          // the tiles are configured
	job     reflect.Value // a pointer to what the program works on
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
func (e *emulator) run(t *testing.T, p *program, job any, data map[string]*[64]byte) {
	t.Helper()
	*e = emulator{general: map[string]register{}, job: reflect.ValueOf(job), data: data}
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
	case 'P':
		return s.op == "PREFETCHT0"
	}
	return s.op == "LDTILECFG" && e.configure(s) || e.integer(s)
}

func (e *emulator) integer(s statement) bool {
	a := s.args
	switch s.op {
	case "MOVQ", "MOVL":
		e.general[a[1]] = e.value(a[0])
	case "LEAQ":
		if name, ok := strings.CutSuffix(a[0], "<>(SB)"); ok {
			e.general[a[1]] = register{p: unsafe.Pointer(e.data[name])}
			break
		}
		at, _ := e.address(a[0])
		e.general[a[1]] = register{p: at}
	case "XCHGQ":
		e.general[a[0]], e.general[a[1]] = e.general[a[1]], e.general[a[0]]
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
		if strings.HasSuffix(a[0], "(AX)") { // a field of the job
			n := (*int)(e.field(a[0]).Addr().UnsafePointer())
			*n--
			e.result = *n
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
		return register{p: e.job.UnsafePointer()}
	case arg[0] == '$':
		n, err := strconv.ParseInt(arg[1:], 0, 64)
		if err != nil {
			panic(err)
		}
		return register{n: int(n)}
	case operandForm.MatchString(arg):
		at, _ := e.address(arg)
		return register{n: *(*int)(at)}
	case !strings.HasPrefix(arg, "amx"):
		r, ok := e.general[arg]
		if !ok {
			panic(arg + " is read before it is set")
		}
		return r
	}
	field := e.field(arg)
	switch field.Kind() {
	case reflect.Pointer:
		return register{p: field.UnsafePointer()}
	case reflect.Int:
		return register{n: int(field.Int())}
	case reflect.Uint32:
		return register{n: int(field.Uint())}
	}
	panic("no field " + arg)
}

// field returns the field of the job that an operand like amxTiles_rows(AX) names.
func (e *emulator) field(arg string) reflect.Value {
	if e.general["AX"].p != e.job.UnsafePointer() {
		panic("AX is not the job")
	}
	_, name, _ := strings.Cut(strings.TrimSuffix(arg, "(AX)"), "_")
	return e.job.Elem().FieldByName(name)
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

// vector executes the few AVX-512 instructions around the tiles: operands are sources, then a mask, then the destination.
func (e *emulator) vector(s statement) bool {
	if s.op == "VZEROUPPER" || e.shuffle(s) {
		return true
	}
	var mask uint16 = 0xffff
	a := s.args
	if a[0][0] == '$' { // the rounding mode: downwards
		a = a[1:]
	}
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
		bits := e.lane(a[0], i, variant == "BCST" || op == "VBROADCASTSS")
		v := math.Float32frombits(bits)
		second := func() float32 { return math.Float32frombits(e.vectors[number(a[1])][i]) }
		switch op {
		case "VMOVUPS", "VMOVAPS", "VBROADCASTSS", "VPBROADCASTD":
		case "VPXORD":
			v = 0 // of a register with itself
		case "VMAXPS":
			if w := second(); w > v {
				v = w
			}
		case "VREDUCEPS":
			if v -= float32(math.Floor(float64(v))); v != v && bits&0x7fffffff == 0x7f800000 {
				v = 0
			}
		case "VSCALEFPS":
			v = float32(float64(second()) * math.Exp2(math.Floor(float64(v))))
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

// shuffle executes what moves values between lanes, if s does: the second operand from the end comes first.
func (e *emulator) shuffle(s statement) bool {
	var from func(i int) (second bool, lane int) // what lane i of the result is
	switch s.op {
	case "VSHUFF32X4":
		which := e.value(s.args[0]).n
		from = func(i int) (bool, int) { return i >= 8, which>>(i/4*2)&3*4 + i%4 }
	case "VUNPCKLPS":
		from = func(i int) (bool, int) { return i%2 == 1, i&^3 + i%4/2 }
	case "VUNPCKHPS":
		from = func(i int) (bool, int) { return i%2 == 1, i&^3 + i%4/2 + 2 }
	case "VUNPCKLPD":
		from = func(i int) (bool, int) { return i%4 >= 2, i&^3 + i%2 }
	case "VUNPCKHPD":
		from = func(i int) (bool, int) { return i%4 >= 2, i&^3 + i%2 + 2 }
	case "VCVTNE2PS2BF16":
		e.roundPair(s.args)
		return true
	default:
		return false
	}
	a := s.args[len(s.args)-3:]
	second, first := e.vectors[number(a[0])], e.vectors[number(a[1])]
	for i := range first {
		isSecond, lane := from(i)
		v := first[lane]
		if isSecond {
			v = second[lane]
		}
		e.vectors[number(a[2])][i] = v
	}
	return true
}

// roundPair rounds the first operand to the lower half of the last, and the second to its upper half.
func (e *emulator) roundPair(a []string) {
	var out [16]uint32
	for half := range 2 {
		for i, v := range e.vectors[number(a[half])] {
			out[8*half+i/2] |= uint32(bf16Bits(math.Float32frombits(v))) << (i % 2 * 16)
		}
	}
	e.vectors[number(a[2])] = out
}

// lane reads lane i of a register or of memory.
func (e *emulator) lane(arg string, i int, broadcast bool) uint32 {
	switch arg[0] {
	case 'Z':
		return e.vectors[number(arg)][i]
	case '$', 'R':
		return uint32(e.value(arg).n)
	}
	at, _ := e.address(arg)
	if broadcast {
		i = 0
	}
	return *(*uint32)(unsafe.Add(at, 4*i))
}
