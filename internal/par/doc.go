// Package par splits loops over one pool of worker goroutines shared by the whole process.
//
// The pool starts on the first call that can use it and grows to GOMAXPROCS-1 workers; the caller is the last one.
// A caller never waits for a worker to become free: it claims those that are idle and works itself, so concurrent
// and nested calls always progress. A nested call normally finds no idle worker and so runs inline.
// ForWithin bounds the goroutines of one call: a model whose owner gave it two threads never uses more in one product.
// Workers yield for some 50 µs after a job before they sleep.
package par
