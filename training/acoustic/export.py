#!/usr/bin/env python3
"""Write the acoustic model for the engine: export.py OUT (train.py does it too) makes OUT/config.json and OUT/acoustic.safetensors (f16)
from the averaged weights in OUT/last.pt."""
import json, re, sys
import torch
from safetensors.torch import save_file

NAMES = [(r'\.up\.', '.fc1.'), (r'\.down\.', '.fc2.'), (r'^duration\.0', 'duration.fc1'), (r'^duration\.2', 'duration.fc2')]


def rename(name):
    for a, b in NAMES:
        name = re.sub(a, b, name)
    return name


def write_config(c, out):
    with open(out + '/config.json', 'w') as f:
        json.dump({**c, 'phonemes': ''.join(c['phonemes'])}, f, ensure_ascii=False, indent=1)
        f.write('\n')


def export(weights, c, out, dtype=torch.float16):
    write_config(c, out)
    save_file({rename(k): v.detach().to('cpu', dtype).contiguous() for k, v in weights.items()}, out + '/acoustic.safetensors')


if __name__ == '__main__':
    saved = torch.load(sys.argv[1] + '/last.pt', map_location='cpu')
    export(saved['average'], saved['config'], sys.argv[1])
