#!/usr/bin/env python3
"""How long silero-vad's onnxruntime model takes for a second of sound on one thread: speed.py. Beside `go test -bench Push -cpu 1 ./vad`."""
import time
import numpy as np, torch
from silero_vad import load_silero_vad

torch.set_num_threads(1)
model = load_silero_vad(onnx=True)
x = torch.from_numpy(np.random.default_rng(1).standard_normal(16000 * 8).astype(np.float32) * 0.1)
best = []
for _ in range(7):
    start = time.perf_counter()
    for at in range(0, len(x), 512):
        model(x[at:at + 512], 16000)
    best.append((time.perf_counter() - start) / 8 * 1e6)
print(f'silero-vad, onnxruntime: {sorted(best)[3]:.0f} us per second of sound (best {min(best):.0f})')
