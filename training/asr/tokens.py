#!/usr/bin/env python3
"""The decoder's subwords: tokens.py WHISPER TEXTS PACKED [--size 5000]

Of the subwords of a Whisper model (a folder with tokenizer.json) those of lower-case letters and apostrophes, and of those the most
frequent in TEXTS (a line each, .zst or not) and in PACKED/index.tsv, whose words count thirty times, with what they are merged from. Writes
PACKED/tokens.json, a BPE vocabulary with metaspace and <blank> as id 0.
"""
import argparse, json, re, subprocess
from collections import Counter
from tokenizers import Tokenizer, models, pre_tokenizers, decoders
from data import read_table, words_of


def tokenizer(merges):
    letters = ['<blank>', '▁', "'", *map(chr, range(ord('a'), ord('z') + 1))]
    vocab = {t: i for i, t in enumerate(dict.fromkeys(letters + [a + b for a, b in merges]))}
    t = Tokenizer(models.BPE(vocab, merges))
    t.pre_tokenizer, t.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    return t


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('whisper'); a.add_argument('texts'); a.add_argument('packed'); a.add_argument('--size', type=int, default=5000)
    a = a.parse_args()
    merges = [m.split(' ') if isinstance(m, str) else m for m in json.load(open(a.whisper + '/tokenizer.json'))['model']['merges']]
    merges = [(x.replace('Ġ', '▁'), y.replace('Ġ', '▁')) for x, y in merges if re.fullmatch("Ġ?[a-z']*", x + y)]
    lines = subprocess.run(['zstd', '-dcf', a.texts], capture_output=True, check=True, text=True).stdout.splitlines()
    count, whole = Counter(), tokenizer(merges)
    for texts, times in (lines, 1), ([r['text'] for r in read_table(a.packed + '/index.tsv') if r['use'] == 'train'], 30):
        for e in whole.encode_batch([' '.join(words_of(t)) for t in texts]):
            for t in e.tokens:
                count[t] += times
    keep = {t for t, _ in count.most_common(a.size)}
    for x, y in reversed(merges):                            # a merge comes after those that made its halves
        if x + y in keep:
            keep |= {x, y}
    t = tokenizer([(x, y) for x, y in merges if x + y in keep])
    t.save(a.packed + '/tokens.json')
    print(f'{t.get_vocab_size()} tokens, {sum(count.values())} counted')


if __name__ == '__main__':
    main()
