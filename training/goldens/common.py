"""What several scripts of this folder share."""
import json
import numpy as np
import torch


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


def shake(model, g, embed, output):
    """Random weights far from their usual beginnings: embeddings times embed, cross attention's projection named output larger than others."""
    for name, p in model.named_parameters():
        r = torch.randn(p.shape, generator=g)
        if 'embed_tokens' in name:
            p.copy_(embed * r)
        elif p.dim() > 1:
            p.copy_(r * (3 if output in name or 'fc2' in name else 1.5) / p[0].numel() ** 0.5)
        else:
            p.copy_(1 + 0.3 * r if p.mean() > 0.5 else 0.3 * r)
    return halve(model)


def write(path, data):
    with open(path, 'w') as f:
        json.dump(data, f, ensure_ascii=False, separators=(',', ':'))
