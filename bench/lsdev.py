#!/usr/bin/env python3
"""Unpack speech to be measured: lsdev.py DATA OUT [--set lsdev|cv|held] [--n 100]

Writes OUT/<set>/*.opus and OUT/<set>.tsv (path, text), which 'parley bench wer' reads. Sets: lsdev, half of LibriSpeech dev-clean, the benchmark;
cv, the Common Voice development slice; held, two LibriSpeech speakers that training/asr/train.py leaves out. --n takes every k-th
utterance so that about n remain.
"""
import argparse, csv, os, tarfile

SETS = {'lsdev': lambda r: r['corpus'] == 'lsdev',
        'cv': lambda r: r['corpus'].startswith('cv') and r['use'] == 'dev',
        'held': lambda r: r['id'].startswith(('ls5/1088-', 'ls5/5789-'))}


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('data'); a.add_argument('out'); a.add_argument('--set', default='lsdev', choices=SETS); a.add_argument('--n', type=int)
    a = a.parse_args()
    rows = [r for r in csv.DictReader(open(a.data + '/manifest.tsv'), delimiter='\t', quoting=csv.QUOTE_NONE) if SETS[a.set](r)]
    if a.n:
        rows = rows[::max(1, len(rows) // a.n)]
    name = a.set + (str(a.n) if a.n else '')
    folder = f'{a.out}/{name}'
    os.makedirs(folder, exist_ok=True)
    shards = {}
    for r in rows:
        shards.setdefault(r['shard'], []).append(r)
    with open(f'{a.out}/{name}.tsv', 'w') as manifest:
        print('path\ttext', file=manifest)
        for shard, members in shards.items():
            with tarfile.open(f'{a.data}/speech/{shard}') as tar:
                for r in members:
                    path = f"{name}/{r['id'].replace('/', '_')}.opus"
                    with open(f'{a.out}/{path}', 'wb') as f:
                        f.write(tar.extractfile(r['id'] + '.opus').read())
                    print(path, r['text'], sep='\t', file=manifest)
    print(f'{len(rows)} utterances, {sum(float(r["seconds"]) for r in rows) / 3600:.2f} h')


if __name__ == '__main__':
    main()
