#!/usr/bin/env python3
"""Golden vectors for text's letter-to-sound model: g2p.py [MODEL_DIR]

Writes text/testdata/g2p/{g2p.json,g2p.safetensors,want.tsv}: a tiny random model and what PyTorch reads with it, and, with a directory
that holds the real g2p.safetensors and g2p.json, text/testdata/g2p/heart.tsv: words and the real model's readings.
Words where two phonemes come close to a tie are left out.
"""
import json, os, random, re, sys
import torch
from safetensors.torch import load_file

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
sys.path.insert(0, os.path.join(ROOT, 'training', 'g2p'))
import data
from export import export, rename
from model import G2P


def load(folder):
    """The model as it was exported, rounded to f16."""
    c = json.load(open(f'{folder}/g2p.json'))
    m = G2P(**{k: c[k] for k in ('d', 'heads', 'ffn', 'encoder', 'decoder', 'letters', 'phonemes', 'positions')}, dropout=0)
    state = {k: v.float() for k, v in load_file(f'{folder}/g2p.safetensors').items()}
    m.load_state_dict({k: state[rename(k) if k != 'positions.weight' else 'encoder.' + k] for k in m.state_dict()})
    return m.eval()


@torch.no_grad()
def read(model, word):
    """Phonemes of a word and the smallest distance of a winner from the second."""
    limit = model.config['positions'] - 2
    x = torch.tensor([[data.LETTERS.index(c) + 1 for c in word][:limit]])
    memory, mask = model.encode(x)
    y, margin = [1], 9.0
    while len(y) <= limit:
        top = model.decode(torch.tensor([y]), memory, mask)[0, -1].topk(2)
        margin = min(margin, float(top.values[0] - top.values[1]))
        if top.indices[0] == 1:
            break
        y.append(int(top.indices[0]))
    return ''.join(data.PHONEMES[k - 2] for k in y if k > 1), margin


def write(model, words, path):
    with open(path, 'w', encoding='utf-8') as f:
        for w in words:
            p, margin = read(model, w)
            if margin > 0.02:
                f.write(f'{w}\t{p}\n')


def main():
    torch.set_num_threads(1)
    torch.manual_seed(7)
    rng = random.Random(7)
    folder = os.path.join(ROOT, 'text', 'testdata', 'g2p')
    tiny = G2P(d=16, heads=2, ffn=32, encoder=2, decoder=2, dropout=0, positions=24)
    for p in tiny.parameters():
        p.data += 0.7 * torch.randn_like(p) / p.shape[-1] ** 0.5 * (2 if p.dim() > 1 else 1)
    tiny.head.bias.data[:2] -= 1.5                                    # so that words do not end at once
    export(tiny, folder, {'random': True})
    words = [''.join(rng.choices(data.LETTERS, k=rng.randint(1, 30))) for _ in range(60)]
    os.chmod(f'{folder}/g2p.safetensors', 0o644)
    write(load(folder), words, f'{folder}/want.tsv')
    if len(sys.argv) > 1:
        words = ['blorf', 'snorkelwump', 'vibecoding', 'kubernetes', 'zuckerberg', 'tsunamify', 'rhubarbish', 'galadriel', "o'flannery", 'xylophonic',
                 'pneumaticity', 'quixotically', 'thraxton', 'wojciechowski', 'macgillicuddy', 'nguyen', 'schadenfreude', 'brexiteer', 'podcastify', 'cryptid']
        write(load(sys.argv[1]), words, f'{folder}/heart.tsv')


if __name__ == '__main__':
    main()
