"""Sounds that are not speech, made by rule, and what rooms, lines and codecs do to sound. All at 16 kHz, mono float32; every function
takes a numpy Generator."""
import io
import numpy as np, soundfile as sf, soxr

RATE = 16000


def rms(x):
    return float(np.sqrt(np.mean(np.square(x)) + 1e-12))


def coloured(rng, n, slope):
    """Noise whose power falls by slope * 3 dB an octave: 0 white, 1 pink, 2 brown."""
    spec = np.fft.rfft(rng.standard_normal(n))
    f = np.fft.rfftfreq(n, 1 / RATE)
    return np.fft.irfft(spec / np.maximum(f, 20) ** (slope / 2), n)


def band(rng, n):
    """Noise with a random smooth spectrum: wind, water, traffic."""
    spec = np.fft.rfft(rng.standard_normal(n))
    at = np.linspace(0, 1, rng.integers(4, 12))
    curve = np.interp(np.linspace(0, 1, len(spec)) ** 0.5, at, rng.uniform(-40, 0, len(at)))
    return np.fft.irfft(spec * 10 ** (curve / 20), n)


def wander(rng, n, hz, low, high):
    """A slow random curve between low and high."""
    k = max(2, int(n / RATE * hz) + 2)
    return np.interp(np.linspace(0, k - 1, n), np.arange(k), rng.uniform(low, high, k))


def swelling(rng, n):
    x = band(rng, n) if rng.random() < 0.6 else coloured(rng, n, rng.uniform(0, 2.5))
    return x * 10 ** (wander(rng, n, rng.choice([0.3, 1, 4]), -25, 0) / 20)


def harmonics(f, slope, rng):
    """A sum of sines over the fundamental f (N) in Hz, powers falling by slope dB an octave."""
    phase, x = 2 * np.pi * np.cumsum(f) / RATE, np.zeros(len(f))
    for k in range(1, 1 + min(30, int(7000 / max(20, f.max())))):
        x += 10 ** (-slope * np.log2(k) / 20) * np.sin(k * phase + rng.uniform(0, 6.3)) * rng.uniform(0.3, 1)
    return x


def hum(rng, n):
    return harmonics(np.full(n, rng.choice([50., 60., 100., 120., rng.uniform(40, 400)])), rng.uniform(3, 15), rng) + coloured(rng, n, 1) * 0.02


def engine(rng, n):
    f = wander(rng, n, rng.choice([0.3, 1]), 25, 180)
    return harmonics(f, rng.uniform(1, 8), rng) * (1 + 0.5 * np.sin(2 * np.pi * np.cumsum(f) / RATE / 2)) + swelling(rng, n) * 3


def burst(rng):
    """One knock, click, clink or bang."""
    n = int(RATE * 10 ** rng.uniform(-2.3, -0.3))
    t = np.arange(n) / RATE
    x = rng.standard_normal(n) * np.exp(-t * 10 ** rng.uniform(0.8, 2.7)) * rng.uniform(0, 1)
    for _ in range(rng.integers(0, 6)):
        x += np.sin(2 * np.pi * 10 ** rng.uniform(2, 3.8) * t) * np.exp(-t * 10 ** rng.uniform(0.5, 2.3)) * rng.uniform(0, 1)
    return x


def events(rng, n, one, rate):
    """one(rng) at random times, or in a rhythm, rate times a second."""
    x = np.zeros(n)
    times = np.cumsum(rng.exponential(1 / rate, int(n / RATE * rate * 2) + 2)) if rng.random() < 0.6 else np.arange(0, n / RATE, 1 / rate)
    shape = one(rng)
    for t in times:
        at = int(t * RATE)
        if at >= n:
            break
        if rng.random() < 0.5:
            shape = one(rng)
        e = shape[:n - at]
        x[at:at + len(e)] += e * 10 ** (rng.uniform(-15, 0) / 20)
    return x


def knocks(rng, n):
    return events(rng, n, burst, 10 ** rng.uniform(-0.5, 1.2))


def call(rng):
    """A bird, a bark, a squeak: a gliding tone with harmonics, an envelope and perhaps noise; no formants that move."""
    n = int(RATE * rng.uniform(0.04, 0.9))
    f = np.interp(np.linspace(0, 1, n), np.linspace(0, 1, 4), 10 ** rng.uniform(2.2, 3.7) * rng.uniform(0.7, 1.4, 4))
    if rng.random() < 0.4:
        f *= 1 + rng.uniform(0.01, 0.15) * np.sin(2 * np.pi * rng.uniform(4, 40) * np.arange(n) / RATE)
    env = np.interp(np.linspace(0, 1, n), [0, rng.uniform(0.02, 0.5), 1], [0, 1, 0])
    return env * (harmonics(np.minimum(f, 7500), rng.uniform(3, 25), rng) + rng.standard_normal(n) * rng.choice([0, 0.1, 0.7]))


def calls(rng, n):
    return events(rng, n, call, 10 ** rng.uniform(-0.4, 0.9))


def beeps(rng, n):
    """DTMF, ringing, alarms, sirens, Morse."""
    t, kind = np.arange(n) / RATE, rng.integers(4)
    if kind == 0:
        x = np.zeros(n)
        for a in range(0, n, int(RATE * rng.uniform(0.12, 0.6))):
            k = slice(a, a + int(RATE * 0.1))
            x[k] = np.sin(2 * np.pi * rng.choice([697, 770, 852, 941]) * t[k]) + np.sin(2 * np.pi * rng.choice([1209, 1336, 1477, 1633]) * t[k])
        return x
    if kind == 1:
        on = (t * rng.uniform(0.3, 5)) % 1 < rng.uniform(0.2, 0.8)
        return on * (np.sin(2 * np.pi * rng.uniform(300, 3000) * t) + rng.choice([0, 1]) * np.sin(2 * np.pi * rng.uniform(300, 3000) * t))
    if kind == 2:
        f = rng.uniform(500, 1200) * (1 + rng.uniform(0.1, 0.5) * np.sin(2 * np.pi * rng.uniform(0.2, 6) * t))
        return harmonics(f, rng.uniform(5, 20), rng)
    unit = int(RATE * rng.uniform(0.04, 0.1))
    key = np.repeat(rng.integers(0, 2, n // unit + 1), unit)[:n]
    return key * np.sin(2 * np.pi * rng.uniform(400, 1200) * t)


def note(rng, f, n):
    t = np.arange(n) / RATE
    if rng.random() < 0.5:
        env = np.exp(-t * rng.uniform(1, 8))                                       # plucked or struck
    else:
        env = np.minimum(1, t / rng.uniform(0.01, 0.2)) * np.minimum(1, t[::-1] / 0.1)
    vibrato = 1 + rng.choice([0, 0.006, 0.015]) * np.sin(2 * np.pi * rng.uniform(4, 7) * t)
    return env * harmonics(f * vibrato, rng.uniform(3, 18), rng)


def music(rng, n):
    """Chords, a melody, a bass, drums: any of them."""
    x, beat, root = np.zeros(n), int(RATE * rng.uniform(0.15, 0.7)), rng.uniform(60, 200)
    scale = [0, 2, 4, 5, 7, 9, 11, 12] if rng.random() < 0.5 else [0, 2, 3, 5, 7, 8, 10, 12]
    parts = rng.random(4) < 0.6
    parts[rng.integers(4)] = True
    kit = [burst(rng) for _ in range(3)]
    for i, at in enumerate(range(0, n, beat)):
        rest = n - at
        if parts[0] and i % 4 == 0:
            k, d = rng.integers(5), min(rest, 4 * beat)
            for step in (0, 2, 4):
                x[at:at + d] += 0.4 * note(rng, 2 * root * 2 ** (scale[(k + step) % 7] / 12), d)
        if parts[1]:
            d = min(rest, beat * int(rng.integers(1, 3)))
            x[at:at + d] += 0.7 * note(rng, 4 * root * 2 ** (scale[rng.integers(8)] / 12) * rng.choice([0.5, 1, 1, 2]), d)
        if parts[2] and i % 2 == 0:
            d = min(rest, 2 * beat)
            x[at:at + d] += 0.6 * note(rng, root * 2 ** (scale[rng.integers(5)] / 12), d)
        if parts[3]:
            e = kit[rng.integers(3)][:rest]
            x[at:at + len(e)] += 0.8 * e
    return x


KINDS = [(lambda r, n: coloured(r, n, r.uniform(-0.5, 2.5)), 1.5), (swelling, 1.5), (hum, 1), (engine, 1), (knocks, 2), (calls, 2), (beeps, 1.2), (music, 3)]
WEIGHTS = np.array([w for _, w in KINDS])


def synthetic(rng, n):
    """n samples of some sound that is not speech, rms 1."""
    x = KINDS[rng.choice(len(KINDS), p=WEIGHTS / WEIGHTS.sum())][0](rng, n)
    return (x / rms(x)).astype(np.float32)


def room(rng, x):
    """Reverberation: decaying noise behind the direct sound."""
    t60, n = rng.uniform(0.1, 0.9), int(RATE * 0.4)
    h = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / RATE / t60)
    h[:int(RATE * rng.uniform(0.001, 0.01))] = 0
    h *= 10 ** (-rng.uniform(0, 15) / 20) / np.sqrt(np.sum(h * h))
    h[0] = 1
    m = 1 << int(np.ceil(np.log2(len(x) + n)))
    return np.fft.irfft(np.fft.rfft(x, m) * np.fft.rfft(h, m), m)[:len(x)].astype(np.float32)


def tilt(rng, x):
    """A microphone's response."""
    spec = np.fft.rfft(x)
    at = np.linspace(0, 1, 6)
    curve = np.interp(np.linspace(0, 1, len(spec)) ** 0.5, at, rng.uniform(-9, 9, 6))
    curve[:int(len(spec) * rng.uniform(0, 300) / 8000)] -= 20
    return np.fft.irfft(spec * 10 ** (curve / 20), len(x)).astype(np.float32)


def coded(x, rate, fmt, sub):
    """x through a codec of libsndfile at another rate, its delay not undone."""
    f = io.BytesIO()
    sf.write(f, np.clip(soxr.resample(x, RATE, rate), -1, 1), rate, format=fmt, subtype=sub)
    f.seek(0)
    y, _ = sf.read(f, dtype='float32')
    y = soxr.resample(y, rate, RATE)
    return np.pad(y, (0, max(0, len(x) - len(y))))[:len(x)].astype(np.float32)


def line(rng, x):
    """A telephone, a codec, an overdriven input; mostly nothing."""
    kind = rng.random()
    if kind < 0.08:
        return coded(x, 8000, 'WAV', 'ULAW')
    if kind < 0.14:
        return coded(x, 8000, 'WAV', 'GSM610')
    if kind < 0.20:
        return coded(x, int(rng.choice([8000, 11025, 12000])), 'WAV', 'PCM_16')
    if kind < 0.26:
        return coded(x, 16000, 'OGG', 'VORBIS')
    if kind < 0.30:
        return np.clip(x * rng.uniform(2, 10), -0.7, 0.7)
    return x
