#!/usr/bin/env python3
"""Make vad/testdata: vad.py [--silero]

What PyTorch makes of a sound that the test makes too, by rule: golden.json holds the probabilities of the embedded network
(vad/vad.safetensors), of a network of silero's shapes whose weights follow a rule as well, and, with --silero, those that the package
silero-vad computes with its own weights (onnxruntime). Run it again when the embedded network was trained again.
"""
import json, os, sys
import numpy as np, torch, torch.nn.functional as F

ROOT = os.path.dirname(os.path.abspath(__file__)) + '/../..'
sys.path.insert(0, ROOT + '/training/vad')
from model import floors, load
from prepare import HOP, log_mel

SILERO = dict([('stft_conv.weight', (258, 1, 256)), ('conv1.weight', (128, 129, 3)), ('conv1.bias', (128,)), ('conv2.weight', (64, 128, 3)),
               ('conv2.bias', (64,)), ('conv3.weight', (64, 64, 3)), ('conv3.bias', (64,)), ('conv4.weight', (128, 64, 3)), ('conv4.bias', (128,)),
               ('lstm_cell.weight_ih', (512, 128)), ('lstm_cell.weight_hh', (512, 128)), ('lstm_cell.bias_ih', (512,)), ('lstm_cell.bias_hh', (512,)),
               ('final_conv.weight', (1, 128, 1)), ('final_conv.bias', (1,))])


def sound(n=24000 + 100):
    """A buzz with a gliding pitch and syllables in silence and hiss, (N,) float32."""
    t = np.arange(n) / 16000
    x = sum(np.sin(2 * np.pi * k * (120 * t + 10 * np.sin(4 * t))) / k for k in range(1, 20))
    x *= 0.1 * np.maximum(0, np.sin(2 * np.pi * 2.5 * t)) * (t > 0.4)
    noise = np.mod(np.sin(np.arange(n) * 12.9898) * 43758.5453, 1) - 0.5
    return (x + 0.01 * noise).astype(np.float32)


def rule(shape, seed):
    n, fan = int(np.prod(shape)), int(np.prod(shape[1:])) if len(shape) > 1 else 16
    return (np.sin(np.arange(n) * 0.7 + seed) * 1.5 / np.sqrt(fan)).astype(np.float32).reshape(shape)


def ours(x):
    frames = (len(x) + HOP - 1) // HOP + 1
    mel = log_mel(np.pad(x, (0, HOP * (frames + 1) - len(x))))[None]
    z = load(ROOT + '/vad/vad.safetensors')(torch.from_numpy(mel), torch.from_numpy(floors(mel)))
    return z[0, 1:].sigmoid()


def silero(x, w):
    """Frames of 512 samples with 64 before them."""
    w = {k: torch.from_numpy(v) for k, v in w.items()}
    x = torch.from_numpy(np.pad(x, (64, -len(x) % 512)))
    h = c = torch.zeros(1, 128)
    out = []
    for at in range(64, len(x), 512):
        y = F.conv1d(F.pad(x[None, None, at - 64:at + 512], (0, 64), 'reflect'), w['stft_conv.weight'], stride=128)
        y = (y[:, :129] ** 2 + y[:, 129:] ** 2).sqrt()
        for name, stride in ('conv1', 1), ('conv2', 2), ('conv3', 2), ('conv4', 1):
            y = F.conv1d(y, w[name + '.weight'], w[name + '.bias'], stride, 1).relu()
        g = y[..., 0] @ w['lstm_cell.weight_ih'].T + w['lstm_cell.bias_ih'] + h @ w['lstm_cell.weight_hh'].T + w['lstm_cell.bias_hh']
        i, f, g, o = g.chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        out.append(F.conv1d(h.relu()[..., None], w['final_conv.weight'], w['final_conv.bias']).sigmoid().item())
    return torch.tensor(out)


def package(x):
    from silero_vad import load_silero_vad
    m = load_silero_vad(onnx=True)
    x = torch.from_numpy(np.pad(x, (0, -len(x) % 512)))
    return torch.tensor([m(x[at:at + 512], 16000).item() for at in range(0, len(x), 512)])


@torch.inference_mode()
def main():
    x, path = sound(), ROOT + '/vad/testdata/golden.json'
    os.makedirs(os.path.dirname(path), exist_ok=True)
    old = json.load(open(path)) if os.path.exists(path) else {}
    values = dict(ours=ours(x), silero=silero(x, {k: rule(s, i) for i, (k, s) in enumerate(SILERO.items())}))
    if '--silero' in sys.argv:
        values['silero_package'] = package(x)
    json.dump({**old, **{k: [round(float(p), 6) for p in v] for k, v in values.items()}}, open(path, 'w'), indent=1)


main()
