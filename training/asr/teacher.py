#!/usr/bin/env python3
"""States of a Whisper encoder over packed speech: teacher.py WHISPER_DIR PACKED [cuda]

Writes PACKED/states.f16, (frames of 20 ms, d_model) for every utterance whose use is train, one after the other, and PACKED/states.tsv
(id, first row, rows). Utterances run in batches of similar length, padded with half a second of silence at least.
"""
import csv, os, sys, time
import numpy as np, torch
from transformers import WhisperModel
from prepare import FILTERS, RATE
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from whisperstates import encode, whisper_mel


def main():
    model, packed, device = (*sys.argv[1:], 'cpu')[:3]
    enc = WhisperModel.from_pretrained(model, dtype=torch.float32, attn_implementation='sdpa').encoder.eval().to(device)
    pcm = np.memmap(packed + '/pcm.i16', np.int16, 'r')
    rows = [r for r in csv.DictReader(open(packed + '/index.tsv'), delimiter='\t', quoting=csv.QUOTE_NONE) if r['use'] == 'train' and int(r['samples']) < 29 * RATE]
    rows.sort(key=lambda r: int(r['samples']))
    filters, done, row, start, i = torch.from_numpy(FILTERS).to(device), 0, 0, time.time(), 0
    with open(packed + '/states.f16', 'wb') as out, open(packed + '/states.tsv', 'w') as index:
        print('id\trow\trows', file=index)
        while i < len(rows):
            longest, b = 0, []
            while i < len(rows) and (not b or int(rows[i]['samples']) * (len(b) + 1) < 60 * RATE):
                b.append(rows[i]); i += 1
            n = (int(b[-1]['samples']) + RATE // 2 + 319) // 320 * 320
            x = torch.zeros(len(b), n)
            for k, r in enumerate(b):
                s, c = int(r['sample']), int(r['samples'])
                x[k, :c] = torch.from_numpy(pcm[s:s + c].astype(np.float32) / 32768)
            y = encode(enc, whisper_mel(x.to(device), filters)).half().cpu().numpy()
            for k, r in enumerate(b):
                c = (int(r['samples']) + 319) // 320
                out.write(y[k, :c].tobytes())
                print(r['id'], row, c, sep='\t', file=index)
                row += c
                done += int(r['samples'])
            if i % 50 < len(b):
                print(f'{i}/{len(rows)}: {done / RATE / 3600:.2f} h in {time.time() - start:.0f} s', file=sys.stderr, flush=True)


if __name__ == '__main__':
    main()
