#!/usr/bin/env python3
"""Train the recogniser: train.py PACKED OUT --minutes 100 [--resume] [--device cpu|cuda] [--bf16] [--threads 2]

PACKED comes from prepare.py, teacher.py, targets.py and lexicon.py. Loss: cross entropy with the teacher's frame posteriors (at the
top and in the middle), phone CTC, subword CTC and the attention decoder's cross entropy. The schedule is one of wall-clock time:
warm-up, then cosine to zero at --minutes. OUT/last.pt (resumable) every five minutes, OUT/export at each evaluation (averaged weights).
"""
import argparse, csv, json, math, os, queue, random, re, sys, threading, time
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
from model import Config, Recogniser, export
from phones import PHONES, INDEX

HALF = {'heart', 'michael', 'kathleen'}                      # single voices: seen every second epoch
HELD_OUT = ('ls5/1088-', 'ls5/5789-')                        # two speakers of train-clean-5, for development


def words_of(text):
    return [w for w in (x.strip("'") for x in re.findall(r"[a-z']+", text.lower().replace('’', "'"))) if w]


def read_table(path):
    return list(csv.DictReader(open(path), delimiter='\t', quoting=csv.QUOTE_NONE))


class Data:
    def __init__(self, packed, tokenizer, seed):
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
            u['pieces'] = tokenizer.encode(' '.join(u['words'])).ids
            t = rows.get(u['id'])
            if r['use'] == 'dev' and r['corpus'] != 'lsdev' or u['id'].startswith(HELD_OUT):
                self.dev.append(u)
            elif t and u['words'] and u['frames'] < 2500 and float(t['quality']) > bad:
                u['row'], u['rows'] = int(t['row']), int(t['rows'])
                if not known or len(u['phones']) > u['rows'] * 0.8:
                    u['phones'] = None
                self.train.append(u)
        self.noise, self.rng = noise, np.random.default_rng(seed)
        random.Random(seed).shuffle(self.dev)
        sample = self.rng.choice(len(self.train), 600)
        x = np.concatenate([self.mel[self.train[i]['frame']:self.train[i]['frame'] + self.train[i]['frames']] for i in sample]).astype(np.float32)
        self.mean, self.istd = x.mean(0), 1 / x.std(0)

    def augment(self, u, target_delay):
        """-> mel (T, 80) log-mel, teacher posteriors (T', P)."""
        rng = self.rng
        x = self.mel[u['frame']:u['frame'] + u['frames']].astype(np.float32)
        speed, warp = rng.uniform(0.88, 1.12), rng.uniform(0.92, 1.08)
        t = np.minimum(np.arange(int(len(x) / speed)) * speed, len(x) - 1.001)
        i, f = t.astype(int), (t % 1)[:, None].astype(np.float32)
        x = x[i] * (1 - f) + x[np.minimum(i + 1, len(x) - 1)] * f
        b = np.clip(np.arange(80) * warp, 0, 78.999)
        i, f = b.astype(int), (b % 1).astype(np.float32)
        x = x[:, i] * (1 - f) + x[:, i + 1] * f
        level = np.log(np.mean(np.exp(x)) + 1e-10)
        if rng.random() < 0.4:
            if rng.random() < 0.7:
                n = self.noise[rng.integers(len(self.noise))]
            else:                                            # somebody else talks
                v = self.train[rng.integers(len(self.train))]
                n = self.mel[v['frame']:v['frame'] + v['frames']].astype(np.float32)
            n = n[(rng.integers(len(n)) + np.arange(len(x))) % len(n)]
            snr = rng.uniform(3, 30) * math.log(10) / 10
            x = np.logaddexp(x, n - np.log(np.mean(np.exp(n)) + 1e-10) + level - snr)
        if rng.random() < 0.1:                               # a telephone line
            x[:, rng.integers(48, 62):] = -20
        x = np.maximum(x + rng.uniform(-3, 3), -23.03)
        frames = max(0, ((len(x) - 3) // 2 + 1 - 3) // 2 + 1)
        at = np.clip((((4 * (np.arange(frames) - target_delay) + 3) * speed - 3) / 4).round().astype(int), 0, u['rows'] - 1)
        return x, self.targets[u['row'] + at].astype(np.float32)

    def batches(self, frames, target_delay):
        epoch = 0
        while True:
            pool = [u for u in self.train if u['corpus'] not in HALF or hash((u['id'], epoch)) % 2]
            order = self.rng.permutation(len(pool))
            groups = [sorted((pool[i] for i in order[k:k + 500]), key=lambda u: u['frames']) for k in range(0, len(order), 500)]
            batches = []
            for g in groups:
                b = []
                for u in g:
                    if b and u['frames'] * (len(b) + 1) > frames:
                        batches.append(b); b = []
                    b.append(u)
                batches.append(b)
            for k in self.rng.permutation(len(batches)):
                yield epoch, self.collate(batches[k], target_delay)
            epoch += 1

    def collate(self, batch, target_delay):
        items = [self.augment(u, target_delay) for u in batch]
        T, n = max(len(x) for x, _ in items), max(len(t) for _, t in items)
        mel, target = np.zeros((len(batch), T, 80), np.float32), np.zeros((len(batch), n, len(PHONES)), np.float32)
        for k, (x, t) in enumerate(items):
            x = (x - self.mean) * self.istd
            for _ in range(2):                               # SpecAugment
                w = self.rng.integers(0, 16); f = self.rng.integers(0, 80 - w); x[:, f:f + w] = 0
            for _ in range(max(1, len(x) // 250)):
                w = self.rng.integers(0, 25); s = self.rng.integers(0, max(1, len(x) - w)); x[s:s + w] = 0
            mel[k, :len(x)], target[k, :len(t)] = x, t
        pad = lambda key: torch.nn.utils.rnn.pad_sequence([torch.tensor(u[key] or [0]) for u in batch], True)
        size = lambda key: torch.tensor([len(u[key] or []) for u in batch])
        return dict(mel=torch.from_numpy(mel), target=torch.from_numpy(target), frames=torch.tensor([len(t) for _, t in items]),
                    phones=pad('phones'), phone_n=size('phones'), pieces=pad('pieces'), piece_n=size('pieces'),
                    seconds=sum(u['frames'] for u in batch) / 100)


class Training(nn.Module):
    """The recogniser and the frame heads that only training has."""
    def __init__(self, c):
        super().__init__()
        self.model, self.frame_top, self.frame_mid = Recogniser(c), nn.Linear(c.d_model, c.phones), nn.Linear(c.d_model, c.phones)

    def losses(self, b, chunk):
        c, m = self.model.c, self.model
        x, mid = m.encoder(b['mel'], chunk, middle=c.layers // 2)
        T = x.shape[1]
        valid = torch.arange(T, device=x.device)[None] < b['frames'][:, None]
        kl = lambda head, h: -(b['target'][:, :T] * head(h).float().log_softmax(-1)).sum(-1)[valid].mean()
        def ctc(head, labels, n):
            ok = (n > 0) & (n < b['frames'])
            nll = F.ctc_loss(head(x).float().log_softmax(-1).transpose(0, 1), labels, b['frames'], n, reduction='none', zero_infinity=True)
            return (nll * ok).sum() / (b['frames'] * ok).sum().clamp(min=1)
        U = b['pieces'].shape[1]
        sos = torch.full_like(b['pieces'][:, :1], c.pieces)
        text = torch.cat([b['pieces'], sos], 1).masked_fill(torch.arange(U + 1, device=x.device)[None] > b['piece_n'][:, None], -100)
        text.scatter_(1, b['piece_n'][:, None], c.pieces)
        z = m.decoder(torch.cat([sos, b['pieces']], 1), x, valid[:, None, None])
        att = F.cross_entropy(z.float().reshape(-1, z.shape[-1]), text.reshape(-1), ignore_index=-100, label_smoothing=0.1)
        return dict(top=kl(self.frame_top, x), mid=kl(self.frame_mid, mid), phone=ctc(m.phone_ctc, b['phones'], b['phone_n']),
                    piece=ctc(m.piece_ctc, b['pieces'], b['piece_n']), att=att)


def weights(gone):
    """The dense loss leads, the sequence losses take over."""
    ramp = lambda a, b: min(1, max(0, (gone - a) / (b - a)))
    return dict(top=1.2 - 0.8 * ramp(0.2, 0.7), mid=0.3, phone=0.1 + 0.9 * ramp(0.03, 0.3), piece=0.02 + 0.4 * ramp(0.1, 0.4), att=0.02 + 0.2 * ramp(0.15, 0.4))


def distance(a, b):
    d = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        p, d[0] = d[0], i
        for j, y in enumerate(b, 1):
            p, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, p + (x != y))
    return d[-1]


@torch.inference_mode()
def evaluate(model, data, device, n=60):
    """Greedy phone and subword error rates, streaming chunks; (held-out LibriSpeech speakers, Common Voice dev)."""
    model.eval()
    out = []
    for part in ('ls5', 'cv'):
        us = [u for u in data.dev if u['corpus'].startswith(part)][:n]
        e = [0, 0, 0, 0]
        for u in us:
            x = (data.mel[u['frame']:u['frame'] + u['frames']].astype(np.float32) - data.mean) * data.istd
            h = model.encoder(torch.from_numpy(x)[None].to(device), model.c.chunk)[0]
            for k, (head, ref) in enumerate(((model.phone_ctc, u['phones']), (model.piece_ctc, u['pieces']))):
                z = head(h).argmax(-1)
                z = [int(a) for a in torch.unique_consecutive(z) if a]
                e[2 * k] += distance(z, ref); e[2 * k + 1] += len(ref)
        out.append(f'{part}: phones {100 * e[0] / e[1]:.1f} % pieces {100 * e[2] / e[3]:.1f} %')
    model.train()
    return ', '.join(out)


def pieces(packed, size):
    """A BPE vocabulary with metaspace over the training texts; id 0 is the blank."""
    from tokenizers import Tokenizer, models, pre_tokenizers, decoders, trainers
    path = packed + '/tokenizer.json'
    if not os.path.exists(path):
        tok = Tokenizer(models.BPE())
        tok.pre_tokenizer, tok.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
        texts = (' '.join(words_of(r['text'])) for r in read_table(packed + '/index.tsv') if r['use'] == 'train')
        tok.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=size, special_tokens=['<blank>'], show_progress=False))
        tok.save(path)
    return Tokenizer.from_file(path)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('packed'); a.add_argument('out'); a.add_argument('--minutes', type=float, default=100)
    a.add_argument('--resume', action='store_true'); a.add_argument('--device', default='cpu'); a.add_argument('--bf16', action='store_true', help='pays on GPUs and with AMX'); a.add_argument('--threads', type=int, default=2)
    a.add_argument('--frames', type=int, default=6000, help='mel frames a batch'); a.add_argument('--lr', type=float, default=1.2e-3)
    a.add_argument('--layers', type=int, default=5); a.add_argument('--ffn', type=int, default=768); a.add_argument('--delay', type=int, default=2); a.add_argument('--seed', type=int, default=1)
    a = a.parse_args()
    torch.set_num_threads(a.threads); torch.manual_seed(a.seed); random.seed(a.seed)
    os.makedirs(a.out, exist_ok=True)
    tok = pieces(a.packed, 500)
    data = Data(a.packed, tok, a.seed)
    print(f'{len(data.train)} utterances, {sum(u["frames"] for u in data.train) / 360000:.1f} h; {len(data.dev)} for development', flush=True)
    net = Training(Config(phones=len(PHONES), pieces=tok.get_vocab_size(), layers=a.layers, ffn=a.ffn)).to(a.device)
    net.model.encoder.mean.copy_(torch.from_numpy(data.mean)); net.model.encoder.istd.copy_(torch.from_numpy(data.istd))
    ema = Training(net.model.c).to(a.device); ema.load_state_dict(net.state_dict())
    print(f'{sum(p.numel() for p in net.model.encoder.parameters()) / 1e6:.2f} M in the encoder, {sum(p.numel() for p in net.model.parameters()) / 1e6:.2f} M in all')
    decay = [p for p in net.parameters() if p.ndim > 1]
    opt = torch.optim.AdamW([dict(params=decay, weight_decay=0.03), dict(params=[p for p in net.parameters() if p.ndim <= 1], weight_decay=0)],
                            lr=a.lr, betas=(0.9, 0.98), fused=True)
    step, before, heard = 0, 0.0, 0.0
    if a.resume:
        s = torch.load(a.out + '/last.pt', map_location=a.device)
        net.load_state_dict(s['net']); ema.load_state_dict(s['ema']); opt.load_state_dict(s['opt'])
        step, before, heard = s['step'], s['minutes'], s['heard']
        data.rng = np.random.default_rng(a.seed + step)
    q = queue.Queue(4)
    threading.Thread(target=lambda: [q.put(b) for b in data.batches(a.frames, a.delay)], daemon=True).start()
    start, saved, mean = time.time(), time.time(), {}
    while True:
        minutes = before + (time.time() - start) / 60
        gone = minutes / a.minutes
        if gone >= 1:
            break
        epoch, b = q.get()
        b = {k: v.to(a.device) if torch.is_tensor(v) else v for k, v in b.items()}
        for g in opt.param_groups:
            g['lr'] = a.lr * min(1, (step + 1) / 400) * (0.5 + 0.5 * math.cos(math.pi * gone)) + 1e-6
        chunk = random.choice((8, 16, 16, 16, 25, 50, 0))
        with torch.autocast(a.device.split(':')[0], torch.bfloat16, enabled=a.bf16):
            losses, w = net.losses(b, chunk), weights(gone)
        loss = sum(w[k] * v for k, v in losses.items())
        opt.zero_grad(set_to_none=True); loss.backward()
        norm = nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        if torch.isfinite(norm):
            opt.step()
        step += 1; heard += b['seconds']
        with torch.no_grad():
            d = min(0.998, step / (step + 50))
            torch._foreach_lerp_(list(ema.parameters()), list(net.parameters()), 1 - d)
        for k, v in losses.items():
            mean[k] = 0.98 * mean.get(k, v.item()) + 0.02 * v.item()
        if step % 100 == 0:
            print(f'{minutes:.1f} min, step {step}, epoch {epoch}, {heard / 3600:.1f} h: ' + ' '.join(f'{k} {v:.3f}' for k, v in mean.items()), flush=True)
        if time.time() - saved > 300:
            save(a, net, ema, opt, step, minutes, heard, data, tok); saved = time.time()
    save(a, net, ema, opt, step, minutes, heard, data, tok)


def save(a, net, ema, opt, step, minutes, heard, data, tok):
    torch.save(dict(net=net.state_dict(), ema=ema.state_dict(), opt=opt.state_dict(), step=step, minutes=minutes, heard=heard), a.out + '/tmp.pt')
    os.replace(a.out + '/tmp.pt', a.out + '/last.pt')
    export(ema.model, a.out + '/export', PHONES)
    tok.save(a.out + '/export/tokenizer.json')
    print(f'{minutes:.1f} min, step {step}: {evaluate(ema.model, data, a.device)}', flush=True)


if __name__ == '__main__':
    main()
