#!/usr/bin/env python3
"""Make testdata/audio: audio.py [OUT]

Small synthetic sounds in every codec and sample format that package audio reads, what libsndfile decodes the lossy ones
to (as FLAC of 16 bits, NAME.ref.flac, mono), and log-mel spectra of noisy.wav as numpy and torch compute them (f32,
(T, mels), little-endian). Needs numpy, soundfile, torch, transformers and, for Opus frames other than 20 ms, PyAV.
"""
import os, struct, sys
import numpy as np, soundfile as sf

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = sys.argv[1] if len(sys.argv) > 1 else HERE + '/../../testdata/audio'
sys.path.insert(0, HERE + '/../asr')


def path(name):
    return os.path.join(OUT, name)


def chirp(rate, seconds, channels=1):
    """(N, channels): a sweep from 200 Hz by 4000 Hz a second; further channels are tones of 440 Hz times their number."""
    t = np.arange(round(rate * seconds)) / rate
    x = [0.5 * np.sin(2 * np.pi * (200 * t + 2000 * t * t))]
    x += [0.25 * np.sin(2 * np.pi * 440 * c * t) for c in range(1, channels)]
    return np.stack(x, 1)


def voice(rate, seconds):
    """(N,): a buzz with a gliding pitch, three resonances and syllables: enough like speech for a speech encoder."""
    t = np.arange(round(rate * seconds)) / rate
    f0 = 120 + 30 * np.sin(2 * np.pi * 2 * t)
    phase = 2 * np.pi * np.cumsum(f0) / rate
    x = sum(np.sin(k * phase) / (1 + ((k * 120 - f) / 150) ** 2) * a
            for k in range(1, 28) for f, a in ((500, 1), (1500, .5), (2500, .25)))
    x = x * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t)) + 0.01 * np.random.default_rng(1).standard_normal(len(t))
    return 0.5 * x / np.abs(x).max()


def reference(name):
    """Store what libsndfile decodes a lossy file to."""
    x, rate = sf.read(path(name), always_2d=True)
    sf.write(path(name + '.ref.flac'), x.mean(1), rate, subtype='PCM_16')


def wav():
    for name, sub, kind in [('pcm8', 'PCM_U8', 'WAV'), ('pcm16', 'PCM_16', 'WAV'), ('pcm24', 'PCM_24', 'WAV'),
                            ('pcm32', 'PCM_32', 'WAV'), ('float32', 'FLOAT', 'WAV'), ('float64', 'DOUBLE', 'WAV'),
                            ('mulaw', 'ULAW', 'WAV'), ('alaw', 'ALAW', 'WAV'), ('pcm16ex', 'PCM_16', 'WAVEX'),
                            ('float32ex', 'FLOAT', 'WAVEX')]:
        sf.write(path(name + '.wav'), chirp(16000, .05), 16000, subtype=sub, format=kind)
    sf.write(path('stereo.wav'), chirp(11025, .05, 2), 11025, subtype='PCM_16')
    sf.write(path('five.wav'), chirp(8000, .05, 5), 8000, subtype='PCM_24', format='WAVEX')


def flac():
    sf.write(path('pcm16.flac'), chirp(16000, .25), 16000, subtype='PCM_16')
    sf.write(path('stereo.flac'), chirp(44100, .1, 2), 44100, subtype='PCM_16')
    sf.write(path('pcm24.flac'), chirp(24000, .2), 24000, subtype='PCM_24')
    sf.write(path('pcm8.flac'), chirp(8000, .2, 3), 8000, subtype='PCM_S8')


def mp3():
    sf.write(path('mono16k.mp3'), voice(16000, .4), 16000, format='MP3', subtype='MPEG_LAYER_III')
    sf.write(path('stereo44k.mp3'), chirp(44100, .3, 2), 44100, format='MP3', subtype='MPEG_LAYER_III')
    for name in 'mono16k.mp3', 'stereo44k.mp3':
        reference(name)


def opus_av(name, x, rate, bits, frame, app='voip'):
    import av
    x = np.atleast_2d(x.T)
    layout = 'mono' if len(x) == 1 else 'stereo'
    with av.open(path(name), 'w', format='ogg') as c:
        s = c.add_stream('libopus', rate=rate, layout=layout, options={'frame_duration': frame, 'application': app})
        s.bit_rate = bits
        f = av.AudioFrame.from_ndarray((x.T.reshape(1, -1) * 32767).astype(np.int16), format='s16', layout=layout)
        f.rate = rate
        c.mux(s.encode(f)); c.mux(s.encode(None))


def opus():
    sf.write(path('celt48k.opus'), chirp(48000, .2, 2), 48000, format='OGG', subtype='OPUS')
    sf.write(path('hybrid24k.opus'), voice(24000, .4), 24000, format='OGG', subtype='OPUS')
    opus_av('silk16k.opus', voice(16000, .5), 16000, 16000, '20')
    opus_av('silk8k-60ms.opus', voice(8000, .5), 8000, 10000, '60')
    opus_av('silkstereo.opus', np.stack([voice(12000, 1.2), .3 * voice(12000, 1.2)], 1), 12000, 16000, '10')
    opus_av('celt-2.5ms.opus', voice(16000, .7), 16000, 24000, '2.5', 'lowdelay')
    opus_av('hybrid-120ms.opus', np.stack([voice(24000, .5), .3 * voice(24000, .5)], 1), 24000, 32000, '120')
    for name in sorted(os.listdir(OUT)):
        if name.endswith('.opus'):
            reference(name)


def slaney(rate, n_fft, mels):
    from transformers.audio_utils import mel_filter_bank
    return mel_filter_bank(n_fft // 2 + 1, mels, 0.0, rate / 2, rate, norm='slaney', mel_scale='slaney')  # (bins, mels)


def whisper(x, mels):
    """openai/whisper, audio.py: log_mel_spectrogram, in double precision; (T, mels)."""
    import torch
    from transformers import WhisperFeatureExtractor
    spec = torch.stft(torch.from_numpy(x), 400, 160, window=torch.hann_window(400, dtype=torch.float64), return_complex=True)
    mel = torch.from_numpy(slaney(16000, 400, mels)).T @ (spec[:, :-1].abs() ** 2)
    log = torch.clamp(mel, min=1e-10).log10()
    log = ((torch.maximum(log, log.max() - 8.0) + 4.0) / 4.0).numpy().T
    theirs = WhisperFeatureExtractor(feature_size=mels)(x, sampling_rate=16000, padding=False, return_tensors='np')
    assert np.abs(theirs['input_features'][0].T - log).max() < 1e-4
    return log


def speak(x):
    """24 kHz, frame t centred on 300t+150, magnitude, natural logarithm; (T, 80)."""
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(x, 362), 1024)[::300] * np.hanning(1025)[:-1]
    return np.log(np.maximum(np.abs(np.fft.rfft(frames, axis=1)) @ slaney(24000, 1024, 80), 1e-5))


def mels():
    from prepare import log_mel
    x = (voice(24000, .4) + .02 * np.random.default_rng(2).standard_normal(9600))
    sf.write(path('noisy.wav'), x, 24000, subtype='PCM_16')  # read at 24 kHz for speaking and as if of 16 kHz for listening
    x, _ = sf.read(path('noisy.wav'))
    for name, m in [('listen', log_mel(x)), ('speak', speak(x)), ('whisper80', whisper(x, 80)), ('whisper128', whisper(x, 128))]:
        np.ascontiguousarray(m, '<f4').tofile(path(name + '.mel.f32'))
    with open(path('filters.txt'), 'w') as f:
        print('# rate fft mels | filter: sum of weights, mean bin', file=f)
        for rate, n, k in (16000, 400, 80), (16000, 400, 128), (24000, 1024, 80):
            w = slaney(rate, n, k)
            for m in (0, 1, 2, k // 3, k // 2, k - 2, k - 1):
                print(rate, n, k, m, f'{w[:, m].sum():.12g} {(w[:, m] * np.arange(len(w))).sum() / w[:, m].sum():.12g}', file=f)


if __name__ == '__main__':
    os.makedirs(OUT, exist_ok=True)
    for old in os.listdir(OUT):
        if os.path.isfile(path(old)):
            os.remove(path(old))
    wav(); flac(); mp3(); opus(); mels()
    print(sum(os.path.getsize(path(n)) for n in os.listdir(OUT)), 'bytes')
