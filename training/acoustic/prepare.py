#!/usr/bin/env python3
"""Pack labelled speech for the acoustic model and the vocoder: prepare.py DATA OUT [--voices heart michael]

DATA holds manifest.tsv, speech/*.tar (Ogg/Opus, 24 kHz mono), speech/labels.tsv.zst and speech/prosody.npz (see DATA/README.md).
Writes, all utterances one after the other:
  OUT/pcm.i16      24 kHz samples; an utterance has a whole number of frames of 300 samples
  OUT/mel.f16      (frames, 80) natural-log magnitude mel, mel.log_mel; frame t is centred on sample 300 t + 150
  OUT/f0.f16       F0 in Hz, one value a frame, 0 where unvoiced
  OUT/energy.f16   the teacher's energy, one value a frame, about -10 (silence) to 9
  OUT/index.tsv    id, use, voice, first sample, samples, first frame, frames, phonemes, durations (frames of 300 samples of start,
                   each phoneme character, end; they add up to frames), text
"""
import argparse, csv, io, os, subprocess, sys, tarfile, time
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
        out[r['id']] = r['phonemes'], d, np.where(f[at:at + n] < VOICED, 0, f[at:at + n]), e[at:at + n], r['text']
        at += n
    assert at == len(f), 'labels and prosody do not fit together'
    return out


def shard(job):
    """Decode one tar -> [(manifest row, pcm int16, mel f16)]."""
    path, rows, frames = job
    out = []
    with tarfile.open(path) as tar:
        members = {m.name: m for m in tar.getmembers()}
        for r, n in zip(rows, frames):
            x, rate = sf.read(io.BytesIO(tar.extractfile(members[r['id'] + '.opus']).read()), dtype='float32')
            assert rate == RATE, f"{r['id']}: {rate} Hz"
            x = np.pad(x, (0, max(0, n * HOP - len(x))))[:n * HOP]
            out.append((r, np.clip(x * 32767, -32768, 32767).astype(np.int16), log_mel(x).astype(np.float16)))
    return out


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('data'); a.add_argument('out'); a.add_argument('--voices', nargs='+', default=['heart', 'michael'])
    a = a.parse_args()
    os.makedirs(a.out, exist_ok=True)
    known, shards, start, frame = labels(a.data), {}, time.time(), 0
    for r in read_tsv(open(a.data + '/manifest.tsv')):
        if r['corpus'] in a.voices:
            shards.setdefault(r['shard'], []).append(r)
    jobs = [(f'{a.data}/speech/{s}', rows, [sum(known[r['id']][1]) for r in rows]) for s, rows in sorted(shards.items())]
    files = [open(f'{a.out}/{n}', 'wb') for n in ('pcm.i16', 'mel.f16', 'f0.f16', 'energy.f16')]
    with open(a.out + '/index.tsv', 'w') as index, ProcessPoolExecutor(os.cpu_count()) as pool:
        print('id\tuse\tvoice\tsample\tsamples\tframe\tframes\tphonemes\tdurations\ttext', file=index)
        for done in pool.map(shard, jobs):
            for r, pcm, mel in done:
                phonemes, d, f, e, text = known[r['id']]
                assert len(d) == len(phonemes) + 2 and sum(d) == len(mel), r['id']
                print(r['id'], r['use'], r['corpus'], frame * HOP, len(pcm), frame, len(mel), phonemes, ' '.join(map(str, d)), text,
                      sep='\t', file=index)
                for out, x in zip(files, (pcm, mel, f.astype(np.float16), e.astype(np.float16))):
                    out.write(x.tobytes())
                frame += len(mel)
            print(f'{frame * HOP / RATE / 3600:.2f} h in {time.time() - start:.0f} s', file=sys.stderr, flush=True)


if __name__ == '__main__':
    main()
