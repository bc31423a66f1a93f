#!/usr/bin/env python3
"""silero-vad's weights for vad.Open: silero.py OUT.safetensors

Takes them out of the installed package (pip install --no-deps silero-vad; MIT, Silero team): the network for 16 kHz that the package runs.
The file silero_vad_16k.safetensors inside the package (6.2.3) loads as well, but holds the weights of another training.
"""
import sys
from safetensors.torch import save_file
from silero_vad import load_silero_vad

NAMES = {'stft_conv.weight': 'stft.forward_basis_buffer', 'lstm_cell': 'decoder.rnn', 'final_conv': 'decoder.decoder.2',
         **{f'conv{i + 1}': f'encoder.{i}.reparam_conv' for i in range(4)}}


def main():
    theirs = {k.removeprefix('_model.'): v for k, v in load_silero_vad().state_dict().items() if not k.startswith('_model_8k')}
    ours = {}
    for name, prefix in NAMES.items():
        for k, v in theirs.items():
            if k == prefix or k.startswith(prefix + '.'):
                ours[name + k[len(prefix):]] = v.contiguous()
    save_file(ours, sys.argv[1])


main()
