// Package text turns English text into phonemes: sentences, spoken words, pronunciations.
//
// The stages, each usable alone, in the order in which to read them:
//
//   - sentence.go: Splitter cuts a stream into sentences with bounded memory.
//   - fold.go, lexer.go, normalize.go, rules_*.go, number.go, tables.go: Normalize writes numbers, dates, times, money, units,
//     abbreviations, addresses and symbols as spoken words. It is linear in the length of the text.
//   - lexicon.go, pack.go, user.go: the built-in lexicon in two megabytes of memory, and the user's own on top.
//   - weak.go, heteronym.go, morphology.go, spell.go, capitals.go: weak forms (the, to), words with two readings, endings, letter
//     names, acronyms and shouting.
//   - g2p.go: the letter-to-sound Transformer for words that no lexicon has.
//   - frontend.go: Frontend puts them together: Phonemes for a sentence, Pronounce for one word.
//
// Phonemes are those of misaki (https://github.com/hexgrad/misaki) for US English, one character each, see Alphabet.
//
// Words in other alphabets than Latin are left out (single Greek letters have their names), as are emoji and control
// characters; accents are taken off before a word is looked up.
package text
