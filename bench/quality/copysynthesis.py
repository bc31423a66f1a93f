"""Copy synthesis: recordings to log-mel frames and F0, and back to sound by a voice's vocoder, as it ships (probe/copy.go): what the
vocoder alone costs. Recordings are the development utterances of the voice, F0 that of their labels, else estimated."""
import os
import subprocess

import numpy as np
import soundfile as sf
import soxr

from common import VOICE, fingerprint
from prosody import estimate_f0
from sets import RATE, decode, manifest, packed, write_table
from speakers import own_voices

VOICED = 50   # Hz; lower values of the labels mean no voice
FRAME = 300   # samples at 24 kHz


def measure(work):
    """{voice: measures}, for the voices whose recordings the data folder has."""
    try:
        import pesq, pystoi   # noqa: F401
    except ImportError as e:
        print(f'no copy synthesis: {e}')
        return {}
    out = {}
    for voice in own_voices(work):
        rows = [r for r in manifest(work.data) if r['corpus'] == voice.name and r['use'] == 'dev'][:4 if work.quick else 40]
        if rows:
            out[voice.name] = work.result(f'copy-{voice.name}', lambda: copy(work, rows, voice), fingerprint(VOICE))
    return out


def labelled_f0(data):
    """{id: F0 (T)} of the synthetic recordings, two values for each 25 ms."""
    path = data + '/speech/labels.tsv.zst'
    if not os.path.exists(path):
        return {}
    text = subprocess.run(['zstd', '-dc', path], check=True, capture_output=True, text=True).stdout.splitlines()
    names = text[0].split('\t')
    f, at, out = np.load(data + '/speech/prosody.npz')['f'], 0, {}
    for line in text[1:]:
        r = dict(zip(names, line.split('\t')))
        n = 2 * sum(map(int, r['frames'].split()))
        out[r['id']] = np.where(f[at:at + n] < VOICED, 0, f[at:at + n]).astype(np.float32)
        at += n
    return out


def copy(work, rows, voice):
    folder = f'{work.out}/voices/copy-{voice.name}'
    os.makedirs(folder + '/out', exist_ok=True)
    known, table = labelled_f0(work.data), []
    for i, (r, data) in enumerate(packed(work.data, rows)):
        x = decode(data, 24000)
        f0 = known.get(r['id'])
        if f0 is None:
            e = estimate_f0(soxr.resample(x, 24000, RATE))
            f0 = e[np.minimum(len(e) - 1, np.arange(len(x) // FRAME) * 5 // 4)].astype(np.float32)
        x = x[:min(len(x), len(f0) * FRAME) // FRAME * FRAME]
        sf.write(f'{folder}/{i:02d}.wav', x, 24000)
        f0[:len(x) // FRAME].tofile(f'{folder}/{i:02d}.f0')
        table.append(dict(path=f'{i:02d}.wav', f0=f'{i:02d}.f0'))
    write_table(folder + '/manifest.tsv', table)
    work.text(work.tool('probe'), 'copy', '-manifest', folder + '/manifest.tsv', '-voice', VOICE, folder + '/out')
    scores = [compare(f"{folder}/{r['path']}", f"{folder}/out/{r['path']}") for r in table]
    return dict(utterances=len(scores)) | {k: float(np.mean([s[k] for s in scores])) for k in scores[0]}


def compare(recording, copied):
    """Both at 24 kHz and aligned -> PESQ-WB and ESTOI at 16 kHz, log-mel L1 (nepers) over 80 mels, F0 RMSE in Hz and F1 of voicing."""
    from pesq import pesq
    from pystoi import stoi
    x, y = (sf.read(p, dtype='float32')[0] for p in (recording, copied))
    n = min(len(x), len(y))
    u, v = (soxr.resample(z[:n], 24000, RATE) for z in (x, y))
    f, g = estimate_f0(u), estimate_f0(v)
    both = (f > 0) & (g > 0)
    near = both & (np.abs(np.log2(np.maximum(f, 1) / np.maximum(g, 1))) < 0.3)   # octaves are the estimator's errors
    return dict(pesq=pesq(RATE, u, v, 'wb'), estoi=stoi(u, v, RATE, extended=True), mel=float(np.abs(log_mel(x[:n]) - log_mel(y[:n])).mean()),
                f0=float(np.sqrt(np.mean((f - g)[near] ** 2))), voicing=float(2 * both.sum() / max(1, (f > 0).sum() + (g > 0).sum())))


def log_mel(x, rate=24000, fft=1024, hop=300, mels=80):
    """(T, mels): natural logarithm of magnitude, at least 1e-3, on the mel scale 2595 lg(1 + f/700)."""
    edges = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + rate / 1400), mels + 2) / 2595) - 1)
    f = np.fft.rfftfreq(fft, 1 / rate)
    up, down = (f - edges[:-2, None]) / np.diff(edges)[:-1, None], (edges[2:, None] - f) / np.diff(edges)[1:, None]
    filters = np.maximum(0, np.minimum(up, down))
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(x, fft // 2), fft)[::hop] * np.hanning(fft)
    spec = np.abs(np.fft.rfft(frames)) @ (filters / np.maximum(1, filters.sum(1, keepdims=True))).T
    return np.log(np.maximum(spec, 1e-3))
