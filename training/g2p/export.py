"""Writes a G2P model as the engine reads it: g2p.safetensors (f16) and g2p.json (sizes and alphabets)."""
import json, os, re
import torch
from safetensors.torch import save_file
import data


def rename(name):
    name = re.sub(r'^(encoder|decoder)\.(\d)', r'\1.layers.\2', name)
    name = re.sub(r'^(encoder|decoder)_norm', r'\1.norm', name)
    return re.sub('^head', 'decoder.head', name.replace('phonemes.', 'decoder.embed.'))


def export(model, folder, notes):
    state = {rename(k): v.detach().to('cpu', torch.float16).contiguous() for k, v in model.state_dict().items()}
    positions = state.pop('positions.weight')                        # one table in training; each side has its own here
    state['encoder.positions.weight'], state['decoder.positions.weight'] = positions, positions.clone()
    save_file(state, os.path.join(folder, 'g2p.safetensors'))
    with open(os.path.join(folder, 'g2p.json'), 'w', encoding='utf-8') as f:
        json.dump({**model.config, 'letter_set': data.LETTERS, 'phoneme_set': data.PHONEMES, 'training': notes}, f, ensure_ascii=False, indent=1)
        f.write('\n')
