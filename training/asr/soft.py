#!/usr/bin/env python3
"""What a Whisper model expects of each next subword of the transcripts: soft.py WHISPER PACKED

The model reads the transcript as written.py has it, in the recogniser's own subwords (tokens.py: each is one of Whisper's), hears the whole
utterance, and only these subwords and the end may come next. Writes PACKED/soft.npz for every such utterance whose use is train: id, first row of each in
  token (rows, 8), p (rows, 8): the eight likeliest and their probability, a row for each subword of the text and one for its end.
The decoder learns from them beside the transcript (Hinton et al. 2015, arXiv:1503.02531).
"""
import os, sys, time
import numpy as np, torch
from tokenizers import Tokenizer
from transformers import WhisperForConditionalGeneration
from data import read_table, words_of, written
from prepare import FILTERS, RATE
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from whisperstates import encode, whisper_mel

BEST = 8


def main():
    folder, packed = sys.argv[1:3]
    teacher = WhisperForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, attn_implementation='sdpa').eval()
    theirs, tokens = Tokenizer.from_file(folder + '/tokenizer.json'), Tokenizer.from_file(packed + '/tokens.json')
    special = lambda s: theirs.token_to_id(f'<|{s}|>')
    ids = [theirs.token_to_id(tokens.id_to_token(i).replace('▁', 'Ġ')) for i in range(tokens.get_vocab_size())]
    none = torch.tensor([i is None for i in ids] + [False])
    matrix = teacher.get_output_embeddings().weight[[i or 0 for i in ids] + [special('endoftext')]]
    codes = {r['id']: r['codes'] for r in read_table(packed + '/written.tsv')}
    pcm, filters = np.memmap(packed + '/pcm.i16', np.int16, 'r'), torch.from_numpy(FILTERS)
    rows = [r for r in read_table(packed + '/index.tsv') if r['use'] == 'train' and r['id'] in codes and int(r['samples']) < 26 * RATE]
    for r in rows:
        r['ids'] = tokens.encode(written(words_of(r['text']), codes[r['id']])).ids
    rows = sorted((r for r in rows if r['ids'] and not any(ids[i] is None for i in r['ids'])), key=lambda r: int(r['samples']))
    out, done, start, at = [], 0.0, time.time(), 0
    while at < len(rows):
        b = []
        while at < len(rows) and (not b or int(rows[at]['samples']) * (len(b) + 1) < 60 * RATE):
            b.append(rows[at]); at += 1
        x = torch.zeros(len(b), (int(b[-1]['samples']) + RATE + 319) // 320 * 320)
        given = torch.full((len(b), 2 + max(len(r['ids']) for r in b)), special('endoftext'))
        given[:, 0], given[:, 1] = special('startoftranscript'), special('notimestamps')
        for k, r in enumerate(b):
            s, n = int(r['sample']), int(r['samples'])
            x[k, :n] = torch.from_numpy(pcm[s:s + n].astype(np.float32) / 32768)
            given[k, 2:2 + len(r['ids'])] = torch.tensor([ids[i] for i in r['ids']])
            done += n / RATE / 3600
        mel = whisper_mel(x, filters)
        with torch.inference_mode(), torch.autocast('cpu', torch.bfloat16):
            h = teacher.model.decoder(input_ids=given, encoder_hidden_states=encode(teacher.model.encoder, mel), use_cache=False).last_hidden_state[:, 1:]
            p, token = (h @ matrix.T).float().masked_fill(none, -1e9).softmax(-1).topk(BEST)
        for k, r in enumerate(b):
            n = len(r['ids']) + 1
            out.append((r['id'], token[k, :n].numpy().astype(np.int16), p[k, :n].numpy().astype(np.float16)))
        if at // 500 != (at - len(b)) // 500:
            print(f'{at}/{len(rows)}: {done:.2f} h in {time.time() - start:.0f} s', file=sys.stderr, flush=True)
    n = np.array([len(t) for _, t, _ in out])
    np.savez(packed + '/soft.npz', id=np.array([i for i, _, _ in out]), row=np.cumsum(n) - n, token=np.concatenate([t for _, t, _ in out]), p=np.concatenate([p for _, _, p in out]))


if __name__ == '__main__':
    main()
