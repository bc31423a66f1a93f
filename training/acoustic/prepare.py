#!/usr/bin/env python3
"""Pack labelled speech for the acoustic model and the vocoder: prepare.py DATA OUT [--voices heart michael]

DATA holds manifest.tsv, speech/*.tar (Ogg/Opus, 24 kHz mono), speech/labels.tsv.zst and speech/prosody.npz (see DATA/README.md); or, as the
teacher's own program writes speech that no codec has touched, VOICE/*.flac, VOICE/*.npz (d: frames of 25 ms, f: F0, e: energy) and VOICE/*.tsv
(id, seconds, phonemes, frames, text), where VOICE may have a prefix such as af_. Writes, all utterances one after the other:
  OUT/pcm.i16      24 kHz samples; an utterance has a whole number of frames of 300 samples
  OUT/mel.f16      (frames, 80) natural-log magnitude mel, mel.log_mel; frame t is centred on sample 300 t + 150
  OUT/f0.f16       F0 in Hz, one value a frame, 0 where unvoiced
  OUT/energy.f16   the teacher's energy, one value a frame, about -10 (silence) to 9
  OUT/index.tsv    id, use, voice, first sample, samples, first frame, frames, phonemes, durations (frames of 300 samples of start,
                   each phoneme character, end; they add up to frames), text
  OUT/prosody.npz  of speech without a manifest: f, the F0 before thresholding, as the vocoder's --prosody wants it
"""
import argparse, csv, glob, io, os, subprocess, sys, tarfile, time, zlib
from concurrent.futures import ProcessPoolExecutor
import numpy as np, soundfile as sf
from mel import RATE, HOP, log_mel

VOICED = 50      # Hz: the teacher's F0 falls to about 8 Hz where there is no voice


def read_tsv(f):
    return csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE)


def labels(data):
    """id -> (phonemes, durations in mel frames, F0, energy, text)."""
    text = subprocess.run(['zstd', '-dc', data + '/speech/labels.tsv.zst'], check=True, capture_output=True).stdout.decode()
    prosody = np.load(data + '/speech/prosody.npz')
    f, e, at, out = prosody['f'], prosody['e'], 0, {}
    for r in read_tsv(io.StringIO(text)):
        d = [2 * int(x) for x in r['frames'].split()]
        n = sum(d)
        out[r['id']] = r['phonemes'], d, f[at:at + n], e[at:at + n], r['text']
        at += n
    assert at == len(f), 'labels and prosody do not fit together'
    return out


def pack(r, x, rate, frames):
    """-> (row, pcm int16, mel f16) of sound x, cut or filled up to whole frames."""
    assert rate == RATE, f"{r['id']}: {rate} Hz"
    x = np.pad(x, (0, max(0, frames * HOP - len(x))))[:frames * HOP]
    return r, np.clip(x * 32767, -32768, 32767).astype(np.int16), log_mel(x).astype(np.float16)


def shard(job):
    """Decode one tar -> [(manifest row, pcm int16, mel f16)]."""
    path, rows, frames = job
    with tarfile.open(path) as tar:
        members = {m.name: m for m in tar.getmembers()}
        return [pack(r, *sf.read(io.BytesIO(tar.extractfile(members[r['id'] + '.opus']).read()), dtype='float32'), n) for r, n in zip(rows, frames)]


def loose(job):
    """Decode some files -> [(row, pcm int16, mel f16)]."""
    _, rows, frames = job
    return [pack(r, *sf.read(r['path'], dtype='float32'), n) for r, n in zip(rows, frames)]


def generated(data, voices):
    """-> labels and rows of VOICE/*.tsv; every thirtieth sentence is for development."""
    known, rows = {}, []
    for path in sorted(glob.glob(data + '/*/*.tsv')):
        folder = os.path.dirname(path)
        voice = os.path.basename(folder).split('_')[-1]
        if voice not in voices:
            continue
        for line in open(path):
            uid, _, phonemes, _, text = line.rstrip('\n').split('\t')
            z = np.load(f'{folder}/{uid}.npz')
            d, f, e = [2 * int(n) for n in z['d']], z['f'].astype(np.float32), z['e'].astype(np.float32)
            known[uid] = phonemes, d, f, e, text
            rows.append(dict(id=uid, use='dev' if zlib.crc32(text.encode()) % 30 == 0 else 'train', corpus=voice, path=f'{folder}/{uid}.flac'))
    return known, rows


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('data'); a.add_argument('out'); a.add_argument('--voices', nargs='+', default=['heart', 'michael'])
    a = a.parse_args()
    os.makedirs(a.out, exist_ok=True)
    shards, start, frame = {}, time.time(), 0
    if os.path.exists(a.data + '/manifest.tsv'):
        decode, known = shard, labels(a.data)
        for r in read_tsv(open(a.data + '/manifest.tsv')):
            if r['corpus'] in a.voices:
                shards.setdefault(r['shard'], []).append(r)
    else:
        decode, (known, rows) = loose, generated(a.data, a.voices)
        shards = {f'{k:06d}': rows[k:k + 100] for k in range(0, len(rows), 100)}
        np.savez(a.out + '/prosody.npz', f=np.concatenate([known[r['id']][2] for r in rows]).astype(np.float16))
    jobs = [(f'{a.data}/speech/{s}', rows, [sum(known[r['id']][1]) for r in rows]) for s, rows in sorted(shards.items())]
    files = [open(f'{a.out}/{n}', 'wb') for n in ('pcm.i16', 'mel.f16', 'f0.f16', 'energy.f16')]
    with open(a.out + '/index.tsv', 'w') as index, ProcessPoolExecutor(os.cpu_count()) as pool:
        print('id\tuse\tvoice\tsample\tsamples\tframe\tframes\tphonemes\tdurations\ttext', file=index)
        for done in pool.map(decode, jobs):
            for r, pcm, mel in done:
                phonemes, d, f, e, text = known[r['id']]
                assert len(d) == len(phonemes) + 2 and sum(d) == len(mel), r['id']
                print(r['id'], r['use'], r['corpus'], frame * HOP, len(pcm), frame, len(mel), phonemes, ' '.join(map(str, d)), text,
                      sep='\t', file=index)
                for out, x in zip(files, (pcm, mel, np.where(f < VOICED, 0, f).astype(np.float16), e.astype(np.float16))):
                    out.write(x.tobytes())
                frame += len(mel)
            print(f'{frame * HOP / RATE / 3600:.2f} h in {time.time() - start:.0f} s', file=sys.stderr, flush=True)


if __name__ == '__main__':
    main()
