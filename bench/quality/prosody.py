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


def periodicity(x, f0, low=4000, high=7500):
    """x at 16 kHz, f0 (T) every 10 ms -> (voiced frames): how alike two periods are from low to high Hz, -1 to 1. In people's vowels breath
    covers the harmonics there; a vocoder that draws them on sounds like a buzz."""
    spec, f = np.fft.rfft(x), np.fft.rfftfreq(len(x), 1 / RATE)
    y = np.fft.irfft(np.where((f > low) & (f < high), spec, 0), len(x))
    n, longest, out = 640, RATE // LOW + 2, []
    y = np.pad(y, (n // 2, n + longest))
    for t in np.flatnonzero(f0):
        at = t * HOP + HOP // 2
        a, best = y[at:at + n], -1.0
        for lag in range(int(RATE / f0[t]) - 1, int(RATE / f0[t]) + 3):
            b = y[at + lag:at + lag + n]
            best = max(best, float(a @ b / np.sqrt((a @ a) * (b @ b) + 1e-12)))
        out.append(best)
    return out


def prosody(folder, count):
    """{'f0': median Hz, 'range': standard deviation in semitones, 'voiced': share, 'speech': seconds of each sentence without the
    silence around it, 'pauses': share of it that is silence of 100 ms and more, 'buzz': mean periodicity of voiced frames}."""
    f0, speech, pauses, buzz = [], [], 0, []
    for i in range(count):
        x, rate = sf.read(f'{folder}/{i:02d}.wav', dtype='float32')
        x = soxr.resample(x, rate, RATE)
        levels = frame_levels(x)
        on = np.flatnonzero(levels > np.percentile(levels, 95) - 40)
        lo, hi = on[0], on[-1] + 1
        f = estimate_f0(x)
        f0.append(f[lo:hi])
        buzz += periodicity(x, f)
        speech.append((hi - lo) / 100)
        gaps = np.diff(on)
        pauses += gaps[gaps > 10].sum() / 100
    f0 = np.concatenate(f0)
    voiced = f0[f0 > 0]
    return dict(f0=float(np.median(voiced)), range=float(np.std(12 * np.log2(voiced))), voiced=float(np.mean(f0 > 0)),
                speech=[round(float(s), 2) for s in speech], pauses=float(pauses / sum(speech)), buzz=float(np.mean(buzz)))
