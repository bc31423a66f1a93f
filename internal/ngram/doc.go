// Package ngram holds the word language model of the recogniser: a back-off 3-gram (Katz 1987; Kneser and Ney 1995) in a
// quantised trie that is read in place from a byte slice, such as a file in an embed.FS.
//
// Read in this order: model.go (states, Score: what the search calls), bits.go (packed integers), file.go (the layout of lm.bin and its
// reader), arpa.go (the ARPA text format and the plain evaluator), prune.go (relative-entropy pruning), pack.go (the writer).
package ngram
