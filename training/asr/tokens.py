#!/usr/bin/env python3
"""The decoder's subwords: tokens.py WHISPER TEXTS PACKED [--size 22000]

Of the subwords of a Whisper model (a folder with tokenizer.json) those of letters and apostrophes, and of those the most frequent in TEXTS
(a line each, .zst or not) and in PACKED/written.tsv less the speakers left out, whose words count ten times, with what they are merged from;
and the marks. Writes PACKED/tokens.json, a BPE vocabulary with metaspace and <blank> as id 0.
"""
import argparse, json, re, string, subprocess
from collections import Counter
from tokenizers import Tokenizer, models, pre_tokenizers, decoders
from data import HELD_OUT, MARKS, read_table, styled, words_of, written
from written import split


def tokenizer(merges):
    letters = ['<blank>', '▁', "'", *MARKS[1:], *string.ascii_letters]
    vocab = {t: i for i, t in enumerate(dict.fromkeys(letters + [a + b for a, b in merges]))}
    t = Tokenizer(models.BPE(vocab, merges))
    t.pre_tokenizer, t.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    return t


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('whisper'); a.add_argument('texts'); a.add_argument('packed'); a.add_argument('--size', type=int, default=22000)
    a = a.parse_args()
    merges = [m.split(' ') if isinstance(m, str) else m for m in json.load(open(a.whisper + '/tokenizer.json'))['model']['merges']]
    merges = [(x.replace('Ġ', '▁'), y.replace('Ġ', '▁')) for x, y in merges if re.fullmatch("Ġ?[A-Za-z']*", x + y)]
    lines = subprocess.run(['zstd', '-dcf', a.texts], capture_output=True, check=True, text=True).stdout.splitlines()
    count, whole = Counter(), tokenizer(merges)
    lines = [' '.join(styled(w, MARKS[mark], case) for w, mark, case in split(t)) for t in lines]
    words = {r['id']: words_of(r['text']) for r in read_table(a.packed + '/index.tsv')}
    for texts, times in (lines, 1), ([written(words[r['id']], r['codes']) for r in read_table(a.packed + '/written.tsv') if not r['id'].startswith(HELD_OUT)], 10):
        for e in whole.encode_batch(texts):
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
