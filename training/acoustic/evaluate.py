#!/usr/bin/env python3
"""How well a recogniser understands the voice: evaluate.py WHISPER SENTENCES OUT --speak 'speak -o {wav} -- {text}' [--count 20]

Speaks the first sentences of SENTENCES (one a line, # a comment) into OUT/001.wav and so on (--speak '' leaves the files that are there), writes what
Whisper (WHISPER: a CTranslate2 directory, int8) hears, greedy, and the word error rate with Whisper's English normaliser, and draws the
log-mel of the first three as OUT/001.png.
"""
import argparse, os, shlex, subprocess
import jiwer, soundfile as sf, soxr
from faster_whisper import WhisperModel
from transformers.models.whisper.english_normalizer import EnglishTextNormalizer
from mel import HOP, RATE, log_mel


def draw(path, x):
    import matplotlib
    matplotlib.use('Agg')
    import matplotlib.pyplot as plt
    mel = log_mel(x[:len(x) // HOP * HOP])
    plt.figure(figsize=(10, 3)); plt.imshow(mel.T, origin='lower', aspect='auto', vmin=-11.5, vmax=2); plt.tight_layout()
    plt.savefig(path); plt.close()


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('whisper'); a.add_argument('sentences'); a.add_argument('out'); a.add_argument('--speak', default='speak -o {wav} -- {text}')
    a.add_argument('--count', type=int, default=20)
    a.add_argument('--threads', type=int, default=1)
    a = a.parse_args()
    os.makedirs(a.out, exist_ok=True)
    normal = EnglishTextNormalizer({})
    model = WhisperModel(a.whisper, device='cpu', compute_type='int8', cpu_threads=a.threads)
    texts = [l.strip() for l in open(a.sentences) if l.strip() and not l.startswith('#')][:a.count]
    want, got = [], []
    for i, text in enumerate(texts):
        wav = f'{a.out}/{i + 1:03d}.wav'
        if a.speak:
            subprocess.run([p.format(wav=wav, text=text) for p in shlex.split(a.speak)], check=True)
        x, rate = sf.read(wav, dtype='float32')
        if i < 3 and rate == RATE:
            draw(wav[:-4] + '.png', x)
        segments, _ = model.transcribe(soxr.resample(x, rate, 16000), language='en', beam_size=1, temperature=0, without_timestamps=True)
        heard = ' '.join(t.text.strip() for t in segments)
        want.append(normal(text)); got.append(normal(heard))
        print(f'{i + 1:3d} {jiwer.wer(want[-1], got[-1]):.2f} {text} | {heard}', flush=True)
    print(f'WER {100 * jiwer.wer(want, got):.2f} % of {sum(len(w.split()) for w in want)} words, {len(texts)} sentences')


if __name__ == '__main__':
    main()
