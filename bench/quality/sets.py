"""The sets: recordings and what is said in them, made once from the packed data folder.

  lsdev      half of LibriSpeech dev-clean, 1,249 utterances
  lsdev4     every fourth of them; noisy10 and phone8k are copies of it
  lsdev16    every fourth of those, for engines that are slow
  noisy10    with noise of the data folder at 10 dB below the speech
  phone8k    as by telephone: 300 to 3,400 Hz, 8 kHz, mu-law
  cv         the Common Voice development slice
  noise      ten minutes in which nobody speaks
  latency    every 20th of lsdev and 2.5 s of its room after it, with the time at which speech ends
  long       five minutes of lsdev as one file
Every set is sets/NAME.tsv in the output folder, with the columns path and text."""
import csv
import io
import os
import sys
import tarfile

import numpy as np
import soundfile as sf
import soxr

from common import ROOT

RATE = 16000
LSDEV, CV = (lambda r: r['corpus'] == 'lsdev'), (lambda r: r['corpus'].startswith('cv') and r['use'] == 'dev')


def manifest(data):
    with open(data + '/manifest.tsv') as f:
        return list(csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE))


def packed(data, rows):
    """Yields rows with the bytes of their Ogg/Opus files."""
    shards = {}
    for r in rows:
        shards.setdefault(r['shard'], []).append(r)
    for shard, members in shards.items():
        with tarfile.open(f'{data}/speech/{shard}') as tar:
            for r in members:
                yield r, tar.extractfile(r['id'] + '.opus').read()


def decode(data, rate=RATE):
    x, r = sf.read(io.BytesIO(data), dtype='float32')
    return x if r == rate else soxr.resample(x, r, rate).astype(np.float32)


def write_table(path, rows):
    """rows of dicts with the same keys; the file appears when it is whole."""
    with open(path + '.new', 'w') as f:
        print(*rows[0], sep='\t', file=f)
        for r in rows:
            print(*r.values(), sep='\t', file=f)
    os.replace(path + '.new', path)


def read_table(path):
    with open(path) as f:
        return list(csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE))


class Sets:
    def __init__(self, work):
        self.work, self.folder, self.rows = work, f'{work.out}/sets', manifest(work.data)

    def path(self, name):
        return f'{self.folder}/{name}.tsv'

    def make(self):
        for name in ('lsdev', 'cv', 'lsdev4', 'lsdev16', 'noisy10', 'phone8k', 'noise', 'latency', 'long'):
            if not os.path.exists(self.path(name)):
                os.makedirs(f'{self.folder}/{name}', exist_ok=True)   # of its sounds
                write_table(self.path(name), getattr(self, name)())

    def lsdev(self):
        return self.original('lsdev', [r for r in self.rows if LSDEV(r)][::20 if self.work.quick else 1])

    def cv(self):
        return self.original('cv', [r for r in self.rows if CV(r)][::20 if self.work.quick else 1])

    def original(self, name, rows):
        out = []
        for r, data in packed(self.work.data, rows):
            path = f"{name}/{r['id'].replace('/', '_')}.opus"
            with open(f'{self.folder}/{path}', 'wb') as f:
                f.write(data)
            out.append(dict(path=path, text=r['text']))
        return out

    def lsdev4(self):
        return read_table(self.path('lsdev'))[::1 if self.work.quick else 4]

    def lsdev16(self):
        return read_table(self.path('lsdev4'))[::4]

    def copies(self, name, change, rate=RATE):
        """lsdev4 with every recording changed: change(x, number)."""
        out = []
        for i, r in enumerate(read_table(self.path('lsdev4'))):
            path = f"{name}/{os.path.basename(r['path'])[:-5]}.flac"
            x = change(decode(open(f"{self.folder}/{r['path']}", 'rb').read()), i)
            sf.write(f'{self.folder}/{path}', np.clip(x, -1, 1), rate)
            out.append(dict(path=path, text=r['text']))
        return out

    def noisy10(self):
        noise = np.concatenate(list(self.recorded_noise().values()))

        def mix(x, i):
            rng = np.random.default_rng(i)
            at = rng.integers(len(noise) - len(x))
            n = noise[at:at + len(x)]
            return x + n * 10 ** ((active_level(x) - level(n) - 10) / 20)
        return self.copies('noisy10', mix)

    def phone8k(self):
        return self.copies('phone8k', lambda x, i: telephone(x), 8000)

    def recorded_noise(self):
        return {r['id'].split('/')[-1]: decode(data) for r, data in packed(self.work.data, [r for r in self.rows if r['use'] == 'noise'])}

    def noise(self):
        """The recordings, 20 s of nothing, and music made by rule up to ten minutes."""
        sys.path.insert(0, f'{ROOT}/training/vad')
        from sounds import music, rms
        sounds = self.recorded_noise()
        sounds['silence'] = np.zeros(20 * RATE, np.float32)
        rng, left, k = np.random.default_rng(7), 600 * RATE - sum(map(len, sounds.values())), 0
        while left > 0:
            n = min(left, 15 * RATE)
            x = music(rng, n)
            sounds[f'music{k}'] = (0.1 * x / rms(x)).astype(np.float32)
            left, k = left - n, k + 1
        out = []
        for name, x in sounds.items():
            if self.work.quick:
                x = x[:5 * RATE]
            sf.write(f'{self.folder}/noise/{name}.flac', np.clip(x, -1, 1), RATE)
            out.append(dict(path=f'noise/{name}.flac', text='', seconds=f'{len(x) / RATE:.3f}'))
        return out

    def latency(self):
        out = []
        for i, r in enumerate(read_table(self.path('lsdev'))[::4 if self.work.quick else 20]):
            x = decode(open(f"{self.folder}/{r['path']}", 'rb').read())
            levels = frame_levels(x)
            end = speech_end(levels)
            quiet = 10 ** (min(-60, np.percentile(levels, 3)) / 20) * np.random.default_rng(i).standard_normal(5 * RATE // 2)
            path = f'latency/{i:03d}.wav'
            sf.write(f'{self.folder}/{path}', np.concatenate([x[:int(end * RATE) + RATE // 10], quiet]), RATE)
            out.append(dict(path=path, end=f'{end:.3f}', text=r['text']))
        return out

    def long(self):
        x, n = [], 0
        for r in read_table(self.path('lsdev')):
            if n < 300 * RATE:
                x.append(decode(open(f"{self.folder}/{r['path']}", 'rb').read()))
                n += len(x[-1])
        x = np.concatenate(x)[:300 * RATE]
        sf.write(f'{self.folder}/long/long.wav', x, RATE)
        return [dict(path='long/long.wav', seconds=f'{len(x) / RATE:.3f}')]


def level(x):
    """dB of full scale."""
    return 10 * np.log10(np.mean(np.square(x, dtype=np.float64)) + 1e-12)


def frame_levels(x, frame=RATE // 100):
    """Levels of frames of 10 ms, dB."""
    return 10 * np.log10(np.mean(np.square(x[:len(x) // frame * frame].reshape(-1, frame), dtype=np.float64), 1) + 1e-12)


def active_level(x):
    """The level of the frames within 25 dB of the loud ones: of the speech without its pauses."""
    levels = frame_levels(x)
    loud = levels[levels > np.percentile(levels, 95) - 25]
    return 10 * np.log10(np.mean(10 ** (loud / 10)))


def speech_end(levels):
    """Seconds: the end of the last 30 ms that are 10 dB above the quietest frames and within 35 dB of the loud ones."""
    speech = levels > max(np.percentile(levels, 5) + 10, np.percentile(levels, 95) - 35)
    runs = np.convolve(speech, np.ones(3), 'valid') == 3
    return (np.flatnonzero(runs)[-1] + 3) / 100


def telephone(x):
    """x at 16 kHz -> 8 kHz through 300 to 3,400 Hz and mu-law."""
    spec, f = np.fft.rfft(x), np.fft.rfftfreq(len(x), 1 / RATE)
    gain = np.clip((f - 200) / 100, 0, 1) * np.clip((3600 - f) / 200, 0, 1)
    y = soxr.resample(np.fft.irfft(spec * gain, len(x)), RATE, 8000)
    y = np.clip(y / max(1e-9, np.abs(y).max()) * 0.7, -1, 1)
    code = np.round(127.5 * np.sign(y) * np.log1p(255 * np.abs(y)) / np.log(256) - 0.5) + 0.5
    return np.sign(code) * (256 ** (np.abs(code) / 127.5) - 1) / 255
