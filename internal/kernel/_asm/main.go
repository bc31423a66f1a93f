// Command asm writes the assembly of package kernel, one file per stage, and the Go stubs.
//
// Read isa.go (the two instruction sets behind one vocabulary), then gemm.go, vector.go, exp.go, conv.go;
// neon.go writes the arm64 part.
package main

import (
	"flag"
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

var dir = flag.String("dir", "..", "directory to write to")

func main() {
	flag.Parse()
	log.SetFlags(0)
	stage("gemm", gemmFunctions)
	stage("vector", vectorFunctions)
	stage("exp", expFunctions)
	stage("pack", packFunctions)
	stage("bf16", bf16Functions)
	stage("quantize", quantizeFunctions)
	stage("int8", int8Functions)
	stage("conv", convFunctions)
	stage("attend", attendFunctions)
	stage("spectrum", spectrumFunctions)
	stage("convert", convertFunctions)
	writeNEON()
	writeNEONVector()
	writeNEONExp()
	writeNEONBF16()
	writeNEONInt8()
	writeAMX()
	writeAMXAttend()
}

// stage writes the functions that define makes, for each instruction set, to NAME_amd64.s and stubs_NAME_amd64.go.
func stage(name string, define func(*asm)) {
	c := build.NewContext()
	c.ConstraintExpr("!purego")
	for _, set := range []isa{avx2, avx512} {
		define(&asm{Context: c, isa: set, constants: map[string]operand.Mem{}})
	}
	f, err := c.Result()
	if err != nil {
		log.Fatalf("%s: %v", name, err)
	}
	if err := pass.Compile.Execute(f); err != nil {
		log.Fatalf("%s: %v", name, err)
	}
	checkRegisters(f)
	encodeVEX(f)
	config := printer.Config{Name: "_asm", Pkg: "kernel", Argv: []string{"go", "run", "."}}
	write(name+"_amd64.s", printer.NewGoAsm(config), f)
	write("stubs_"+name+"_amd64.go", printer.NewStubs(config), f)
}

func write(name string, p printer.Printer, f *ir.File) {
	text, err := p.Print(f)
	if err != nil {
		log.Fatalf("%s: %v", name, err)
	}
	if err := os.WriteFile(filepath.Join(*dir, name), text, 0o644); err != nil {
		log.Fatal(err)
	}
}

// text begins function name+suffix of the instruction set with the given signature.
func (a *asm) text(name, signature, doc string) {
	a.begin(name+a.suffix, signature, doc)
}

// begin begins a function.
func (a *asm) begin(name, signature, doc string) {
	a.Function(name)
	a.Attributes(attr.NOSPLIT)
	a.Pragma("noescape")
	a.Doc(name + " " + doc)
	a.SignatureExpr(signature)
}

// arg loads a pointer or integer parameter.
func (a *asm) arg(name string) reg.GPVirtual {
	r := a.GP64()
	a.Load(a.Param(name), r)
	return r
}
