#!/usr/bin/env python3
"""Bring what a model says to the level and the roughness of what it learned from: level.py MODEL PACKED[,PACKED...] [--gain 3] [--spread 1]

A model that learns log-mels by regression says their mean, and the mean of logarithms is less than the logarithm of the mean: its speech is up to
2.5 dB too faint, most between 1 and 4 kHz, and sounds dull. mel_mean in MODEL/config.json gets for each band half of the logarithm of the energies' ratio, recordings
over what the model makes, and --gain dB more. The mean is also too even from band to band, of voiced sounds so even that the vocoder makes tones where there should be
breath: mel_spread, which is drawn by chance when it speaks (tts/texture.go), is --spread times the standard deviation of the recordings' voiced frames around the
model, from band --from on. Both are measured on the sentences held out, with the recordings' durations, F0, voicing and energy; the mean over voices. MODEL is a
folder with config.json and acoustic.safetensors (f16, or I8 with scales). Twice is as good as once.
"""
import argparse, csv, json, os, sys
import numpy as np, torch
from export import rename, write_config
from model import Acoustic, PAIR
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
def pairs(model, data, voice):
    """Of each sentence of a voice that is held out: log-mels (T, mels) of the recording and of the model, and which frames are voiced (T,)."""
    c = model.c
    mean, std = torch.tensor(c['mel_mean']), torch.tensor(c['mel_std'])
    for u in data.use('dev', data.voices.index(voice)):
        ids, durations, prosody, mel, phones, steps, _ = data.batch([u], c, 'cpu')
        who = torch.tensor([c['speakers'].index(voice) if c.get('speakers') else 0])
        y, _ = model.frames(model.encode(ids, phones, who)[0], durations, steps, who)
        yield mel[0] * std + mean, model.decode(y, prosody, steps, who)[0] * std + mean, prosody[0, :, PAIR:2 * PAIR].flatten() > 0


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('model'); a.add_argument('packed'); a.add_argument('--gain', type=float, default=0, help='dB')
    a.add_argument('--spread', type=float, default=0, help='times the standard deviation; 0: none'); a.add_argument('--from', type=int, default=46, dest='band')
    a = a.parse_args()
    folder, packed, gain = a.model, a.packed.split(','), a.gain * np.log(10) / 20
    model = load(folder)
    known = [r['voice'] for p in packed for r in csv.DictReader(open(p + '/index.tsv'), delimiter='\t', quoting=csv.QUOTE_NONE)]
    voices = [v for v in model.c.get('speakers') or sorted(set(known)) if v in known]
    data = Data(packed, voices)
    heard = {v: list(pairs(model, data, v)) for v in voices}
    spread = a.spread * torch.stack([torch.cat([(x - y)[voiced] for x, y, voiced in heard[v]]).std(0) for v in voices]).mean(0)
    spread[:a.band] = 0
    energy = lambda mels: sum((2 * m).exp().sum(0) for m in mels)
    ratios = torch.stack([(energy(x for x, _, _ in heard[v]) / energy(y for _, y, _ in heard[v])).log() / 2 for v in voices])
    level = [round(x + float(r) + gain, 4) for x, r in zip(model.c['mel_mean'], ratios.mean(0))]
    drawn = dict(mel_spread=[round(float(x), 4) for x in spread]) if a.spread else {}
    write_config({**model.c, 'mel_mean': level, **drawn}, folder)
    for v, r in zip(voices, ratios):
        print(v, ' '.join(f'{20 * float(x) / np.log(10):.1f}' for x in r[::8]), 'dB in every eighth band')


if __name__ == '__main__':
    main()
