"""What several scripts of this folder share."""
import json
import numpy as np


def sound(seconds, noise_level=0.001):
    """A sound that Go makes again (internal/golden): gliding tones that come and go, noise from a linear congruential generator."""
    n = int(16000 * seconds)
    t = np.arange(n) / 16000
    x = 0.3 * np.sin(2 * np.pi * (200 + 40 * t) * t) + 0.2 * np.sin(2 * np.pi * (900 - 30 * t) * t) * (np.floor(3 * t) % 2)
    state, noise = 1, np.empty(n)
    for i in range(n):
        state = (1664525 * state + 1013904223) % 2**32
        noise[i] = state / 2**31 - 1
    return (x * (np.floor(7 * t) % 3 > 0) + 0.1 * noise * (np.floor(5 * t) % 3 == 0) + noise_level * noise).astype(np.float32)


def halve(model):
    """Rounds the weights to halves, which files hold exactly."""
    for p in model.parameters():
        p.copy_(p.half())
    return model.eval()


def write(path, data):
    with open(path, 'w') as f:
        json.dump(data, f, ensure_ascii=False, separators=(',', ':'))
