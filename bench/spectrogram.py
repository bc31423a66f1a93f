#!/usr/bin/env python3
"""A picture of a sound: spectrogram.py IN.wav OUT.png [title]. Needs numpy, soundfile, matplotlib."""
import sys
import matplotlib
import numpy as np
import soundfile as sf

matplotlib.use('Agg')
import matplotlib.pyplot as plt

x, rate = sf.read(sys.argv[1])
n, hop = 1024, 128
frames = np.lib.stride_tricks.sliding_window_view(np.pad(x, n // 2), n)[::hop] * np.hanning(n)
level = 20 * np.log10(np.abs(np.fft.rfft(frames)) + 1e-3)
plt.figure(figsize=(10, 3.2), dpi=90)
plt.imshow(level.T, origin='lower', aspect='auto', vmin=-45, vmax=40, cmap='magma', extent=[0, len(x) / rate, 0, rate / 2000])
plt.xlabel('seconds'); plt.ylabel('kHz'); plt.title(' '.join(sys.argv[3:]))
plt.tight_layout(); plt.savefig(sys.argv[2])
