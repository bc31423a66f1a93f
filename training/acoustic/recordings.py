#!/usr/bin/env python3
"""Label a person's recordings for the acoustic model and the vocoder:
recordings.py CORPUS SYNTHETIC WHISPER OUT --voice NAME [--phonemes 'go run ./training/cmd/phonemes models/en/voice'] [--states ASR_PACKED]

CORPUS is a folder of one speaker: metadata.csv with lines 'id|text' or 'id|text|text as it is spoken' and wavs/ID.wav, .flac or .opus of any
rate (as LJ Speech is published); or DATA with a manifest.tsv that knows the voice. SYNTHETIC is prepare.py's output: what the aligner learns
from and what level and energy are matched to. WHISPER is a Hugging Face directory (tiny.en is enough); --states, with the output of
asr/prepare.py and asr/teacher.py, saves its work. Each recording is cleaned (high-pass, steady noise subtracted, level), aligned (align.py),
its F0 tracked (pitch.py), its energy taken from its mel; its first and last silence are brought to the length of the synthetic ones.
Broken audio, texts without phonemes and recordings that do not say their text are reported and left out. OUT has the files of prepare.py.
"""
import argparse, glob, io, os, shlex, subprocess, sys, tarfile, time, zlib
import numpy as np, soundfile as sf, soxr, torch
from align import align, train
from mel import RATE, HOP, log_mel, mel_filters
from pitch import track
from prepare import read_tsv
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from whisperstates import encode, whisper_mel

STEP = 2 * HOP               # samples a step of 25 ms
FIRST, LAST = 14, 12         # steps of silence at both ends
WORST = -2.2                 # nats a step: a recording below it does not say its text


def corpus(folder, voice):
    """-> [(id, use, text, load)]; every thirtieth sentence is for development where the corpus does not say."""
    if os.path.exists(folder + '/manifest.tsv'):
        rows = [r for r in read_tsv(open(folder + '/manifest.tsv')) if r['corpus'] == voice]
        tars = {s: tarfile.open(f'{folder}/speech/{s}') for s in {r['shard'] for r in rows}}
        return [(r['id'], r['use'], r['text'], lambda r=r: io.BytesIO(tars[r['shard']].extractfile(r['id'] + '.opus').read())) for r in rows]
    out = []
    for line in open(folder + '/metadata.csv'):
        uid, *texts = line.rstrip('\n').split('|')
        use = 'dev' if zlib.crc32(texts[-1].encode()) % 30 == 0 else 'train'
        out.append((uid, use, texts[-1], lambda uid=uid: (glob.glob(f'{folder}/wavs/{glob.escape(uid)}.*') or [f'{folder}/wavs/{uid}.wav'])[0]))
    return out


def read(source):
    """-> mono (N,), rate, what is wrong or None."""
    try:
        x, rate = sf.read(source(), dtype='float32')
        return (x if x.ndim == 1 else x.mean(1)), rate, None if len(x) > rate / 5 else 'shorter than 0.2 s'
    except (sf.LibsndfileError, OSError, KeyError) as e:
        return None, 0, str(e)


def clean(x, rate, level):
    """-> x at RATE: high-passed at 70 Hz, steady noise subtracted (Boll 1979, over-subtracted by 1.5, at most 15 dB), its speech at `level`
    (RMS of the louder half of the frames)."""
    x = torch.from_numpy(soxr.resample(x, rate, RATE))
    window = torch.hann_window(1024)
    s = torch.stft(x, 1024, 256, window=window, return_complex=True)
    power = s.abs().square()
    near = torch.nn.functional.avg_pool1d(power[None], 5, 1, 2)[0]
    noise = 1.5 * 1.6 * near.quantile(0.05, dim=1, keepdim=True)     # 1.6: the low quantile of a smoothed power is below its mean
    gain = (1 - noise / near.clamp(min=1e-12)).clamp(min=10 ** -1.5).sqrt()
    hz = torch.arange(513) * RATE / 1024
    gain = gain * (hz / 70).clamp(max=1)[:, None] ** 2
    x = torch.istft(s * gain, 1024, 256, window=window, length=len(x)).numpy()
    return x * np.clip(level / (loudness(x) + 1e-9), 0.05, 20)


def loudness(x):
    e = np.square(x[:len(x) // HOP * HOP].reshape(-1, HOP)).mean(1)
    return np.sqrt(np.sort(e)[len(e) // 2:].mean())


class Synthetic:
    """Labelled synthetic utterances, at most `hours` of them."""

    def __init__(self, packed, hours):
        self.pcm = np.memmap(packed + '/pcm.i16', np.int16, 'r')
        self.mel, self.energy = np.memmap(packed + '/mel.f16', np.float16, 'r').reshape(-1, 80), np.fromfile(packed + '/energy.f16', np.float16)
        rows = [r for r in read_tsv(open(packed + '/index.tsv')) if r['use'] == 'train']
        n = max(1, round(sum(int(r['samples']) for r in rows) / RATE / 3600 / hours))
        self.rows = {r['id']: r for r in rows[::n]}

    def sound(self, uid):
        r = self.rows[uid]
        return self.pcm[int(r['sample']):int(r['sample']) + int(r['samples'])].astype(np.float32) / 32768

    def labels(self):
        return {i: (r['phonemes'], [int(d) // 2 for d in r['durations'].split()]) for i, r in self.rows.items()}

    def fit_energy(self):
        """-> weights (4,) of energy_features."""
        at = np.concatenate([np.arange(int(r['frame']), int(r['frame']) + int(r['frames'])) for r in list(self.rows.values())[:200]])
        f, e = energy_features(self.mel[at].astype(np.float32)), self.energy[at].astype(np.float32)
        w = np.linalg.lstsq(f, e, rcond=None)[0]
        print(f'energy from mel: {100 * (1 - np.square(f @ w - e).mean() / e.var()):.1f} % of the variance', flush=True)
        return w


def energy_features(mel):
    """mel (T, 80) natural log -> (T, 4): powers of the log of the frame's magnitude, smoothed over three frames."""
    e = np.log(np.exp(mel).sum(1)) / 5
    e = np.convolve(np.pad(e, 1, 'edge'), np.ones(3) / 3, 'valid')
    return np.stack([np.ones_like(e), e, e ** 2, e ** 3], 1)


class States:
    """Whisper's last encoder states of a sound, 50 a second; those that are stored need no Whisper."""

    def __init__(self, whisper, stored):
        self.whisper, self.encoder, self.rows = whisper, None, {}
        if stored:
            self.rows = {r['id']: (int(r['row']), int(r['rows'])) for r in read_tsv(open(stored + '/states.tsv'))}
            self.data = np.memmap(stored + '/states.f16', np.float16, 'r').reshape(-1, 384)

    def __call__(self, uid, x, rate):
        if uid in self.rows:
            row, n = self.rows[uid]
            return self.data[row:row + n]
        if self.encoder is None:
            from transformers import WhisperModel
            self.encoder = WhisperModel.from_pretrained(self.whisper, dtype=torch.float32, attn_implementation='sdpa').encoder.eval()
        x = soxr.resample(x, rate, 16000)
        n = (len(x) + 8000 + 319) // 320 * 320
        mel = whisper_mel(torch.from_numpy(np.pad(x, (0, n - len(x))))[None], torch.from_numpy(mel_filters(16000, 400, 80)))
        y = encode(self.encoder, mel)[0]
        return y[:(len(x) + 319) // 320].half().numpy()


def ends(x, d):
    """Brings the first and the last silence of sound x, durations d (steps), to FIRST and LAST steps; what is added is silence."""
    x = np.pad(x, (0, max(0, sum(d) * STEP - len(x))))[:sum(d) * STEP]
    fade = np.linspace(0, 1, HOP, dtype=np.float32)
    for want in FIRST, LAST:                                    # the start, then, turned round, the end
        x = x[max(0, d[0] - want) * STEP:].copy()
        x[:HOP] *= fade
        x = np.pad(x, (max(0, want - d[0]) * STEP, 0))[::-1]
        d = [want, *d[1:]][::-1]
    return np.ascontiguousarray(x), d


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('corpus'); a.add_argument('synthetic'); a.add_argument('whisper'); a.add_argument('out'); a.add_argument('--voice', required=True)
    a.add_argument('--phonemes', default='go run ./training/cmd/phonemes models/en/voice'); a.add_argument('--states')
    a.add_argument('--minutes', type=float, default=1, help='CPU minutes for the aligner'); a.add_argument('--threads', type=int, default=1)
    a = a.parse_args()
    torch.set_num_threads(a.threads)
    os.makedirs(a.out, exist_ok=True)
    start, synthetic, states = time.time(), Synthetic(a.synthetic, 1), States(a.whisper, a.states)
    energy, sounds = synthetic.fit_energy(), {i: synthetic.sound(i) for i in list(synthetic.rows)}
    level = float(np.median([loudness(x) for x in list(sounds.values())[:200]]))
    known = {i: states(i, x, RATE) for i, x in sounds.items()}
    head = train(known, synthetic.labels(), a.minutes)
    check(head, known, synthetic.labels())
    bad, likely, found = [], [], corpus(a.corpus, a.voice)
    spoken = subprocess.run(shlex.split(a.phonemes), input=''.join(u[2].replace('\n', ' ') + '\n' for u in found), text=True, check=True,
                            stdout=subprocess.PIPE).stdout.split('\n')
    frame = 0
    files = [open(f'{a.out}/{n}', 'wb') for n in ('pcm.i16', 'mel.f16', 'f0.f16', 'energy.f16')]
    with open(a.out + '/index.tsv', 'w') as index:
        print('id\tuse\tvoice\tsample\tsamples\tframe\tframes\tphonemes\tdurations\ttext', file=index)
        for k, ((uid, use, text, load), phonemes) in enumerate(zip(found, spoken)):
            x, rate, problem = read(load)
            if problem or not phonemes:
                bad.append((uid, problem or 'no phonemes'))
                continue
            steps = len(x) * RATE // rate // STEP + 1
            best = align(head, states(uid, x, rate), phonemes, steps)
            if best is None or best[1] < WORST:
                bad.append((uid, f'does not say {phonemes}' + (f' ({best[1]:.2f})' if best else '')))
                continue
            likely.append(best[1])
            x, d = ends(clean(x, rate, level), [int(n) for n in best[0]])
            mel, f0 = log_mel(x), track(x)
            print(uid, use, a.voice, frame * HOP, len(x), frame, len(mel), phonemes, ' '.join(str(2 * n) for n in d), text, sep='\t', file=index)
            for out, v in zip(files, (np.clip(x * 32767, -32768, 32767).astype(np.int16), mel.astype(np.float16), f0.astype(np.float16),
                                      (energy_features(mel) @ energy).astype(np.float16))):
                out.write(v.tobytes())
            frame += len(mel)
            if k % 200 == 0:
                print(f'{k}/{len(found)}, {time.time() - start:.0f} s', flush=True)
    for uid, why in bad:
        print('left out', uid, why)
    print(f'{len(likely)} recordings, {frame * HOP / RATE / 3600:.2f} h, {len(bad)} left out; log-likelihood a step, deciles',
          np.quantile(likely, np.arange(0, 10) / 10).round(2))


def check(head, states, labels):
    """Prints how far the aligner's boundaries are from the true ones on speech that it learnt from."""
    gaps = []
    for i in sorted(labels)[::max(1, len(labels) // 40)]:
        found = align(head, states[i], labels[i][0], sum(labels[i][1]))
        gaps.append(np.abs(np.cumsum(found[0]) - np.cumsum(labels[i][1])))
    gaps = np.concatenate(gaps)
    print(f'aligner: boundaries off by {gaps.mean() * 25:.1f} ms, {100 * (gaps <= 1).mean():.1f} % within 25 ms', flush=True)


if __name__ == '__main__':
    main()
