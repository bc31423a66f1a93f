// Quantize stores the matrices of a safetensors file in 8 bits, with one scale for each output:
//
//	quantize [-keep REGEXP] [-coarse REGEXP] in.safetensors out.safetensors
//
// Tensors of floats whose name ends in .weight, with two or three dimensions and more than 4096 values, become I8 and a tensor of scales; of the
// others those with more than 4096 values become F16, and the rest stay as they are. For each tensor in 8 bits it prints the error: the root mean
// square of the differences over that of the values.
//
// -keep says which names stay floats: those that the model reads in more than 8 bits. With these a model in int8 gives the same result, bit for
// bit, as from a file in F16:
//
//	recogniser  '^(encoder\.conv1|phone_ctc)'
//	acoustic    nothing
//	vocoder     '^out\.'
//
// -coarse says which matrices take values from -31 to 31 only, which training/compress.py makes shorter than those from -127 to 127.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

func main() {
	const none = "$^"
	keep := flag.String("keep", none, "keep tensors whose `name` matches this regular expression in floats")
	coarse := flag.String("coarse", none, "give matrices whose `name` matches this regular expression values from -31 to 31 only")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: quantize [-keep REGEXP] [-coarse REGEXP] in.safetensors out.safetensors")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 2 {
		flag.Usage()
		os.Exit(2)
	}
	var r rules
	err := errors.Join(r.keep.UnmarshalText([]byte(*keep)), r.coarse.UnmarshalText([]byte(*coarse)))
	if err == nil {
		err = run(os.Stdout, flag.Arg(0), flag.Arg(1), r)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "quantize:", err)
		os.Exit(1)
	}
}
