"""F0 and voicing of recordings: normalised autocorrelation, its best path by dynamic programming (after Talkin 1995, RAPT)."""
import numpy as np, soxr
from mel import RATE, HOP

LOW, HIGH = 60, 420        # Hz
SLOW = 8000                # Hz, the rate at which lags are counted
WINDOW = 280               # samples of it: 35 ms
VOICED = 0.35              # correlation that is worth as much as no voice
JUMP, SWITCH = 3.0, 0.35   # cost of an octave a frame; of beginning or ending a voice


def correlation(x, frames):
    """x (N,) at SLOW -> normalised correlation at lags SLOW/HIGH .. SLOW/LOW (frames, lags), and the frames' mean square."""
    first, last = SLOW // HIGH, SLOW // LOW + 1
    n = WINDOW + last
    hop = HOP * SLOW // RATE
    x = np.pad(x, (n // 2, n + hop * frames))
    w = np.lib.stride_tricks.sliding_window_view(x, n)[hop // 2::hop][:frames].astype(np.float64)
    w = w - w.mean(1, keepdims=True)
    spec = np.fft.rfft(w, 1024)
    corr = np.fft.irfft(spec * np.fft.rfft(w[:, :WINDOW], 1024).conj(), 1024)[:, first - 1:last + 1]
    energy = np.cumsum(np.pad(w ** 2, ((0, 0), (1, 0))), 1)
    lags = np.arange(first - 1, last + 1)
    return corr / np.sqrt(energy[:, WINDOW:WINDOW + 1] * (energy[:, lags + WINDOW] - energy[:, lags]) + 1e-6), energy[:, WINDOW] / WINDOW


def track(x):
    """x (HOP frames,) at RATE -> F0 in Hz, one a frame, 0 where there is no voice."""
    frames = len(x) // HOP
    c, power = correlation(soxr.resample(x, RATE, SLOW), frames)
    inner = c[:, 1:-1]
    lags = np.arange(SLOW // HIGH, SLOW // HIGH + inner.shape[1])
    gain = inner - 0.0008 * lags                                          # of equal peaks the shortest lag
    gain[power < 1e-6] = -1
    octave = np.log2(lags)
    move = JUMP * np.abs(octave[:, None] - octave[None])
    score, silent = gain[0].copy(), VOICED
    back, quiet = np.zeros((frames, len(lags)), np.int32), np.zeros(frames, np.int32)   # -1: from no voice
    for t in range(1, frames):
        m = score[:, None] - move
        b = m.argmax(0)
        best = m[b, np.arange(len(lags))]
        enter = best < silent - SWITCH
        back[t] = np.where(enter, -1, b)
        k = int(score.argmax())
        quiet[t] = k if score[k] - SWITCH > silent else -1
        silent, score = max(silent, score[k] - SWITCH) + VOICED, np.where(enter, silent - SWITCH, best) + gain[t]
    k = int(score.argmax()) if score.max() > silent else -1
    path = np.zeros(frames, np.int32)
    for t in range(frames - 1, -1, -1):
        path[t] = k
        k = quiet[t] if k < 0 else back[t, k]
    at = np.clip(path, 0, None)
    row = np.arange(frames)
    a, b, d = c[row, at], c[row, at + 1], c[row, at + 2]                  # a parabola through the peak
    shift = np.clip(0.5 * (a - d) / np.minimum(a - 2 * b + d, -1e-9), -0.5, 0.5)
    return tidy(np.where(path < 0, 0, SLOW / (lags[at] + shift)).astype(np.float32))


def tidy(f0):
    """Drops voices of less than 50 ms and carries F0 over gaps of at most 160 ms, as the synthetic speech has it: what sounds there, the
    mel tells."""
    def runs(on):
        edge = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(int), [0]])))
        return zip(edge[::2], edge[1::2])
    f0 = f0.copy()
    for a, b in runs(f0 > 0):
        if b - a < 4:
            f0[a:b] = 0
    for a, b in runs(f0 == 0):
        if a > 0 and b < len(f0) and b - a <= 13:
            f0[a:b] = np.exp(np.interp(np.arange(a, b), [a - 1, b], np.log([f0[a - 1], f0[b]])))
    return f0
