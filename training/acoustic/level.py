#!/usr/bin/env python3
"""Bring what a model says to the level of what it learned from, or so many decibels above: level.py MODEL PACKED[,PACKED...] [--gain 3]

A model that learns log-mels by regression says their mean, and the mean of logarithms is less than the logarithm of the mean: its speech is up to
2.5 dB too faint, most between 1 and 4 kHz, and sounds dull. MODEL is a folder with config.json and acoustic.safetensors (f16, or I8 with scales).
Adds to mel_mean in MODEL/config.json, for each band, half of the logarithm of the energies' ratio: recordings over what the model makes of the
sentences held out, with the recordings' durations, F0, voicing and energy; the mean over voices. Twice is as good as once.
"""
import argparse, csv, json
import numpy as np, torch
from safetensors.torch import load_file
from model import Acoustic
from train import Data


def load(folder):
    """-> the model; its configuration is model.c."""
    c = json.load(open(folder + '/config.json'))
    w = load_file(folder + '/acoustic.safetensors')
    w = {k: v.float() * w[k + '.scale'].view(-1, *[1] * (v.ndim - 1)) if v.dtype == torch.int8 else v.float() for k, v in w.items() if not k.endswith('.scale')}
    model = Acoustic({**c, 'phonemes': list(c['phonemes'])})
    model.load_state_dict({original(k): v for k, v in w.items()})
    return model.eval()


def original(name):
    """The name before export.rename."""
    for mine, theirs in (('duration.0', 'duration.fc1'), ('duration.2', 'duration.fc2'), ('.up.', '.fc1.'), ('.down.', '.fc2.')):
        name = name.replace(theirs, mine)
    return name


@torch.inference_mode()
def ratio(model, data, voice):
    """Half the log of the energies' ratio of each band (mels,), over the sentences of a voice that are held out."""
    c, energy = model.c, torch.zeros(2, model.c['mels'])
    mean, std = torch.tensor(c['mel_mean']), torch.tensor(c['mel_std'])
    for u in data.use('dev', data.voices.index(voice)):
        ids, durations, prosody, mel, phones, steps, _ = data.batch([u], c, 'cpu')
        who = torch.tensor([c['speakers'].index(voice) if c.get('speakers') else 0])
        y, _ = model.frames(model.encode(ids, phones, who)[0], durations, steps, who)
        for k, m in enumerate((mel, model.decode(y, prosody, steps, who))):
            energy[k] += (2 * (m[0] * std + mean)).exp().sum(0)
    return (energy[0] / energy[1]).log() / 2


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('model'); a.add_argument('packed'); a.add_argument('--gain', type=float, default=0, help='dB')
    a = a.parse_args()
    folder, packed, gain = a.model, a.packed.split(','), a.gain * np.log(10) / 20
    model = load(folder)
    known = [r['voice'] for p in packed for r in csv.DictReader(open(p + '/index.tsv'), delimiter='\t', quoting=csv.QUOTE_NONE)]
    voices = [v for v in model.c.get('speakers') or sorted(set(known)) if v in known]
    data = Data(packed, voices)
    all_ = torch.stack([ratio(model, data, v) for v in voices])
    c = json.load(open(folder + '/config.json'))
    c['mel_mean'] = [round(x + float(r) + gain, 4) for x, r in zip(c['mel_mean'], all_.mean(0))]
    with open(folder + '/config.json', 'w') as f:
        json.dump(c, f, ensure_ascii=False, indent=1)
        f.write('\n')
    for v, r in zip(voices, all_):
        print(v, ' '.join(f'{20 * float(x) / np.log(10):.1f}' for x in r[::8]), 'dB in every eighth band')


if __name__ == '__main__':
    main()
