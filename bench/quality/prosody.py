"""F0 and durations of a voice, from its sound alone."""
import numpy as np
import soundfile as sf
import soxr

from sets import RATE, frame_levels

HOP = 160   # 10 ms
LOW, HIGH = 60, 450   # Hz


def estimate_f0(x):
    """x at 16 kHz -> F0 (T) in Hz every 10 ms by normalised autocorrelation over 40 ms, 0 where its peak is under 0.6 or nothing is heard."""
    n, longest = 640, RATE // LOW
    lags = np.arange(RATE // HIGH, longest + 1)
    x = np.pad((x - x.mean()).astype(np.float64), (n // 2, n + longest))
    frames = np.lib.stride_tricks.sliding_window_view(x, n + longest)[HOP // 2::HOP]
    product = np.fft.rfft(frames, 2048) * np.fft.rfft(frames[:, :n], 2048).conj()
    power = np.cumsum(np.pad(frames ** 2, ((0, 0), (1, 0))), 1)
    r = np.fft.irfft(product)[:, lags] / np.sqrt(power[:, n:n + 1] * (power[:, lags + n] - power[:, lags]) + 1e-9)
    best = (r - 0.0006 * lags).argmax(1)   # of two periods that fit, the shorter
    loud = power[:, n] > 1e-4 * np.percentile(power[:, n], 95)
    return np.where((r.max(1) > 0.6) & loud, RATE / lags[best], 0)


def prosody(folder, count):
    """{'f0': median Hz, 'range': standard deviation in semitones, 'voiced': share, 'speech': seconds of each sentence without the
    silence around it, 'pauses': share of it that is silence of 100 ms and more}."""
    f0, speech, pauses = [], [], 0
    for i in range(count):
        x, rate = sf.read(f'{folder}/{i:02d}.wav', dtype='float32')
        x = soxr.resample(x, rate, RATE)
        levels = frame_levels(x)
        on = np.flatnonzero(levels > np.percentile(levels, 95) - 40)
        lo, hi = on[0], on[-1] + 1
        f0.append(estimate_f0(x)[lo:hi])
        speech.append((hi - lo) / 100)
        gaps = np.diff(on)
        pauses += gaps[gaps > 10].sum() / 100
    f0 = np.concatenate(f0)
    voiced = f0[f0 > 0]
    return dict(f0=float(np.median(voiced)), range=float(np.std(12 * np.log2(voiced))), voiced=float(np.mean(f0 > 0)),
                speech=[round(float(s), 2) for s in speech], pauses=float(pauses / sum(speech)))
