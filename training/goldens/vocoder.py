#!/usr/bin/env python3
"""Writes vocoder/testdata/golden: a tiny random vocoder, an input with its noise, and the excitation and sound that PyTorch makes of them."""
import os, sys
import torch
from safetensors.torch import save_file
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE + '/../vocoder')
from model import Vocoder, Config, export, excitation, phases, LOOK

OUT, T = HERE + '/../../vocoder/testdata/golden', 40
torch.manual_seed(7)
model = Vocoder(Config(mels=8, width=16, hidden=24, blocks=2, kernel=3, fft=64, noise_fft=32, hop=16)).eval()
for name, p in model.named_parameters():
    p.data += (0.3 if name.startswith('out') else 0.1) * torch.randn_like(p)
mel, f0 = torch.randn(1, T, 8) - 4, 200 + 80 * torch.randn(1, T).cumsum(1).div(5).tanh()
f0[:, 5:9], f0[:, 20:21], f0[:, 30:] = 0, 0, 0
noise = torch.randn(1, T, 2, model.noise_bins, 2)
mel_, f0_ = (torch.cat([z, torch.full_like(z[:, :LOOK], v)], 1) for z, v in ((mel, -11.512925), (f0, 0)))
with torch.no_grad():
    y, e = model(mel_, f0_, noise=noise), excitation(f0, phases(f0, model.cfg), model.cfg)
export(model, OUT, half=False)
save_file(dict(mel=mel[0], f0=f0[0], noise=noise[0].contiguous(), excitation=e[0], sound=y[0]), OUT + '/example.safetensors')
