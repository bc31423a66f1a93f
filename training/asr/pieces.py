#!/usr/bin/env python3
"""Carry training data to a machine without a network: pieces.py pack DATA PACKED PIECES [--init WHISPER] [--after RUN] [--mb 40]; there, pieces.py unpack PIECES DATA PACKED

pack writes PIECES/piece-NN.tar of at most --mb million bytes each: the shards of DATA's speech as they are (Ogg/Opus), its manifest,
lexicon and tokenizers, what took a teacher to compute, as far as PACKED has it (frame targets, expected subwords, marks), and the models that
training starts from. unpack puts the pieces together and computes the features (prepare.py, one process a core); after it train.py runs on
PACKED, with --init PACKED/init and --after PACKED/after.
"""
import argparse, glob, io, os, subprocess, sys, tarfile
import numpy as np

THIRDS = 3                                                   # a frame's share of a phone is 0 to 3 thirds
NEEDED = ('lexicon.tsv', 'tokenizer.json', 'tokens.json')
TAUGHT = ('targets.npz', 'targets.tsv', 'soft.npz', 'written.tsv')


def pack(data, packed, pieces, init, after, most):
    os.makedirs(pieces, exist_ok=True)
    from phones import PHONES
    if os.path.exists(packed + '/targets.f16'):
        share = np.memmap(packed + '/targets.f16', np.float16, 'r').reshape(-1, len(PHONES))
        np.savez_compressed(packed + '/targets.npz', thirds=(share * THIRDS).round().astype(np.uint8))
    files = [(f'{packed}/{f}', f) for f in NEEDED + TAUGHT if f in NEEDED or os.path.exists(f'{packed}/{f}')] + [(data + '/manifest.tsv', 'data/manifest.tsv')]
    files += [(f, 'data/speech/' + os.path.basename(f)) for f in sorted(glob.glob(data + '/speech/*.tar'))]
    for folder, name in ((init, 'init/'), (after, 'after/')):
        if folder:
            files += [(f'{folder}/{f}', name + f) for f in ('config.json', 'tokenizer.json', 'model.safetensors')]
    groups, room, whole = [], 0, most - 20480                # a file's bytes that fit into a piece, beside headers and padding
    for f, name in files:
        size = os.path.getsize(f)
        for at in range(0, max(size, 1), whole):             # a file that is too large, in parts
            n = min(whole, size - at)
            if n + 2048 > room:
                groups.append([]); room = most - 10240
            groups[-1].append((f, at, n, name if size <= whole else f'{name}.part{at // whole:02}')); room -= n + 2048
    for k, group in enumerate(groups):
        path = f'{pieces}/piece-{k:02}.tar'
        with tarfile.open(path, 'w') as tar:
            for f, at, n, name in group:
                info = tarfile.TarInfo(name); info.size = n
                with open(f, 'rb') as file:
                    file.seek(at); tar.addfile(info, io.BytesIO(file.read(n)))
        print(path, f'{os.path.getsize(path) / 1e6:.1f} MB', len(group), 'files')


def unpack(pieces, data, packed):
    os.makedirs(data, exist_ok=True)
    os.makedirs(packed, exist_ok=True)
    for path in sorted(glob.glob(pieces + '/piece-*.tar')):
        with tarfile.open(path) as tar:
            for m in tar.getmembers():
                m.name, folder = (m.name.removeprefix('data/'), data) if m.name.startswith('data/') else (m.name, packed)
                tar.extract(m, folder, filter='data')
    for part in sorted(glob.glob(packed + '/**/*.part[0-9][0-9]', recursive=True)):
        with open(part, 'rb') as file, open(part[:-7], 'wb' if part.endswith('00') else 'ab') as out:
            out.write(file.read())
        os.remove(part)
    if os.path.exists(packed + '/targets.npz'):
        share = np.load(packed + '/targets.npz')['thirds']
        with open(packed + '/targets.f16', 'wb') as out:
            for k in range(0, len(share), 1 << 16):
                out.write((share[k:k + (1 << 16)] / THIRDS).astype(np.float16).tobytes())
    subprocess.run([sys.executable, os.path.dirname(os.path.abspath(__file__)) + '/prepare.py', data, packed], check=True)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = a.add_subparsers(dest='verb', required=True)
    p = verbs.add_parser('pack'); p.add_argument('data'); p.add_argument('packed'); p.add_argument('pieces'); p.add_argument('--init'); p.add_argument('--after'); p.add_argument('--mb', type=float, default=40)
    p = verbs.add_parser('unpack'); p.add_argument('pieces'); p.add_argument('data'); p.add_argument('packed')
    a = a.parse_args()
    if a.verb == 'pack':
        pack(a.data, a.packed, a.pieces, a.init, a.after, int(a.mb * 1e6))
    else:
        unpack(a.pieces, a.data, a.packed)


if __name__ == '__main__':
    main()
