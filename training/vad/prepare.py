#!/usr/bin/env python3
"""Render what the voice activity detector learns from: prepare.py PACKED OUT [--noise DIR ...] [--hours 9] [--seed 1]

PACKED is the output of ../asr/prepare.py and ../asr/targets.py: 16 kHz samples of all speech and noise, and the times of phones of all
speech for training. DIRs hold further recordings without speech in any format that libsndfile reads. Half of PACKED's noise recordings
(HELD_OUT) and two speakers of LibriSpeech are left for testing.
Writes OUT/mel.f16 (clips, 500, 40) and OUT/label.u8 (clips, 500): the share of speech in each frame of 16 ms, of 255; OUT/clips.tsv.
Clips are rendered in order, each from a seed of its own: a run that was stopped goes on where it was.
"""
import argparse, csv, glob, os, sys, time
import numpy as np, soundfile as sf, soxr
from sounds import RATE, coded, line, rms, room, synthetic, tilt

HOP, FFT, MELS, FRAMES = 256, 512, 40, 500
N = HOP * (FRAMES - 1) + FFT                                 # samples of a clip
HELD_OUT = ('noise/kitchen', 'noise/doing_the_dishes', 'noise/pink_noise')
HELD_OUT_SPEECH = ('ls5/1088-', 'ls5/5789-')


def mel_filters():
    """Slaney-scale, area-normalised triangles, (MELS, FFT/2+1): audio.MelConfig of package vad."""
    to_hz = lambda m: np.where(m < 15, m * 200 / 3, 1000 * np.exp((m - 15) * np.log(6.4) / 27))
    hz = to_hz(np.linspace(0, 15 + 27 * np.log(RATE / 2 / 1000) / np.log(6.4), MELS + 2))
    f = np.arange(FFT // 2 + 1) * RATE / FFT
    up, down = (f - hz[:-2, None]) / (hz[1:-1] - hz[:-2])[:, None], (hz[2:, None] - f) / (hz[2:] - hz[1:-1])[:, None]
    return np.maximum(0, np.minimum(up, down)) * (2 / (hz[2:] - hz[:-2]))[:, None]


FILTERS, WINDOW = mel_filters().astype(np.float32), np.hanning(FFT + 1)[:-1].astype(np.float32)


def log_mel(x):
    """x (N,) -> (1 + (N-FFT)//HOP, MELS), natural logarithm of power, floor 1e-10."""
    frames = np.lib.stride_tricks.sliding_window_view(x, FFT)[::HOP] * WINDOW
    return np.log(np.maximum((np.abs(np.fft.rfft(frames, axis=1)) ** 2).astype(np.float32) @ FILTERS.T, 1e-10))


def speech_times(silence, n):
    """silence (T): its share in rows of 40 ms, centred on 45 ms, 85 ms ...; -> (n) bool a sample at 1 kHz. Pauses under 100 ms are speech."""
    p = np.interp(np.arange(n), 45 + 40 * np.arange(len(silence)), 1 - silence, 0, 0) > 0.5
    edges = np.flatnonzero(np.diff(np.concatenate([[0], p.astype(np.int8), [0]])))
    for end, start in zip(edges[1:-1:2], edges[2::2]):
        if start - end < 100:
            p[end:start] = True
    return p


class Corpus:
    def __init__(self, packed, dirs):
        self.pcm = np.memmap(packed + '/pcm.i16', np.int16, 'r')
        read = lambda f: list(csv.DictReader(open(packed + '/' + f), delimiter='\t', quoting=csv.QUOTE_NONE))
        rows = {r['id']: r for r in read('targets.tsv')}
        phones = os.path.getsize(packed + '/targets.f16') // 2 // sum(int(r['rows']) for r in rows.values())
        self.targets = np.memmap(packed + '/targets.f16', np.float16, 'r').reshape(-1, phones)
        bad = np.quantile([float(r['quality']) for r in rows.values() if float(r['quality']) < 0], 0.03)
        self.speech, self.noise = [], []
        for r in read('index.tsv'):
            u = (int(r['sample']), int(r['samples']))
            if r['use'] == 'noise' and r['id'] not in HELD_OUT:
                self.noise.append(self.pcm[u[0]:u[0] + u[1]].astype(np.float32) / 32768)
            t = rows.get(r['id'])
            if r['use'] == 'train' and t and float(t['quality']) > bad and not r['id'].startswith(HELD_OUT_SPEECH):
                self.speech.append((*u, int(t['row']), int(t['rows']), r['corpus']))
        for f in sorted(f for d in dirs for f in glob.glob(d + '/*')):
            x, rate = sf.read(f, dtype='float32', always_2d=True)
            self.noise.append(soxr.resample(x.mean(1), rate, RATE).astype(np.float32))
        corpora = [u[-1] for u in self.speech]
        self.weights = np.array([1 / (corpora.count(c) + 1500) for c in corpora])       # few voices of many hours count less
        self.weights /= self.weights.sum()
        print(f'{len(self.speech)} utterances; {len(self.noise)} recordings of noise, {sum(map(len, self.noise)) / RATE / 60:.0f} min', file=sys.stderr)

    def utterance(self, rng):
        """-> samples, and for each whether it is speech; rms 1 where it is."""
        at, n, row, rows, _ = self.speech[rng.choice(len(self.speech), p=self.weights)]
        x = self.pcm[at:at + n].astype(np.float32) / 32768
        s = np.repeat(speech_times(1 - self.targets[row:row + rows, 1:].sum(1, dtype=np.float32), n * 1000 // RATE + 1), RATE // 1000)[:n]
        return x / rms(x[s] if s.any() else x), s

    def background(self, rng):
        """N samples of noise, rms 1: a recording, something synthetic, or both."""
        y, kind = np.zeros(N, np.float32), rng.random()
        if kind < 0.6:
            x = self.noise[rng.choice(len(self.noise))]
            x = x[(rng.integers(len(x)) + np.arange(N)) % len(x)]
            if rng.random() < 0.3:                           # the same at another speed is another noise
                x = soxr.resample(x, RATE, RATE * rng.uniform(1, 1.4))[:N]
            y[:len(x)] += x / (rms(x) + 1e-5)
        if kind > 0.5:
            y += synthetic(rng, N) * 10 ** (rng.uniform(-10, 10) / 20)
        return y / rms(y)


def clip(c, rng):
    """One clip: -> log-mel (FRAMES, MELS), speech in each frame (FRAMES)."""
    x, s, noise = np.zeros(N, np.float32), np.zeros(N, bool), c.background(rng)
    if rng.random() < 0.72:
        at = int(RATE * rng.uniform(-2, 3))
        while at < N:
            u, v = c.utterance(rng)
            lo, hi = max(0, at), min(N, at + len(u))
            if hi > lo:
                x[lo:hi] += u[lo - at:hi - at] * 10 ** (rng.uniform(-4, 4) / 20)
                s[lo:hi] |= v[lo - at:hi - at]
            at += len(u) + int(RATE * 10 ** rng.uniform(-1, 0.6))
        if rng.random() < 0.3:
            x = room(rng, x)
        if rng.random() < 0.88:
            noise *= 10 ** (-np.clip(rng.normal(10, 10), -6, 40) / 20)
        else:
            noise *= 0
    elif rng.random() < 0.1:
        noise *= 0
    x += noise
    if rng.random() < 0.5:
        x = tilt(rng, x)
    x = line(rng, x * 10 ** (rng.uniform(-50, -8) / 20))
    if rng.random() < 0.5:
        x = np.round(x * 32768) / 32768
    x = np.clip(x, -1, 1)
    label = s[:FRAMES * HOP].reshape(FRAMES, HOP).mean(1)
    return log_mel(x).astype(np.float16), np.round(label * 255).astype(np.uint8)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('packed'); a.add_argument('out'); a.add_argument('--noise', nargs='*', default=[])
    a.add_argument('--hours', type=float, default=9); a.add_argument('--seed', type=int, default=1)
    a = a.parse_args()
    os.makedirs(a.out, exist_ok=True)
    c, total = Corpus(a.packed, a.noise), int(a.hours * 3600 * RATE / HOP / FRAMES)
    mel, label = open(a.out + '/mel.f16', 'ab'), open(a.out + '/label.u8', 'ab')
    done = min(mel.tell() // (FRAMES * MELS * 2), label.tell() // FRAMES)
    mel.truncate(done * FRAMES * MELS * 2); label.truncate(done * FRAMES)
    start, first = time.time(), done
    for k in range(done, total):
        m, l = clip(c, np.random.default_rng((a.seed, k)))
        mel.write(m.tobytes()); label.write(l.tobytes())
        if (k + 1) % 100 == 0:
            mel.flush(); label.flush()
            print(f'{k + 1} of {total} clips, {(time.time() - start) / (k + 1 - first) * 1000:.0f} ms each', file=sys.stderr, flush=True)


if __name__ == '__main__':
    main()
