#!/usr/bin/env python3
"""Pack speech for the recogniser: prepare.py DATA OUT [--layout packed|librispeech|ljspeech|commonvoice] [--corpora ls5 ls100 ...]

DATA is by default a folder with manifest.tsv (id, shard, use, seconds, speaker, corpus, licence, text) and speech/*.tar of Ogg/Opus, mono;
or a public corpus as it is published: LibriSpeech (SUBSET/SPEAKER/CHAPTER/*.flac and *.trans.txt), LJ Speech (metadata.csv, wavs/),
Common Voice (train.tsv, dev.tsv, clips/).
Writes OUT/pcm.i16 (16 kHz, all utterances one after the other), OUT/mel.f16 (log-mel frames, 80 a row, 10 ms) and
OUT/index.tsv (id, use, corpus, speaker, first sample, samples, first frame, frames, text).
Runs one process a core. A file that is missing or cannot be read is named, counted and left out.
"""
import argparse, csv, glob, io, os, tarfile, sys, time
from concurrent.futures import ProcessPoolExecutor
import numpy as np, soundfile as sf, soxr

RATE, WIN, HOP, MELS = 16000, 400, 160, 80


def mel_filters(rate=RATE, n_fft=WIN, mels=MELS):
    """Slaney-scale, area-normalised triangles, (mels, n_fft/2+1): the filterbank of librosa and of Whisper."""
    def to_hz(m):
        return np.where(m < 15, m * 200 / 3, 1000 * np.exp((m - 15) * np.log(6.4) / 27))
    top = 15 + 27 * np.log(rate / 2 / 1000) / np.log(6.4)
    hz = to_hz(np.linspace(0, top, mels + 2))
    f = np.arange(n_fft // 2 + 1) * rate / n_fft
    up = (f[None] - hz[:-2, None]) / (hz[1:-1] - hz[:-2])[:, None]
    down = (hz[2:, None] - f[None]) / (hz[2:] - hz[1:-1])[:, None]
    return (np.maximum(0, np.minimum(up, down)) * (2 / (hz[2:] - hz[:-2]))[:, None]).astype(np.float32)


FILTERS, WINDOW = mel_filters(), np.hanning(WIN + 1)[:-1].astype(np.float32)


def log_mel(x):
    """x (N,) in [-1, 1] -> (T, 80), T = 1 + (N-400)//160: frame t covers samples 160t .. 160t+400, natural log, floor 1e-10."""
    if len(x) < WIN:
        x = np.pad(x, (0, WIN - len(x)))
    frames = np.lib.stride_tricks.sliding_window_view(x, WIN)[::HOP] * WINDOW
    power = np.abs(np.fft.rfft(frames, axis=1)).astype(np.float32) ** 2
    return np.log(np.maximum(power @ FILTERS.T, 1e-10))


def row(uid, use, speaker, corpus, text, path):
    return dict(id=uid, use=use, speaker=speaker, corpus=corpus, text=text, path=path)


def packed(data):
    """Lists of utterances, one a shard; path is the member of the shard."""
    shards = {}
    for r in csv.DictReader(open(data + '/manifest.tsv'), delimiter='\t', quoting=csv.QUOTE_NONE):
        shards.setdefault(r['shard'], []).append({**r, 'path': r['id'] + '.opus'})
    return [(f'{data}/speech/{s}', rows) for s, rows in sorted(shards.items())]


def librispeech(data):
    for trans in sorted(glob.glob(data + '/*/*/*/*.trans.txt')):
        subset, speaker = trans.split('/')[-4:-2]
        lines = (line.strip().split(' ', 1) for line in open(trans))
        yield None, [row(f'{subset}/{i}', 'dev' if subset.startswith(('dev', 'test')) else 'train', speaker, subset, text,
                         f'{os.path.dirname(trans)}/{i}.flac') for i, text in lines]


def ljspeech(data):
    lines = [line.rstrip('\n').split('|') for line in open(data + '/metadata.csv')]
    for k in range(0, len(lines), 500):
        yield None, [row(f'lj/{l[0]}', 'train', 'lj', 'lj', l[-1], f'{data}/wavs/{l[0]}.wav') for l in lines[k:k + 500]]


def commonvoice(data):
    for use in ('train', 'dev'):
        rows = list(csv.DictReader(open(f'{data}/{use}.tsv'), delimiter='\t', quoting=csv.QUOTE_NONE))
        for k in range(0, len(rows), 500):
            yield None, [row(f"cv{use}/{r['path']}", use, r['client_id'], 'cv' + use, r['sentence'], f"{data}/clips/{r['path']}") for r in rows[k:k + 500]]


def shard(job):
    """job (tar or None, utterances) -> [(utterance, samples, log-mel)], [what could not be read]."""
    path, rows = job
    out, bad = [], []
    try:
        tar = tarfile.open(path) if path else None
    except (OSError, tarfile.TarError) as e:
        return [], [f'{path}: {e}: all {len(rows)} utterances in it']
    for r in rows:
        try:
            x, rate = sf.read(io.BytesIO(tar.extractfile(r['path']).read()) if tar else r['path'], dtype='float32')
        except (OSError, KeyError, tarfile.TarError, sf.SoundFileError) as e:
            bad.append(f"{path or ''} {r['path']}: {e}")
            continue
        if not len(x) or not np.isfinite(x).all():
            bad.append(f"{path or ''} {r['path']}: no samples, or some that are not numbers")
            continue
        if x.ndim > 1:
            x = x.mean(1)
        if rate != RATE:
            x = soxr.resample(x, rate, RATE)
        x = x.astype(np.float32)
        out.append((r, np.clip(x * 32767, -32768, 32767).astype(np.int16), log_mel(x).astype(np.float16)))
    return out, bad


LAYOUTS = dict(packed=packed, librispeech=librispeech, ljspeech=ljspeech, commonvoice=commonvoice)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('data'); a.add_argument('out'); a.add_argument('--corpora', nargs='*')
    a.add_argument('--layout', default='packed', choices=LAYOUTS)
    a = a.parse_args()
    os.makedirs(a.out, exist_ok=True)
    jobs = [(tar, [r for r in rows if not a.corpora or r['corpus'] in a.corpora]) for tar, rows in LAYOUTS[a.layout](a.data)]
    n = t = skipped = 0
    start = time.time()
    with open(a.out + '/pcm.i16', 'wb') as pcm, open(a.out + '/mel.f16', 'wb') as mel, open(a.out + '/index.tsv', 'w') as index, \
            ProcessPoolExecutor(os.cpu_count()) as pool:
        print('id\tuse\tcorpus\tspeaker\tsample\tsamples\tframe\tframes\ttext', file=index)
        for done, bad in pool.map(shard, jobs):
            skipped += len(bad)
            for b in bad:
                print('skipped', b, file=sys.stderr)
            for r, x, m in done:
                print(r['id'], r['use'], r['corpus'], r['speaker'], n, len(x), t, len(m), r['text'], sep='\t', file=index)
                pcm.write(x.tobytes()); mel.write(m.tobytes())
                n, t = n + len(x), t + len(m)
            print(f'{n / RATE / 3600:.2f} h in {time.time() - start:.0f} s, {skipped} skipped', file=sys.stderr, flush=True)


if __name__ == '__main__':
    main()
