#!/usr/bin/env python3
"""A tiny random acoustic model and what PyTorch makes of it: acoustic.py OUT (tts/testdata/tiny).

Writes OUT/config.json, OUT/acoustic.safetensors (f32) and OUT/golden.safetensors: for two phoneme strings, each by another voice, one shorter than a decoder
chunk, ids, log durations, whole steps, states, raw prosody, F0 and mel at speed 1 and pitch 0.
"""
import json, os, sys
import torch
from safetensors.torch import save_file
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'acoustic'))
from export import export
from model import Acoustic, PAIR

LEAD = 4                                                        # steps of the first silence that are spoken
CONFIG = dict(model_type='parley_fastpitch', d=16, heads=2, ffn=24, conv=5, text_layers=2, frame_layers=1, decoder_layers=2, chunk=4,
              left_chunks=1, mels=6, rate=24000, hop=300, dropout=0, speakers=['anna', 'bert'], phonemes=sorted(' .,abəˈ'), mel_mean=[-5., -4, -6, -5, -7, -8],
              mel_std=[1., 2, 1.5, 1, 2, 2], pitch_mean=5.2, pitch_std=0.25, energy_mean=0., energy_std=1.)


def whole(wanted):
    steps, total = [], 0.0
    for w in wanted:
        total += w
        steps.append(max(1, int(total + 0.5) - sum(steps)))
    return steps


@torch.no_grad()
def golden(model, c, text, who):
    who = torch.tensor([who])
    ids = torch.tensor([[0, *(c['phonemes'].index(p) + 1 for p in text), 0]])
    x, log_d = model.encode(ids, ids >= 0, who)
    steps = whole(log_d[0].clamp(max=4.4).exp().tolist())
    valid = torch.ones(1, sum(steps), dtype=torch.bool)
    y, raw = model.frames(x, torch.tensor([steps]), valid, who)
    voiced = raw[..., PAIR:2 * PAIR] > 0
    norm = torch.where(voiced, raw[..., :PAIR].clamp(-6, 6), 0)
    settled = torch.cat([norm, voiced.float(), raw[..., 2 * PAIR:]], -1)
    f0 = torch.where(voiced, (norm * c['pitch_std'] + c['pitch_mean']).exp(), 0).flatten()
    cut = max(0, steps[0] - LEAD)
    mel = model.decode(y, settled, valid, who, cut)[0] * torch.tensor(c['mel_std']) + torch.tensor(c['mel_mean'])
    return dict(ids=ids[0].float(), log_duration=log_d[0], steps=torch.tensor(steps).float(), states=y[0], prosody=raw[0], f0=f0[PAIR * cut:], mel=mel)


def main():
    out, c = sys.argv[1], CONFIG
    os.makedirs(out, exist_ok=True)
    torch.manual_seed(3)
    model = Acoustic(c).eval()
    for name, p in model.named_parameters():                    # off the initial values, so that no gain or bias goes unseen
        p.data += torch.randn_like(p) * (0.2 if p.dim() == 1 else 0.1)
    model.duration[2].bias.data.fill_(1.2)
    export(model.state_dict(), c, out, torch.float32)
    tensors = {f'{i}.{k}': v.contiguous() for i, t in enumerate(('ˈab, əb.', 'a')) for k, v in golden(model, c, t, i).items()}
    save_file(tensors, out + '/golden.safetensors')


if __name__ == '__main__':
    main()
