package main

import (
	"fmt"
	"log"
	"strings"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// checkRegisters fails if a function without AVX-512 uses more than 16 vector registers: avo would take them from AVX-512.
func checkRegisters(f *ir.File) {
	for _, fn := range f.Functions() {
		if !strings.HasSuffix(fn.Name, "AVX2") && !strings.HasSuffix(fn.Name, "AVXVNNI") {
			continue
		}
		for _, i := range fn.Instructions() {
			for _, op := range i.Operands {
				if r, ok := op.(reg.Physical); ok && r.Kind() == reg.KindVector && r.PhysicalIndex() > 15 {
					log.Fatalf("%s: %s is a register of AVX-512", fn.Name, op.Asm())
				}
			}
		}
	}
}

// encodeVEX replaces VPDPBUSD on 256-bit registers, for which the Go assembler knows only the EVEX form of AVX-512, by
// the bytes of the VEX form of AVX-VNNI. It runs after the allocation of registers.
func encodeVEX(f *ir.File) {
	for _, fn := range f.Functions() {
		if !strings.HasSuffix(fn.Name, "AVXVNNI") {
			continue
		}
		fn.ISA = []string{"AVX2", "AVXVNNI", "FMA3"}
		var nodes []ir.Node
		for _, n := range fn.Nodes {
			i, ok := n.(*ir.Instruction)
			if !ok || i.Opcode != "VPDPBUSD" {
				nodes = append(nodes, n)
				continue
			}
			b := vexVPDPBUSD(number(i.Operands[0]), number(i.Operands[1]), number(i.Operands[2]))
			nodes = append(nodes,
				ir.NewComment(fmt.Sprintf("VPDPBUSD %s, %s, %s", i.Operands[0].Asm(), i.Operands[1].Asm(), i.Operands[2].Asm())),
				&ir.Instruction{Opcode: "LONG", Operands: []operand.Op{operand.U32(uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24)}},
				&ir.Instruction{Opcode: "BYTE", Operands: []operand.Op{operand.U8(b[4])}})
		}
		fn.Nodes = nodes
	}
}

// number returns the number of a register.
func number(op operand.Op) int { return int(op.(reg.Physical).PhysicalIndex()) }

// vexVPDPBUSD encodes acc += s8 * u8 on registers 0 to 15: VEX.256.66.0F38.W0 50 /r (Intel SDM vol. 2, VPDPBUSD).
func vexVPDPBUSD(s8, u8, acc int) [5]byte {
	return [5]byte{
		0xc4,
		byte(^acc>>3&1<<7 | 1<<6 | ^s8>>3&1<<5 | 2), // R, X, B inverted; map 0F38
		byte(^u8&15<<3 | 1<<2 | 1),                  // W0, vvvv inverted, 256 bits, prefix 66
		0x50,
		byte(3<<6 | acc&7<<3 | s8&7),
	}
}
