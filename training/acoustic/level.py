#!/usr/bin/env python3
"""Bring what a model says to the level of what it learned from, or so many decibels above: level.py MODEL PACKED[,PACKED...] [--gain 3]

A model that learns log-mels by regression says their mean, and the mean of logarithms is less than the logarithm of the mean: its speech is up to
2.5 dB too faint, most between 1 and 4 kHz, and sounds dull. MODEL is a folder with config.json and acoustic.safetensors (f16, or I8 with scales).
Adds to mel_mean in MODEL/config.json, for each band, half of the logarithm of the energies' ratio: recordings over what the model makes of the
sentences held out, with the recordings' durations, F0, voicing and energy; the mean over voices. Twice is as good as once.
"""
import argparse, csv, json, os, sys
import numpy as np, torch
from export import rename, write_config
from model import Acoustic
from train import Data
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import floats


def load(folder):
    """-> the model; its configuration is model.c."""
    c = json.load(open(folder + '/config.json'))
    model, w = Acoustic({**c, 'phonemes': list(c['phonemes'])}), floats.load(folder + '/acoustic.safetensors')
    model.load_state_dict({k: w[rename(k)] for k in model.state_dict()})
    return model.eval()


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
    ratios = torch.stack([ratio(model, data, v) for v in voices])
    level = [round(x + float(r) + gain, 4) for x, r in zip(model.c['mel_mean'], ratios.mean(0))]
    write_config({**model.c, 'mel_mean': level}, folder)
    for v, r in zip(voices, ratios):
        print(v, ' '.join(f'{20 * float(x) / np.log(10):.1f}' for x in r[::8]), 'dB in every eighth band')


if __name__ == '__main__':
    main()
