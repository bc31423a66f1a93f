#!/usr/bin/env python3
"""Dense phone targets from a teacher's states: targets.py DATA PACKED [--minutes 3]

A small convolutional head on frozen Whisper states (teacher.py) learns frames of phones on synthetic speech whose durations are exact
(DATA/speech/labels.tsv.zst). Every other transcript is aligned with it (Viterbi, silence optional between words): the targets of the
recogniser's frame loss. Reads PACKED/lexicon.tsv (word, phones). Writes
  PACKED/targets.f16   (encoder frames of 40 ms, phones) the share of each phone in the frame, for every train utterance
  PACKED/targets.tsv   id, first row, rows, mean log-likelihood of the alignment a frame (low: a wrong transcript)
"""
import argparse, collections, csv, io, math, subprocess, sys, time
from concurrent.futures import ProcessPoolExecutor
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
from phones import PHONES, INDEX, fold, frame_labels

D, P = 384, len(PHONES)


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Conv1d(D, 256, 5, padding=2), nn.Conv1d(256, 256, 5, padding=2), nn.Linear(256, P)
        self.norm = nn.LayerNorm(D)

    def forward(self, x):                                    # x (B, T, 384) -> (B, T, P)
        x = self.norm(x).transpose(1, 2)
        x = F.dropout(F.gelu(self.a(x)), 0.2, self.training)
        return self.c(F.gelu(self.b(x)).transpose(1, 2))


def read(packed):
    load = lambda f: {r['id']: r for r in csv.DictReader(open(f), delimiter='\t', quoting=csv.QUOTE_NONE)}
    index, states = load(packed + '/index.tsv'), load(packed + '/states.tsv')
    return {k: {**index[k], **{a: int(b) for a, b in v.items() if a != 'id'}} for k, v in states.items()}


def synthetic_labels(data, utts):
    """id -> unit of every 20 ms state."""
    text = subprocess.run(['zstd', '-dc', data + '/speech/labels.tsv.zst'], check=True, capture_output=True).stdout.decode()
    out = {}
    for r in csv.DictReader(io.StringIO(text), delimiter='\t', quoting=csv.QUOTE_NONE):
        if r['id'] in utts:
            f = np.array(frame_labels(r['phonemes'], [int(d) for d in r['frames'].split()]))
            at = ((np.arange(utts[r['id']]['rows']) * 20 + 5) // 25).clip(max=len(f) - 1)
            out[r['id']] = f[at].astype(np.int8)
    return out


def train(head, states, utts, labels, minutes, seed):
    """Crops of 2 s."""
    ids, rng = sorted(labels), np.random.default_rng(seed)
    weight = np.array([utts[i]['rows'] for i in ids], float)
    opt, start, step, seen = torch.optim.AdamW(head.parameters(), 2e-3, weight_decay=0.01), time.time(), 0, collections.deque(maxlen=50)
    head.train()
    while (gone := (time.time() - start) / 60 / minutes) < 1:
        for g in opt.param_groups:
            g['lr'] = 2e-3 * min(1, (step + 1) / 50) * (0.5 + 0.5 * math.cos(math.pi * gone))
        x, y = np.zeros((32, 100, D), np.float32), np.full((32, 100), -100, np.int64)
        for b, i in enumerate(rng.choice(len(ids), 32, p=weight / weight.sum())):
            u, l = utts[ids[i]], labels[ids[i]]
            n = min(100, len(l))
            o = rng.integers(0, len(l) - n + 1)
            x[b, :n], y[b, :n] = states[u['row'] + o:u['row'] + o + n], l[o:o + n]
        z = head(torch.from_numpy(x))
        y = torch.from_numpy(y)
        loss = F.cross_entropy(z.reshape(-1, P), y.reshape(-1), label_smoothing=0.05)
        opt.zero_grad(); loss.backward(); opt.step()
        seen.append((z.argmax(-1) == y)[y >= 0].float().mean().item()); step += 1
        if step % 100 == 0:
            print(f'step {step}: frame accuracy {np.mean(seen):.3f}', file=sys.stderr, flush=True)
    head.eval()


def viterbi(logp, words):
    """logp (T, P); words: lists of units. Best path through sil? w1 sil? w2 ... sil? -> (unit of each frame, mean log-likelihood), or None."""
    seq, optional = [0], [True]
    for w in words:
        for u in w:
            seq.append(u); optional.append(False)
        seq.append(0); optional.append(True)
    S, T = len(seq), len(logp)
    seq, optional = np.array(seq), np.array(optional)
    if T < (~optional).sum():
        return None
    e = logp[:, seq]
    skip = np.zeros(S, bool)                                  # may be entered from two back: the state between is optional
    skip[2:] = optional[1:-1]
    score = np.full(S, -np.inf); score[0] = e[0, 0]; score[1] = e[0, 1]
    back = np.zeros((T, S), np.int8)
    for t in range(1, T):
        one = np.concatenate([[-np.inf], score[:-1]])
        two = np.where(skip, np.concatenate([[-np.inf, -np.inf], score[:-2]]), -np.inf)
        c = np.stack([score, one, two])
        b = c.argmax(0)
        score, back[t] = c[b, np.arange(S)] + e[t], b
    s = S - 1 if score[-1] >= score[-2] else S - 2
    if not np.isfinite(score[s]):
        return None
    mean, path = score[s] / T, np.zeros(T, np.int8)
    for t in range(T - 1, -1, -1):
        path[t] = seq[s]
        s -= int(back[t, s])
    return path, mean


def align(job):
    return [(i, viterbi(l.astype(np.float32), w)) for i, l, w in job]


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('data'); a.add_argument('packed'); a.add_argument('--minutes', type=float, default=3); a.add_argument('--seed', type=int, default=1)
    a = a.parse_args()
    torch.manual_seed(a.seed)
    utts = read(a.packed)
    states = np.memmap(a.packed + '/states.f16', np.float16, 'r').reshape(-1, D)
    labels = synthetic_labels(a.data, utts)
    head = Head()
    train(head, states, utts, labels, a.minutes, a.seed)
    lexicon = {}
    for line in open(a.packed + '/lexicon.tsv'):
        w, p = line.rstrip('\n').split('\t')[:2]
        lexicon.setdefault(w.lower(), [INDEX[q] for q in p.split()])

    def words(u):
        import re
        return [lexicon.get(w) for w in re.findall(r"[a-z']+", u['text'].lower().replace('’', "'")) if w.strip("'")]

    def posteriors(ids):
        for k in range(0, len(ids), 16):
            b = ids[k:k + 16]
            n = max(utts[i]['rows'] for i in b)
            x = np.zeros((len(b), n, D), np.float32)
            for j, i in enumerate(b):
                x[j, :utts[i]['rows']] = states[utts[i]['row']:utts[i]['row'] + utts[i]['rows']]
            with torch.inference_mode():
                y = head(torch.from_numpy(x)).log_softmax(-1).numpy()
            for j, i in enumerate(b):
                yield i, y[j, :utts[i]['rows']]

    order = sorted(utts, key=lambda i: utts[i]['rows'])
    jobs, job, missing = [], [], 0
    with ProcessPoolExecutor(2) as pool:
        done = []
        for i, l in posteriors([i for i in order if i not in labels]):
            w = words(utts[i])
            if not w or any(x is None for x in w):
                missing += 1
                continue
            job.append((i, l.astype(np.float16), w))
            if len(job) == 100:
                done.append(pool.submit(align, job)); job = []
        done.append(pool.submit(align, job))
        aligned = dict(x for d in done for x in d.result())
    quality = {i: v[1] for i, v in aligned.items() if v}
    print(f'{len(aligned)} aligned, {missing} with words not in the lexicon; mean log-likelihood deciles',
          np.quantile(list(quality.values()), np.arange(1, 10) / 10).round(2), file=sys.stderr)
    labels.update({i: v[0] for i, v in aligned.items() if v})
    row = 0
    with open(a.packed + '/targets.f16', 'wb') as out, open(a.packed + '/targets.tsv', 'w') as index:
        print('id\trow\trows\tquality', file=index)
        for i in (i for i in order if i in labels):
            t = ((int(utts[i]['frames']) - 3) // 2 + 1 - 3) // 2 + 1
            at = (2 * np.arange(t)[:, None] + [1, 2, 3]).clip(max=len(labels[i]) - 1)
            out.write(np.eye(P, dtype=np.float16)[labels[i][at]].mean(1).astype(np.float16).tobytes())
            print(i, row, t, f'{quality.get(i, 0):.3f}', sep='\t', file=index)
            row += t


if __name__ == '__main__':
    main()
