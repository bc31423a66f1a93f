#!/usr/bin/env python3
"""Train the vocoder: train.py PACKED OUT --minutes 60 [--voice heart] [--prosody prosody.npz] [--resume] [--device cpu|cuda] [--threads 1]

PACKED comes from ../acoustic/prepare.py. Loss: L1 of log-magnitudes and of magnitudes at four STFT resolutions (of the shortest and the
longest only one a step), log-mel L1, and a phase term: 1 - cos of the phase difference, weighted by magnitude. The phase term holds for
Kokoro's speech, whose phase follows from its F0 summed from the start of the utterance: give its F0 before thresholding (prosody.npz of
the data) as --prosody; without it the term is left out. In the last 40 % half of the crops see a noisy and blurred mel, so that predicted
ones are borne. The schedule is one of wall-clock time: warm-up, then cosine to zero at --minutes. OUT/last.pt (resumable) and OUT/export
(averaged weights) are written every five minutes.
"""
import argparse, copy, csv, math, os, time
import numpy as np, torch, torch.nn.functional as F
from model import Vocoder, Config, export, HOP, LOOK, MELS, RATE
from mel import mel_filters

WARM = 14                                                        # frames before the loss begins: the network's past
RESOLUTIONS = ((256, 96), (512, 192), (1024, 384), (2048, 768))


class Data:
    def __init__(self, packed, voice, prosody, seed):
        self.pcm = np.memmap(packed + '/pcm.i16', np.int16, 'r')
        self.mel = np.memmap(packed + '/mel.f16', np.float16, 'r').reshape(-1, MELS)
        self.f0 = np.fromfile(packed + '/f0.f16', np.float16).astype(np.float32)
        raw = np.load(prosody)['f'].astype(np.float64) if prosody else np.where(self.f0 > 0, self.f0, 0).astype(np.float64)
        self.phase = np.zeros(len(self.f0))
        self.train, self.dev = [], []
        for r in csv.DictReader(open(packed + '/index.tsv'), delimiter='\t', quoting=csv.QUOTE_NONE):
            if r['voice'] == voice:
                a, n = int(r['frame']), int(r['frames'])
                self.phase[a:a + n] = np.cumsum(raw[a:a + n] * HOP / RATE) % 1
                (self.train if r['use'] == 'train' else self.dev).append((a, n, r['id']))
        self.rng = np.random.default_rng(seed)

    def batch(self, size, frames, spoil):
        """-> mel (B, WARM+frames+LOOK, 80), f0, phase of the same frames, sound of the middle `frames`."""
        total = WARM + frames + LOOK
        lengths = np.array([max(0, n - total) for _, n, _ in self.train], float)
        rows = []
        for i in self.rng.choice(len(self.train), size, p=lengths / lengths.sum()):
            a, n, _ = self.train[i]
            s = a + self.rng.integers(n - total)
            x = self.pcm[(s + WARM) * HOP:(s + WARM + frames) * HOP].astype(np.float32) / 32768
            mel, gain = self.mel[s:s + total].astype(np.float32), np.exp(self.rng.uniform(-1.2, 0.4))
            mel = np.maximum(mel + np.log(gain), np.log(1e-5))
            if self.rng.random() < spoil:
                if self.rng.random() < 0.5:
                    k = self.rng.uniform(0, 0.25)
                    mel[1:-1] = (1 - 2 * k) * mel[1:-1] + k * (mel[:-2] + mel[2:])
                k = self.rng.uniform(0, 0.25)
                mel[:, 1:-1] = (1 - 2 * k) * mel[:, 1:-1] + k * (mel[:, :-2] + mel[:, 2:])
                mel = mel + self.rng.uniform(0, 0.25) * self.rng.standard_normal(mel.shape)
            rows.append((mel, self.f0[s:s + total], self.phase[s:s + total], x * gain))
        mel, f0, phase, x = (np.stack(z) for z in zip(*rows))
        return torch.from_numpy(mel).float(), torch.from_numpy(f0), torch.from_numpy(phase), torch.from_numpy(x).float()


class Loss(torch.nn.Module):
    def __init__(self, phase):
        super().__init__()
        self.phase = phase
        for n, _ in RESOLUTIONS:
            self.register_buffer(f'w{n}', torch.hann_window(n) * (1024 / n) ** 0.5)
        self.register_buffer('filters', torch.from_numpy(mel_filters()))

    def forward(self, y, x, skip=None):
        total, parts = 0, {}
        for n, hop in RESOLUTIONS:
            if n == skip:
                continue
            w = getattr(self, f'w{n}')
            Y = torch.stft(y, n, hop, window=w, center=False, return_complex=True)
            with torch.no_grad():
                X = torch.stft(x, n, hop, window=w, center=False, return_complex=True)
                xr, xi = X.real, X.imag
                xm = (xr * xr + xi * xi + 1e-6).sqrt()
                xl = xm.clamp(min=4e-3).log()
            yr, yi = Y.real, Y.imag
            ym = (yr * yr + yi * yi + 1e-6).sqrt()
            log = (ym.clamp(min=4e-3).log() - xl).abs().mean()
            lin = (ym - xm).abs().sum() / xm.sum()
            total = total + (1 if n in (512, 1024) or skip is None else 2) * (log + 0.5 * lin)
            parts[f'log{n}'] = log.item()
            if n == 1024:
                mel = ((self.filters @ ym).clamp(min=1e-5).log() - (self.filters @ xm).clamp(min=1e-5).log()).abs().mean()
                total = total + mel
                parts['mel'], parts['lin'] = mel.item(), lin.item()
            if n in (512, 1024):
                phase = (xm - (yr * xr + yi * xi) / ym.clamp(min=1e-3)).sum() / xm.sum()
                parts[f'ph{n}'] = phase.item()
                if self.phase:
                    total = total + phase
        return total, parts


@torch.no_grad()
def evaluate(model, data, loss, device, count=12):
    model.eval()
    torch.manual_seed(0)
    sums, n = {}, 0
    for a, t, _ in data.dev[:count]:
        mel = F.pad(torch.from_numpy(data.mel[a:a + t].astype(np.float32)).T, (0, LOOK), value=math.log(1e-5)).T[None]
        f0, phase = (F.pad(torch.from_numpy(z[a:a + t]), (0, LOOK))[None] for z in (data.f0, data.phase))
        x = torch.from_numpy(data.pcm[a * HOP:(a + t) * HOP].astype(np.float32) / 32768)[None]
        total, parts = loss(model(mel.to(device), f0.to(device), phase.to(device)), x.to(device))
        for k, v in dict(total=total.item(), **parts).items():
            sums[k] = sums.get(k, 0) + v
        n += 1
    model.train()
    return {k: v / n for k, v in sums.items()}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('packed'); p.add_argument('out'); p.add_argument('--minutes', type=float, default=60); p.add_argument('--voice', default='heart')
    p.add_argument('--prosody'); p.add_argument('--resume', action='store_true'); p.add_argument('--seed', type=int, default=1)
    p.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu'); p.add_argument('--threads', type=int, default=1)
    p.add_argument('--batch', type=int, default=8); p.add_argument('--frames', type=int, default=80); p.add_argument('--rate', type=float, default=1.5e-3)
    a = p.parse_args()
    torch.set_num_threads(a.threads); torch.manual_seed(a.seed)
    os.makedirs(a.out, exist_ok=True)
    data = Data(a.packed, a.voice, a.prosody, a.seed)
    model = Vocoder(Config()).to(a.device)
    loss, average = Loss(bool(a.prosody)).to(a.device), copy.deepcopy(model)
    opt = torch.optim.AdamW(model.parameters(), lr=a.rate, betas=(0.9, 0.98), weight_decay=0.01)
    print(f'{sum(q.numel() for q in model.parameters()):,} parameters', flush=True)
    step, spent = 0, 0.0
    if a.resume and os.path.exists(a.out + '/last.pt'):
        s = torch.load(a.out + '/last.pt', map_location=a.device)
        model.load_state_dict(s['model']); average.load_state_dict(s['average']); opt.load_state_dict(s['opt'])
        step, spent = s['step'], s['spent']
        data.rng = np.random.default_rng(a.seed + step)
    begin, saved, seen, limit = time.time() - spent, spent, {}, a.minutes * 60
    while (spent := time.time() - begin) < limit:
        done = spent / limit
        for g in opt.param_groups:
            g['lr'] = a.rate * min(1, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * done)) + 1e-6
        mel, f0, phase, x = (z.to(a.device) for z in data.batch(a.batch, a.frames, 0.5 if done > 0.6 else 0))
        y = model(mel, f0, phase)[:, WARM * HOP:]
        total, parts = loss(y, x, (256, 2048)[step % 2])
        opt.zero_grad(); total.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step(); step += 1
        keep = min(0.998, 1 - 10 / (step + 10))
        with torch.no_grad():
            for u, v in zip(average.parameters(), model.parameters()):
                u.lerp_(v, 1 - keep)
        for k, v in dict(total=total.item(), **parts).items():
            seen[k] = seen.get(k, v) * 0.98 + v * 0.02
        if step % 50 == 0 or step < 4:
            print(f'{spent / 60:.1f} min step {step}', ' '.join(f'{k} {v:.3f}' for k, v in seen.items()), flush=True)
        if spent - saved > 300:
            saved = spent
            save(a, model, average, opt, step, spent)
            print('dev', ' '.join(f'{k} {v:.3f}' for k, v in evaluate(average, data, loss, a.device).items()), flush=True)
    save(a, model, average, opt, step, limit)
    print('dev', ' '.join(f'{k} {v:.3f}' for k, v in evaluate(average, data, loss, a.device, 99).items()), flush=True)


def save(a, model, average, opt, step, spent):
    torch.save(dict(model=model.state_dict(), average=average.state_dict(), opt=opt.state_dict(), step=step, spent=spent), a.out + '/last.pt.new')
    os.replace(a.out + '/last.pt.new', a.out + '/last.pt')
    export(average, a.out + '/export')


if __name__ == '__main__':
    main()
