"""The log-mel of speech synthesis: 24 kHz, window 1024, hop 300, 80 Slaney mels of 0..12 kHz, magnitude, natural log, floor 1e-5."""
import numpy as np

RATE, FFT, HOP, MELS = 24000, 1024, 300, 80
PAD = (FFT - HOP) // 2


def mel_filters(rate=RATE, n_fft=FFT, mels=MELS):
    """Slaney-scale, area-normalised triangles, (mels, n_fft/2+1)."""
    def to_hz(m):
        return np.where(m < 15, m * 200 / 3, 1000 * np.exp((m - 15) * np.log(6.4) / 27))
    top = 15 + 27 * np.log(rate / 2 / 1000) / np.log(6.4)
    hz = to_hz(np.linspace(0, top, mels + 2))
    f = np.arange(n_fft // 2 + 1) * rate / n_fft
    up = (f[None] - hz[:-2, None]) / (hz[1:-1] - hz[:-2])[:, None]
    down = (hz[2:, None] - f[None]) / (hz[2:] - hz[1:-1])[:, None]
    return (np.maximum(0, np.minimum(up, down)) * (2 / (hz[2:] - hz[:-2]))[:, None]).astype(np.float32)


FILTERS, WINDOW = mel_filters(), np.hanning(FFT + 1)[:-1].astype(np.float32)


def log_mel(x):
    """x (300 T,) -> (T, 80): zero-padded by 362 on both sides, frame t is centred on sample 300 t + 150."""
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(x, PAD), FFT)[::HOP] * WINDOW
    return np.log(np.maximum(np.abs(np.fft.rfft(frames, axis=1)).astype(np.float32) @ FILTERS.T, 1e-5))
