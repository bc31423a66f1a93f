#!/usr/bin/env python3
"""Scale the noise of voiced frames: noise.py EXPORT OUT --gain 0.7 --below 4000

What the network cannot tell from the mel it makes up for with noise: that is the right energy, but below some 4 kHz, where voiced sound is
harmonic, it is heard as roughness. The last layer sees whether a frame is voiced, so the factor is an addition to its weights of that input.
EXPORT: a folder with vocoder.json and vocoder.safetensors, of train.py or quantised with the last layer kept; OUT gets the same files.
"""
import argparse, json, math, os, shutil
import numpy as np
from safetensors.numpy import load_file, save_file


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('export'); p.add_argument('out'); p.add_argument('--gain', type=float, default=0.7); p.add_argument('--below', type=float, default=4000, help='Hz')
    a = p.parse_args()
    c = json.load(open(a.export + '/vocoder.json'))
    tensors = load_file(a.export + '/vocoder.safetensors')
    w = tensors['out.weight']                                    # (3 bins + 2 noise bins, width + mels + 2); the last input is voicing
    bins, noise = c['fft'] // 2 + 1, c['noise_fft'] // 2 + 1
    low = np.arange(noise) * c['rate'] / c['noise_fft'] < a.below
    rows = w[3 * bins:].astype(np.float32)
    rows[:, -1] += np.tile(np.where(low, math.log(a.gain), 0), 2)
    w[3 * bins:] = rows
    os.makedirs(a.out, exist_ok=True)
    save_file(tensors, a.out + '/vocoder.safetensors')
    if not os.path.exists(a.out + '/vocoder.json') or not os.path.samefile(a.export, a.out):
        shutil.copy(a.export + '/vocoder.json', a.out)


if __name__ == '__main__':
    main()
