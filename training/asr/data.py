"""What the recogniser hears in training: utterances warped in time and frequency, mixed with noise and voices, masked; in batches whose
order and augmentation follow from (seed, epoch, index) alone, so that a resumed run goes on as if it had not stopped.
"""
import csv, math, random, re, zlib
import numpy as np, torch
from phones import PHONES, INDEX

HALF = {'heart', 'michael', 'kathleen'}                      # single voices: seen every second epoch
HELD_OUT = ('ls5/1088-', 'ls5/5789-')                        # two speakers of train-clean-5, for development


def words_of(text):
    return [w for w in (x.strip("'") for x in re.findall(r"[a-z']+", text.lower().replace('’', "'"))) if w]


def read_table(path):
    return list(csv.DictReader(open(path), delimiter='\t', quoting=csv.QUOTE_NONE))


class Data:
    def __init__(self, packed, pieces, tokens, seed):
        self.mel = np.memmap(packed + '/mel.f16', np.float16, 'r').reshape(-1, 80)
        self.targets = np.memmap(packed + '/targets.f16', np.float16, 'r').reshape(-1, len(PHONES))
        lexicon = {}
        for line in open(packed + '/lexicon.tsv'):
            w, p = line.rstrip('\n').split('\t')[:2]
            lexicon.setdefault(w, [INDEX[q] for q in p.split()])
        rows = {r['id']: r for r in read_table(packed + '/targets.tsv')}
        quality = sorted(float(r['quality']) for r in rows.values() if float(r['quality']) < 0)
        bad = quality[len(quality) // 50]
        self.train, self.dev, noise = [], [], []
        for r in read_table(packed + '/index.tsv'):
            u = dict(id=r['id'], corpus=r['corpus'], frame=int(r['frame']), frames=int(r['frames']), words=words_of(r['text']))
            if r['use'] == 'noise':
                noise.append(self.mel[u['frame']:u['frame'] + u['frames']].astype(np.float32))
                continue
            known = all(w in lexicon for w in u['words'])
            u['phones'] = [p for w in u['words'] for p in lexicon.get(w, [])]
            u['pieces'], u['tokens'] = (t.encode(' '.join(u['words'])).ids for t in (pieces, tokens))
            t = rows.get(u['id'])
            if r['use'] == 'dev' and r['corpus'] != 'lsdev' or u['id'].startswith(HELD_OUT):
                self.dev.append(u)
            elif t and u['words'] and u['frames'] < 2500 and float(t['quality']) > bad:
                u['row'], u['rows'] = int(t['row']), int(t['rows'])
                if not known or len(u['phones']) > u['rows'] * 0.8:
                    u['phones'] = None
                self.train.append(u)
        self.noise, self.seed = noise, seed
        random.Random(seed).shuffle(self.dev)
        sample = np.random.default_rng(seed).choice(len(self.train), 600)
        x = np.concatenate([self.mel[self.train[i]['frame']:self.train[i]['frame'] + self.train[i]['frames']] for i in sample]).astype(np.float32)
        self.mean, self.istd = x.mean(0), 1 / x.std(0)

    def augment(self, u, target_delay, rng):
        """-> mel (T, 80) log-mel, teacher posteriors (T', P)."""
        x = self.mel[u['frame']:u['frame'] + u['frames']].astype(np.float32)
        speed, warp = rng.uniform(0.88, 1.12), rng.uniform(0.92, 1.08)
        t = np.minimum(np.arange(int(len(x) / speed)) * speed, len(x) - 1.001)
        i, f = t.astype(int), (t % 1)[:, None].astype(np.float32)
        x = x[i] * (1 - f) + x[np.minimum(i + 1, len(x) - 1)] * f
        b = np.clip(np.arange(80) * warp, 0, 78.999)
        i, f = b.astype(int), (b % 1).astype(np.float32)
        x = x[:, i] * (1 - f) + x[:, i + 1] * f
        level = np.log(np.mean(np.exp(x)) + 1e-10)
        if rng.random() < 0.5:
            voice = rng.random() > 0.7
            if not voice:
                n = self.noise[rng.integers(len(self.noise))]
            else:                                            # somebody else talks
                v = self.train[rng.integers(len(self.train))]
                n = self.mel[v['frame']:v['frame'] + v['frames']].astype(np.float32)
            n = n[(rng.integers(len(n)) + np.arange(len(x))) % len(n)]
            snr = rng.uniform(3 * voice, 30) * math.log(10) / 10
            x = np.logaddexp(x, n - np.log(np.mean(np.exp(n)) + 1e-10) + level - snr)
        if rng.random() < 0.1:                               # a telephone line
            x[:, rng.integers(48, 62):] = -20
        x = np.maximum(x + rng.uniform(-4.5, 3), -23.03)
        frames = max(0, ((len(x) - 5) // 2 + 1) // 2)
        at = np.clip((((4 * (np.arange(frames) - target_delay) + 3) * speed - 3) / 4).round().astype(int), 0, u['rows'] - 1)
        return x, self.targets[u['row'] + at].astype(np.float32)

    def epoch(self, epoch, frames):
        """The batches of an epoch: utterances of like length, at most so many mel frames each."""
        rng = np.random.default_rng([self.seed, epoch])
        pool = [u for u in self.train if u['corpus'] not in HALF or zlib.crc32(f"{u['id']} {epoch}".encode()) % 2]
        order = rng.permutation(len(pool))
        groups = [sorted((pool[i] for i in order[k:k + 500]), key=lambda u: u['frames']) for k in range(0, len(order), 500)]
        batches = []
        for g in groups:
            b = []
            for u in g:
                if b and u['frames'] * (len(b) + 1) > frames:
                    batches.append(b); b = []
                b.append(u)
            batches.append(b)
        return [batches[k] for k in rng.permutation(len(batches))]

    def batches(self, frames, target_delay, epoch=0, index=0):
        """Batches from the one at (epoch, index) on, with the place of the one after each, without end."""
        while True:
            batches = self.epoch(epoch, frames)
            for k in range(index, len(batches)):
                yield (epoch, k + 1), self.collate(batches[k], target_delay, np.random.default_rng([self.seed, epoch, k]))
            epoch, index = epoch + 1, 0

    def collate(self, batch, target_delay, rng):
        items = [self.augment(u, target_delay, rng) for u in batch]
        T, n = max(len(x) for x, _ in items), max(len(t) for _, t in items)
        mel, target = np.zeros((len(batch), T, 80), np.float32), np.zeros((len(batch), n, len(PHONES)), np.float32)
        for k, (x, t) in enumerate(items):
            x = (x - self.mean) * self.istd
            for _ in range(2):                               # SpecAugment
                w = rng.integers(0, 16); f = rng.integers(0, 80 - w); x[:, f:f + w] = 0
            for _ in range(max(1, len(x) // 250)):
                w = rng.integers(0, 25); s = rng.integers(0, max(1, len(x) - w)); x[s:s + w] = 0
            mel[k, :len(x)], target[k, :len(t)] = x, t
        pad = lambda key: torch.nn.utils.rnn.pad_sequence([torch.tensor(u[key] or [0]) for u in batch], True)
        size = lambda key: torch.tensor([len(u[key] or []) for u in batch])
        return dict(mel=torch.from_numpy(mel), target=torch.from_numpy(target), frames=torch.tensor([len(t) for _, t in items]),
                    phones=pad('phones'), phone_n=size('phones'), pieces=pad('pieces'), piece_n=size('pieces'), tokens=pad('tokens'),
                    token_n=size('tokens'), seconds=sum(u['frames'] for u in batch) / 100)
