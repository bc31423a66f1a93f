// Command peak writes the assembly of package internal/kernel/peak: loops that do nothing but one kind of arithmetic on
// registers, or nothing but read.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
	"github.com/mmcloughlin/avo/reg"
)

// chains is how many accumulators a loop has: latency times throughput of the slowest instruction, and some more. Registers
// 14 and 15 are the operands.
const chains = 12

func main() {
	dir := flag.String("dir", "../peak", "directory to write to")
	flag.Parse()
	log.SetFlags(0)
	c := build.NewContext()
	c.ConstraintExpr("!purego")
	y, z := ymm, zmm
	register(c, "fmaAVX2", y, func(acc reg.Register, i int) { c.VFMADD231PS(reg.Y14, reg.Y15, acc) })
	register(c, "fmaAVX512", z, func(acc reg.Register, i int) { c.VFMADD231PS(reg.Z14, reg.Z15, acc) })
	register(c, "pairAVX2", y, func(acc reg.Register, i int) {
		product := reg.Y12
		if i%2 == 1 {
			product = reg.Y13
		}
		c.VPMADDUBSW(reg.Y14, reg.Y15, product)
		c.VPMADDWD(reg.Y14, product, product)
		c.VPADDD(product, acc, acc)
	})
	register(c, "dotVEX", y, func(acc reg.Register, i int) { vexDot(c, i) })
	register(c, "dotAVX512", z, func(acc reg.Register, i int) { c.VPDPBUSD(reg.Z14, reg.Z15, acc) })
	register(c, "dotBF16", z, func(acc reg.Register, i int) { bf16Dot(c, i) })
	tiles(c, "tilesBF16", "TDPBF16PS", 0x02)
	tiles(c, "tilesInt8", "TDPBSSD", 0x03)
	read(c, "readAVX2", 32, func(m operand.Mem, i int) { c.VMOVUPS(m, ymm(i)) })
	read(c, "readAVX512", 64, func(m operand.Mem, i int) { c.VMOVUPS(m, zmm(i)) })
	f, err := c.Result()
	check(err)
	check(pass.Compile.Execute(f))
	config := printer.Config{Name: "_asm/peak", Pkg: "peak", Argv: []string{"go", "run", "./peak"}}
	write(f, printer.NewGoAsm(config), filepath.Join(*dir, "loops_amd64.s"))
	write(f, printer.NewStubs(config), filepath.Join(*dir, "stubs_amd64.go"))
}

func ymm(i int) reg.VecPhysical {
	return []reg.VecPhysical{reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7, reg.Y8, reg.Y9, reg.Y10, reg.Y11}[i]
}

func zmm(i int) reg.VecPhysical {
	return []reg.VecPhysical{reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7, reg.Z8, reg.Z9, reg.Z10, reg.Z11}[i]
}

// register makes a loop of n passes over the accumulators.
func register(c *build.Context, name string, acc func(int) reg.VecPhysical, step func(acc reg.Register, i int)) {
	c.Function(name)
	c.Attributes(attr.NOSPLIT)
	c.SignatureExpr("func(n int)")
	c.Doc(fmt.Sprintf("%s runs n times %d independent steps.", name, chains))
	n := c.Load(c.Param("n"), c.GP64())
	for i := range chains {
		c.VPXOR(ymm(i), ymm(i), ymm(i)) // clears the whole register
	}
	c.VPXOR(reg.Y14, reg.Y14, reg.Y14)
	c.VPXOR(reg.Y15, reg.Y15, reg.Y15)
	c.Label(name)
	for i := range chains {
		step(acc(i), i)
	}
	c.DECQ(n)
	c.JNE(operand.LabelRef(name))
	c.VZEROUPPER()
	c.RET()
}

// vexDot is VPDPBUSD Y14, Y15, Yi in its VEX form (AVX-VNNI), VEX.256.66.0F38.W0 50 /r.
func vexDot(c *build.Context, i int) {
	raw(c, fmt.Sprintf("VPDPBUSD Y14, Y15, Y%d", i), 0xc4, high(i)|0x42, 0x05, 0x50, 0xc0|byte(i&7)<<3|6)
}

// bf16Dot is VDPBF16PS Z14, Z15, Zi, EVEX.512.F3.0F38.W0 52 /r.
func bf16Dot(c *build.Context, i int) {
	raw(c, fmt.Sprintf("VDPBF16PS Z14, Z15, Z%d", i), 0x62, high(i)|0x52, 0x06, 0x48, 0x52, 0xc0|byte(i&7)<<3|6)
}

// high is bit 3 of the destination as both prefixes have it: inverted.
func high(i int) byte { return byte(^i>>3&1) << 7 }

// tiles makes a loop of n passes over the accumulators T0 to T3 of AMX, with the operands T4 to T7: full tiles, of zeros.
// op is VEX.128.0F38.W0 5C and 5E with prefix F3 or F2 (pp 2 or 3).
func tiles(c *build.Context, name, op string, pp byte) {
	opcode := map[string]byte{"TDPBF16PS": 0x5c, "TDPBSSD": 0x5e}[op]
	config := c.StaticGlobal(name + "Config")
	c.DataAttributes(attr.RODATA | attr.NOPTR)
	c.AddDatum(0, operand.U8(1)) // the palette
	for i := range 8 {
		c.AddDatum(16+2*i, operand.U16(64)) // bytes of a row
	}
	for i := range 8 {
		c.AddDatum(48+i, operand.U8(16)) // rows
	}
	c.AddDatum(56, operand.U64(0))
	c.Function(name)
	c.Attributes(attr.NOSPLIT)
	c.SignatureExpr("func(n int)")
	c.Doc(fmt.Sprintf("%s runs n times 4 independent steps.", name))
	n := c.Load(c.Param("n"), reg.RCX)
	c.LEAQ(config, reg.RBX)
	raw(c, "LDTILECFG (BX)", 0xc4, 0xe2, 0x78, 0x49, 0x03)
	c.Label(name)
	for i := range byte(4) {
		a, b := 4+i&1, 6+i>>1
		raw(c, fmt.Sprintf("%s T%d, T%d, T%d", op, b, a, i), 0xc4, 0xe2, ^b&15<<3|pp, opcode, 0xc0|i<<3|a)
	}
	c.DECQ(n)
	c.JNE(operand.LabelRef(name))
	raw(c, "TILERELEASE", 0xc4, 0xe2, 0x78, 0x49, 0xc0)
	c.RET()
}

// raw emits an instruction that the assembler lacks.
func raw(c *build.Context, instruction string, code ...byte) {
	c.Comment(instruction)
	for _, b := range code {
		c.Instruction(&ir.Instruction{Opcode: "BYTE", Operands: []operand.Op{operand.Imm(uint64(b))}})
	}
}

// read makes a loop over n blocks of eight vectors. Blocks to come are asked for, as a kernel would.
func read(c *build.Context, name string, bytes int, load func(m operand.Mem, i int)) {
	const vectors, ahead = 8, 1024
	c.Function(name)
	c.Attributes(attr.NOSPLIT)
	c.SignatureExpr("func(p *byte, n int)")
	c.Pragma("noescape")
	c.Doc(fmt.Sprintf("%s reads n blocks of %d bytes.", name, vectors*bytes))
	p, n := c.Load(c.Param("p"), c.GP64()), c.Load(c.Param("n"), c.GP64())
	c.Label(name)
	for i := range vectors {
		load(operand.Mem{Base: p, Disp: i * bytes}, i)
		if i*bytes%64 == 0 {
			c.PREFETCHT0(operand.Mem{Base: p, Disp: i*bytes + ahead})
		}
	}
	c.ADDQ(operand.U32(vectors*bytes), p)
	c.DECQ(n)
	c.JNE(operand.LabelRef(name))
	c.VZEROUPPER()
	c.RET()
}

func write(f *ir.File, p printer.Printer, path string) {
	text, err := p.Print(f)
	check(err)
	check(os.WriteFile(path, text, 0o644))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
