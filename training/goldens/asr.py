#!/usr/bin/env python3
"""Golden vectors of the recogniser: asr.py, run from the root of the project, writes asr/testdata/tiny: a random model of 25,000
parameters in the files that asr.Open reads, and golden.safetensors with what training/asr/model.py computes from them.
"""
import os, sys
import numpy as np, torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

sys.path.insert(0, 'training/asr')
from model import START, Config, Recogniser, export
from phones import PHONES
from prepare import log_mel

OUT = 'asr/testdata/tiny'


def subwords(texts, size):
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer, tok.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    tok.train_from_iterator(texts * 3, trainers.BpeTrainer(vocab_size=size, special_tokens=['<blank>'], show_progress=False))
    return tok


def main():
    torch.manual_seed(2)
    tok, words = subwords(['see the sea', 'a tree', 'the tea is hot', 'he sees a hat'], 24), subwords(['The tree.', 'the sea', 'See, a hat', 'The hat.'], 40)
    c = Config(d_model=16, heads=2, layers=2, ffn=24, conv_kernel=3, period=50, phones=len(PHONES), pieces=tok.get_vocab_size(), second_layers=1, tokens=words.get_vocab_size(),
               decoder_layers=2, decoder_ffn=24, max_tokens=40, left_context=6, chunk=4)
    m = Recogniser(c).eval()
    for n, p in m.named_parameters():
        torch.nn.init.normal_(p, 1.0 if n.endswith('norm.weight') else 0.0, 0.3)
    m.encoder.mean.normal_(-5, 1); m.encoder.istd.uniform_(0.3, 0.5)
    export(m, OUT, PHONES)
    tok.save(OUT + '/pieces.json'); words.save(OUT + '/tokenizer.json')
    m.load_state_dict(load_file(OUT + '/model.safetensors'))       # rounded to f16
    with open(OUT + '/lexicon.tsv', 'w') as f:
        f.write('a\tə\na\tA\nhat\thæt\nsea\tsi\nsee\tsi\ntea\tti\nthe\tðə\ntree\ttɹi\n')

    rng = np.random.default_rng(2)
    t = np.arange(16000 * 3) / 16000                               # a tone that glides and swells, in noise
    x = (0.3 * np.sin(2 * np.pi * (200 * t + 400 * t ** 2)) * (np.sin(5 * t) > 0) + 0.02 * rng.standard_normal(len(t))).astype(np.float16)
    mel = torch.from_numpy(log_mel(x.astype(np.float32)))
    with torch.inference_mode():
        e = m.encoder
        y = ((mel - e.mean) * e.istd)[None]
        conv = torch.nn.functional.gelu(e.conv2(torch.nn.functional.gelu(e.conv1(y.transpose(1, 2))))).transpose(1, 2)[0]
        h = e(y, c.chunk)
        start = [c.tokens + 1 + i for i in range(START)]
        tokens = torch.tensor([start + words.encode('The tree.').ids])
        g = dict(samples=torch.from_numpy(x), conv=conv, encoded=h[0], whole=m.second(e.steps(y))[0],
                 phone=m.phone_ctc(h[0]).log_softmax(-1), piece=m.piece_ctc(h[0]).log_softmax(-1), tokens=tokens[0].float(),
                 decoded=m.decoder(tokens, h)[0, START - 1:].log_softmax(-1))
    labels = tok.encode('see').ids
    loss = torch.nn.functional.ctc_loss(g['piece'][:, None], torch.tensor([labels]), (len(h[0]),), (len(labels),), reduction='sum')
    g['ctc'] = torch.stack([-loss])
    g['labels'] = torch.tensor(labels).float()
    save_file({k: v.contiguous() for k, v in g.items()}, OUT + '/golden.safetensors')
    os.chmod(OUT + '/golden.safetensors', 0o644); os.chmod(OUT + '/model.safetensors', 0o644)
    print({k: tuple(v.shape) for k, v in g.items()}, tok.get_vocab_size(), words.get_vocab_size())


if __name__ == '__main__':
    main()
