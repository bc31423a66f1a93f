// Quantize stores the matrices of a safetensors file in 8 bits, or 6, with one scale for each output:
//
//	quantize [-keep REGEXP] [-six REGEXP] in.safetensors out.safetensors
//
// Tensors of floats whose name ends in .weight, with two or three dimensions and more than 4096 values, become I8 and a tensor of scales; of the
// others those with more than 4096 values become F16, and the rest stay as they are. For each of these it prints the error: the root mean
// square of the differences over that of the values.
//
// -keep says which names stay floats: those that the model reads in more than 8 bits. With these a model in int8 gives the same result, bit for
// bit, as from a file in F16:
//
//	recogniser  '^(encoder\.conv|phone_ctc)|positions'
//	acoustic    nothing
//	vocoder     '^out\.'
package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"regexp"
)

func main() {
	keep := flag.String("keep", "", "keep tensors whose `name` matches this regular expression in floats")
	six := flag.String("six", "", "store matrices whose `name` matches this regular expression in 6 bits")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: quantize [-keep REGEXP] [-six REGEXP] in.safetensors out.safetensors")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 2 {
		flag.Usage()
		os.Exit(2)
	}
	if err := runWith(*keep, *six, flag.Arg(0), flag.Arg(1)); err != nil {
		fmt.Fprintln(os.Stderr, "quantize:", err)
		os.Exit(1)
	}
}

// runWith is run with the patterns as they were given.
func runWith(keep, six, in, out string) (err error) {
	const none = "$^"
	var r rules
	if r.keep, err = regexp.Compile(cmp.Or(keep, none)); err != nil {
		return err
	}
	if r.six, err = regexp.Compile(cmp.Or(six, none)); err != nil {
		return err
	}
	return run(os.Stdout, in, out, r)
}
