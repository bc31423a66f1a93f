"""What the recogniser hears in training: utterances warped in time and frequency, mixed with noise and voices, masked; in batches whose
order and augmentation follow from (seed, epoch, index) alone, so that a resumed run goes on as if it had not stopped.
"""
import csv, math, os, random, re, zlib
import numpy as np, torch
from phones import PHONES, INDEX

HALF = {'heart', 'michael', 'kathleen'}                      # single voices: seen every second epoch
MARKS = ['', ',', '.', '?', '!']                             # what comes after a word
TITLES = {'mister': 'Mr.', 'missus': 'Mrs.', 'doctor': 'Dr.', 'saint': 'St.'}    # as Whisper writes them, and asr/written.go reads them
KINDS = ('speed', 'bands', 'room', 'colour', 'noise', 'telephone', 'level', 'masks')    # of augmentation
HELD_OUT = ('ls5/1088-', 'ls5/5789-')                        # two speakers of train-clean-5, for development


def words_of(text):
    return [w for w in (x.strip("'") for x in re.findall(r"[a-z']+", text.lower().replace('’', "'"))) if w]


def styled(word, mark, case):
    """A word of small letters as it is written: case 0 to 2 for lower, capital, upper."""
    stem = word.removesuffix("'s")
    return (word, word[:1].upper() + word[1:], stem.upper() + word[len(stem):])[case] + mark


def written(words, codes):
    """Words as written.py's codes say; where these do not know, in small letters without a mark."""
    out = []
    for k, (w, c) in enumerate(zip(words, codes.split(' '), strict=True)):
        capital = k == 0 or w == 'i' or w.startswith("i'")
        out.append(TITLES[w] if w in TITLES and c[1] == '-' else styled(w, c[0].strip('_-'), max(capital, 'lcu'.find(c[1]))))
    return ' '.join(out)


def read_table(path):
    return list(csv.DictReader(open(path), delimiter='\t', quoting=csv.QUOTE_NONE))


def teacher(packed):
    """A teacher's states (teacher.py), in steps of 20 ms (N, d), and the first row of each utterance's."""
    rows = read_table(packed + '/states.tsv')
    states = np.memmap(packed + '/states.f16', np.float16, 'r').reshape(sum(int(r['rows']) for r in rows), -1)
    return states, {r['id']: int(r['row']) for r in rows}


def mixed(x, n, start, snr):
    """x (T, 80) log-mel with n, from a frame on and around, so many dB below it."""
    n = n[(start + np.arange(len(x))) % len(n)]
    level = lambda y: np.log(np.mean(np.exp(y)) + 1e-10)
    return np.logaddexp(x, n - level(n) + level(x) - snr * math.log(10) / 10)


def mask(x, rng):
    """SpecAugment (Park et al. 2019, arXiv:1904.08779) on x (T, 80), in place."""
    for _ in range(2):
        w = rng.integers(0, 20); f = rng.integers(0, 80 - w); x[:, f:f + w] = 0
    for _ in range(max(1, len(x) // 180)):
        w = rng.integers(0, 30); s = rng.integers(0, max(1, len(x) - w)); x[s:s + w] = 0


class Data:
    def __init__(self, packed, pieces, tokens, seed, dense='phones', without=(), skip=()):
        """dense: the targets of frames, phones, states of the teacher or none; without: kinds of augmentation, skip: corpora, left out."""
        self.dense, self.kinds = dense, set(KINDS) - set(without)
        self.mel = np.memmap(packed + '/mel.f16', np.float16, 'r').reshape(-1, 80)
        aligned = os.path.exists(packed + '/targets.f16')   # else there is no frame loss, and nothing is known of wrong transcripts
        self.targets, self.width = None, len(PHONES)
        if dense == 'phones' and aligned:
            self.targets = np.memmap(packed + '/targets.f16', np.float16, 'r').reshape(-1, self.width)
        if dense == 'states':
            self.targets, states = teacher(packed)
            self.width = self.targets.shape[1]
        self.soft = np.load(packed + '/soft.npz') if os.path.exists(packed + '/soft.npz') else None
        soft = dict(zip(self.soft['id'], self.soft['row'].tolist())) if self.soft else {}
        if self.soft:
            self.soft = self.soft['token'], self.soft['p']
        lexicon = {}
        for line in open(packed + '/lexicon.tsv'):
            w, p = line.rstrip('\n').split('\t')[:2]
            lexicon.setdefault(w, [INDEX[q] for q in p.split()])
        rows = {r['id']: r for r in read_table(packed + '/targets.tsv')} if aligned else {}
        codes = {r['id']: r['codes'] for r in read_table(packed + '/written.tsv')} if os.path.exists(packed + '/written.tsv') else {}
        quality = sorted(float(r['quality']) for r in rows.values() if float(r['quality']) < 0)
        bad = quality[len(quality) // 50] if aligned else 0
        self.train, self.dev, noise = [], [], []
        for r in read_table(packed + '/index.tsv'):
            u = dict(id=r['id'], corpus=r['corpus'], frame=int(r['frame']), frames=int(r['frames']), words=words_of(r['text']))
            if r['use'] == 'noise':
                noise.append(self.mel[u['frame']:u['frame'] + u['frames']].astype(np.float32))
                continue
            known = all(w in lexicon for w in u['words'])
            u['phones'] = [p for w in u['words'] for p in lexicon.get(w, [])]
            u['pieces'] = pieces.encode(' '.join(u['words'])).ids
            u['tokens'] = tokens.encode(written(u['words'], codes[u['id']])).ids if u['id'] in codes else []   # none: nothing for the decoder to learn
            u['soft'] = soft.get(u['id'])
            t = rows.get(u['id'])
            if r['use'] == 'dev' and r['corpus'] != 'lsdev' or u['id'].startswith(HELD_OUT):
                self.dev.append(u)
            elif u['soft'] is not None and self.expected(u) < 0.5:   # a wrong transcript
                continue
            elif u['words'] and u['corpus'] not in skip and 40 < u['frames'] < 2500 and (not aligned or t and float(t['quality']) > bad):
                u['row'], u['rows'] = (int(t['row']), int(t['rows'])) if t else (0, u['frames'] // 4)
                if dense == 'states':
                    u['row'] = states[u['id']]
                if not known or len(u['phones']) > u['rows'] * 0.8:
                    u['phones'] = None
                self.train.append(u)
        self.noise, self.seed = noise, seed
        random.Random(seed).shuffle(self.dev)
        sample = np.random.default_rng(seed).choice(len(self.train), 600)
        x = np.concatenate([self.mel[self.train[i]['frame']:self.train[i]['frame'] + self.train[i]['frames']] for i in sample]).astype(np.float32)
        self.mean, self.istd = x.mean(0), 1 / x.std(0)

    def expected(self, u):
        """The share of a transcript's subwords that are among those that the teacher expects."""
        return np.mean((self.soft[0][u['soft']:u['soft'] + len(u['tokens'])] == np.array(u['tokens'])[:, None]).any(1))

    def augment(self, u, target_delay, rng):
        """-> mel (T, 80) log-mel, frames of the encoder, the row of the frame targets for each."""
        x = self.mel[u['frame']:u['frame'] + u['frames']].astype(np.float32)
        kinds = self.kinds
        speed = rng.uniform(0.85, 1.15) if 'speed' in kinds else 1
        warp = rng.uniform(0.9, 1.1) if 'bands' in kinds else 1
        t = np.minimum(np.arange(int(len(x) / speed)) * speed, len(x) - 1.001)
        i, f = t.astype(int), (t % 1)[:, None].astype(np.float32)
        x = x[i] * (1 - f) + x[np.minimum(i + 1, len(x) - 1)] * f
        b = np.clip(np.arange(80) * warp, 0, 78.999)
        i, f = b.astype(int), (b % 1).astype(np.float32)
        x = x[:, i] * (1 - f) + x[:, i + 1] * f
        if 'room' in kinds and rng.random() < 0.5:           # a room: each frame rings on
            p, decay = np.exp(x), 10 ** (-0.06 / rng.uniform(0.1, 0.6))    # 60 dB in so many seconds
            tail = p.copy()
            for k in (1, 2, 4, 8, 16):
                tail[k:] += decay ** k * tail[:-k]
            x = np.log(p + rng.uniform(0, 0.3) * (tail - p) + 1e-10).astype(np.float32)
        if 'colour' in kinds and rng.random() < 0.5:
            at = np.arange(80) / 80 * math.pi
            x = x + sum(rng.normal(0, 0.7) * np.cos(k * at + rng.uniform(0, 6)) for k in range(1, 4)).astype(np.float32)
        if 'noise' in kinds and rng.random() < 0.5:
            voice = rng.random() > 0.7
            if not voice:
                n = self.noise[rng.integers(len(self.noise))]
            else:                                            # somebody else talks
                v = self.train[rng.integers(len(self.train))]
                n = self.mel[v['frame']:v['frame'] + v['frames']].astype(np.float32)
            x = mixed(x, n, rng.integers(len(n)), rng.uniform(3 * voice, 30))
        if 'telephone' in kinds and rng.random() < 0.1:      # a telephone line
            x[:, rng.integers(48, 62):] = -20
        x = np.maximum(x + (rng.uniform(-4.5, 3) if 'level' in kinds else 0), -23.03)
        frames = max(0, ((len(x) - 5) // 2 + 1) // 2)
        at = np.clip((((4 * (np.arange(frames) - target_delay) + 3) * speed - 3) / 4).round().astype(int), 0, u['rows'] - 1)
        return x, frames, at

    def spoilt(self, u):
        """An utterance for development (T, 80), normalised: as it is, with noise at 10 dB, by telephone (300 to 4000 Hz)."""
        x = self.mel[u['frame']:u['frame'] + u['frames']].astype(np.float32)
        n = self.noise[zlib.crc32(u['id'].encode()) % len(self.noise)]
        line = x.copy()
        line[:, :8] = line[:, 62:] = -20
        return [(y - self.mean) * self.istd for y in (x, mixed(x, n, 0, 10), line)]

    def target(self, u, at):
        """The targets of the frames of 40 ms, at: a frame stands between the teacher's steps 2i+1 and 2i+2."""
        if self.dense == 'phones':
            return self.targets[u['row'] + at]
        x = self.targets[u['row']:u['row'] + 2 * u['rows'] + 1].astype(np.float32)
        return (x[2 * at + 1] + x[np.minimum(2 * at + 2, len(x) - 1)]) / 2

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
        T, n = max(len(x) for x, _, _ in items), max(t for _, t, _ in items)
        mel, target = np.zeros((len(batch), T, 80), np.float32), np.zeros((len(batch), n, self.width), np.float32)
        for k, (x, t, at) in enumerate(items):
            x = (x - self.mean) * self.istd
            if 'masks' in self.kinds:
                mask(x, rng)
            mel[k, :len(x)] = x
            if self.targets is not None:
                target[k, :t] = self.target(batch[k], at)
        pad = lambda key: torch.nn.utils.rnn.pad_sequence([torch.tensor(u[key] or [0]) for u in batch], True)
        n = max(len(u['tokens']) for u in batch) + 1
        soft_token, soft_p = np.zeros((len(batch), n, 8), np.int64), np.zeros((len(batch), n, 8), np.float32)
        for k, u in enumerate(batch):
            if self.soft and u['soft'] is not None:
                lo, hi = u['soft'], u['soft'] + len(u['tokens']) + 1
                soft_token[k, :hi - lo], soft_p[k, :hi - lo] = self.soft[0][lo:hi], self.soft[1][lo:hi]
        size = lambda key: torch.tensor([len(u[key] or []) for u in batch])
        return dict(mel=torch.from_numpy(mel), target=torch.from_numpy(target), frames=torch.tensor([t for _, t, _ in items]),
                    phones=pad('phones'), phone_n=size('phones'), pieces=pad('pieces'), piece_n=size('pieces'), tokens=pad('tokens'),
                    token_n=size('tokens'), soft_token=torch.from_numpy(soft_token), soft_p=torch.from_numpy(soft_p), seconds=sum(u['frames'] for u in batch) / 100)
