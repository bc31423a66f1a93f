"""The pictures of docs/quality: errors against delay, naturalness against errors, spectrograms and long-term spectra of voices."""
import os

import numpy as np
import soundfile as sf
import soxr

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt

from recognise import CHUNKS
from sets import read_table
from voices import REFERENCE

matplotlib.rcParams.update({'svg.fonttype': 'none', 'svg.hashsalt': 'parley', 'font.size': 9, 'axes.spines.top': False, 'axes.spines.right': False})
RATE = 24000
OURS, OTHER, REAL = '#1b7f5c', '#8a8a8a', '#d9822b'


def draw(work, measured, folder):
    if 'recognise' in measured:
        delay(measured['recognise'], folder)
    if 'voices' in measured:
        naturalness(measured['voices'], folder)
        spectrograms(work, measured['voices'], folder)
        spectra(work, measured['voices'], folder)


def save(figure, path):
    figure.tight_layout()
    figure.savefig(path, metadata={'Date': None})
    plt.close(figure)
    small(path)


def small(path):
    size = os.path.getsize(path)
    if size > 300_000:
        raise SystemExit(f'plots.py: {path} has {size} bytes, want at most 300,000')


def delay(r, folder):
    """Word errors against the delays of each chunk; models that hear whole utterances as lines."""
    figure, axes = plt.subplots(figsize=(7, 3.4))
    wer = {c: 100 * r['wer'][f'wer-parley-{c}-lsdev4']['wer'] for c in CHUNKS}
    for key, label, mark in (('partial', 'word end to first partial result', 'o-'), ('settled', 'word end to settled', 's-'), ('final', 'speech end to final result', '^-')):
        x = [r['latency'][c][key]['median'] for c in CHUNKS]
        if None not in x:
            axes.plot(x, [wer[c] for c in CHUNKS], mark, label=label, color={'partial': OURS, 'settled': '#7fc4a8', 'final': '#4f81bd'}[key])
            for c, v in zip(CHUNKS, x):
                axes.annotate(c, (v, wer[c]), textcoords='offset points', xytext=(4, 4), fontsize=7)
    for name, label in (('whisper-tiny.en', 'Whisper tiny.en, whole utterances'), ('whisper-base', 'Whisper base, whole utterances')):
        if f'wer-{name}-lsdev4' in r['wer']:
            w = 100 * r['wer'][f'wer-{name}-lsdev4']['wer']
            axes.axhline(w, color=OTHER, linewidth=0.8)
            axes.text(axes.get_xlim()[1], w, label, ha='right', va='bottom', fontsize=7)
    axes.set(xlabel='delay, median, ms', ylabel='WER on lsdev4, %', ylim=(0, None))
    axes.legend(frameon=False, loc='center left', bbox_to_anchor=(1, 0.5))
    save(figure, f'{folder}/delay.svg')


def naturalness(voices, folder):
    """A bar for each voice."""
    judged = {label: v['nisqa'] for label, v in voices.items() if v['nisqa']}
    if not judged:
        return
    labels = sorted(judged, key=lambda n: judged[n]['mean'])
    figure, axes = plt.subplots(figsize=(7, 0.7 + 0.3 * len(labels)))
    colours = [OURS if n.startswith('Parley') else REAL if 'recordings' in n else OTHER for n in labels]
    axes.barh(labels, [judged[n]['mean'] for n in labels], xerr=[judged[n]['ci'] for n in labels], color=colours)
    axes.set(xlim=(1, 5), xlabel='predicted mean opinion score (NISQA-TTS), and 95 % interval of the mean')
    save(figure, f'{folder}/naturalness.svg')


def sound(work, label, i):
    return read(f'{work.out}/voices/{label.replace(" ", "-")}/{i:02d}.wav')


def read(path):
    """A sound at RATE, its speech at -20 dB of full scale."""
    x, rate = sf.read(path, dtype='float32')
    x = x if rate == RATE else soxr.resample(x, rate, RATE)
    return x * 0.1 / max(1e-6, np.sqrt(np.mean(x[np.abs(x) > 0.01 * np.abs(x).max()] ** 2)))


def power(x, n=1024, hop=128):
    """(T, n/2+1): power in dB."""
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(x, n // 2), n)[::hop] * np.hanning(n)
    return 20 * np.log10(np.abs(np.fft.rfft(frames)) + 1e-3)


def spectrograms(work, voices, folder):
    """A person and our voice made of that person, or the default one, with the same sentence; Kokoro and ours with another."""
    ours = [n for n in voices if n.startswith('Parley')]
    pictures = []
    for person in (n for n in voices if 'recordings' in n):
        mine = next((n for n in ours if n.split()[1] == person.split(',')[0]), ours[0])
        i, text = short(work, person)
        path = f'{work.out}/voices/same-sentence.wav'
        work.text(work.tool('speak'), '-v', mine.split()[1], '-o', path, '--', text)
        pictures += [(person, sound(work, person, i)), (mine, read(path))]
    pictures += [(n, sound(work, n, 0)) for n in (REFERENCE, ours[0]) if n in voices]
    figure, axes = plt.subplots(len(pictures), 1, figsize=(10, 2 * len(pictures)), dpi=72, squeeze=False)
    for a, (label, x) in zip(axes[:, 0], pictures):
        level = power(np.pad(x[:3 * RATE], (0, max(0, 3 * RATE - len(x)))), hop=192).T
        top = np.percentile(level, 99.9)
        a.imshow(level, origin='lower', aspect='auto', vmin=top - 75, vmax=top, cmap='magma', extent=[0, 3, 0, RATE / 2000])
        a.set_ylabel('kHz')
        a.set_title(label, fontsize=9, loc='left')
    axes[-1, 0].set_xlabel('seconds')
    few_colours(figure, f'{folder}/spectrograms.png')


def short(work, label):
    """The number and the text of the first sentence of a speaker of at most three seconds."""
    folder = f'{work.out}/voices/{label.replace(" ", "-")}'
    rows = read_table(folder + '/manifest.tsv')
    i = next((i for i, r in enumerate(rows) if sf.info(f"{folder}/{r['path']}").duration <= 3), 0)
    return i, rows[i]['text']


def few_colours(figure, path):
    """Saves a picture with 48 colours, which takes a third of the bytes."""
    from PIL import Image
    figure.tight_layout()
    figure.canvas.draw()
    Image.fromarray(np.asarray(figure.canvas.buffer_rgba())[..., :3]).quantize(48, dither=Image.Dither.NONE).save(path, optimize=True)
    plt.close(figure)
    small(path)


def spectra(work, voices, folder):
    """Long-term spectra of all sentences, third-octave smoothing, relative to their sum."""
    figure, axes = plt.subplots(figsize=(7, 3.2))
    for label in voices:
        if not (label.startswith(('Parley', 'Kokoro', 'Piper')) or 'recordings' in label):
            continue
        x = np.concatenate([sound(work, label, i) for i in range(len(voices[label]['prosody']['speech']))])
        spec = np.mean(10 ** (power(x, hop=512) / 10), 0)
        f = np.fft.rfftfreq(1024, 1 / RATE)
        centres = 100 * 2 ** np.arange(0, np.log2(RATE / 2 / 100), 1 / 6)
        smooth = [10 * np.log10(np.mean(spec[(f >= c / 2 ** (1 / 6)) & (f <= c * 2 ** (1 / 6))]) / spec.sum()) for c in centres]
        axes.semilogx(centres, smooth, label=label, color=REAL if 'recordings' in label else None, linewidth=2 if label.startswith('Parley') else 1)
    axes.set(xlabel='Hz', ylabel='dB of the whole', xlim=(100, RATE / 2))
    axes.legend(frameon=False, fontsize=7)
    save(figure, f'{folder}/spectra.svg')
