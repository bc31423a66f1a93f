#!/usr/bin/env python3
"""Train the vocoder: train.py PACKED[,PACKED...] OUT --minutes 60 [--voices heart michael] [--prosody prosody.npz] [--init FOLDER] [--resume]

PACKED comes from ../acoustic/prepare.py or recordings.py; every voice is heard as often as every other. The distance of two sounds is the L1
of log-magnitudes and of magnitudes at four STFT resolutions (of the shortest and the longest only one a step) and of the log-mel. The loss is
the energy distance of Gritsenko et al. 2020 (arXiv 2008.01160): the distances of two outputs, which differ in their noise, from the recording,
less their distance from each other. Plain distances would rather have harmonics than noise, whose every sample is wrong, where a recording is
noisy; this one does not (--plain for comparison). A phase term, 1 - cos of the phase difference, weighted by magnitude, holds for
Kokoro's speech, whose phase follows from its F0 summed from the start of the utterance: give its F0 before thresholding (prosody.npz of
the data, of the first PACKED) as --prosody; for other speech the term is left out. In the last 40 % half of the crops see a noisy and blurred
mel, so that predicted ones are borne. The schedule is one of wall-clock time: warm-up, --rate, then over the last --fall a cosine to zero at
--minutes. OUT/last.pt (resumable) and OUT/export (averaged weights) are written every five minutes. --init begins with another run's weights.
"""
import argparse, copy, csv, math, os, time
import numpy as np, torch, torch.nn.functional as F
from model import Vocoder, Config, export, HOP, LOOK, MELS, RATE
from mel import mel_filters

WARM = 14                                                        # frames before the loss begins: the network's past
RESOLUTIONS = ((256, 96), (512, 192), (1024, 384), (2048, 768))


class Part:
    """One packed folder."""

    def __init__(self, packed, prosody):
        self.pcm = np.memmap(packed + '/pcm.i16', np.int16, 'r')
        self.mel = np.memmap(packed + '/mel.f16', np.float16, 'r').reshape(-1, MELS)
        self.f0 = np.fromfile(packed + '/f0.f16', np.float16).astype(np.float32)
        self.known = bool(prosody)                               # is the phase
        self.raw = np.load(prosody)['f'].astype(np.float64) if prosody else self.f0.astype(np.float64)
        self.phase = np.zeros(len(self.f0))


class Data:
    """train and dev: voice -> [(part, first frame, frames, id)]."""

    def __init__(self, packed, voices, prosody, seed):
        self.train, self.dev = {v: [] for v in voices}, {v: [] for v in voices}
        for k, folder in enumerate(packed):
            part = Part(folder, prosody if k == 0 else None)
            for r in csv.DictReader(open(folder + '/index.tsv'), delimiter='\t', quoting=csv.QUOTE_NONE):
                if r['voice'] in voices:
                    a, n = int(r['frame']), int(r['frames'])
                    part.phase[a:a + n] = np.cumsum(part.raw[a:a + n] * HOP / RATE) % 1
                    (self.train if r['use'] == 'train' else self.dev)[r['voice']].append((part, a, n, r['id']))
        self.rng = np.random.default_rng(seed)

    def batch(self, size, frames, spoil):
        """-> mel (B, WARM+frames+LOOK, 80), f0, phase of the same frames, sound of the middle `frames`, is the phase known (B,)."""
        total = WARM + frames + LOOK
        rows = []
        for voice in self.rng.permutation(sorted(self.train) * (size // len(self.train) + 1))[:size]:
            utts = self.train[voice]
            while (u := utts[self.rng.integers(len(utts))])[2] <= total or self.rng.random() > u[2] / 1200:
                pass                                             # as often as it is long
            part, a, n, _ = u
            s = a + self.rng.integers(n - total)
            x = part.pcm[(s + WARM) * HOP:(s + WARM + frames) * HOP].astype(np.float32) / 32768
            mel, gain = part.mel[s:s + total].astype(np.float32), np.exp(self.rng.uniform(-1.2, 0.4))
            mel = np.maximum(mel + np.log(gain), np.log(1e-5))
            if self.rng.random() < spoil:
                if self.rng.random() < 0.5:
                    k = self.rng.uniform(0, 0.25)
                    mel[1:-1] = (1 - 2 * k) * mel[1:-1] + k * (mel[:-2] + mel[2:])
                k = self.rng.uniform(0, 0.25)
                mel[:, 1:-1] = (1 - 2 * k) * mel[:, 1:-1] + k * (mel[:, :-2] + mel[:, 2:])
                mel = mel + self.rng.uniform(0, 0.25) * self.rng.standard_normal(mel.shape)
            rows.append((mel, part.f0[s:s + total], part.phase[s:s + total], x * gain, part.known))
        mel, f0, phase, x, known = (torch.from_numpy(np.stack(z)) for z in zip(*rows))
        return mel.float(), f0, phase, x.float(), known


def whole(u):
    """Utterance u of Data -> mel (1, n+LOOK, 80), f0, phase, sound (1, n HOP)."""
    part, a, n, _ = u
    mel = torch.from_numpy(part.mel[a:a + n].astype(np.float32))
    f0, phase = (F.pad(torch.from_numpy(z[a:a + n]), (0, LOOK))[None] for z in (part.f0, part.phase))
    return (F.pad(mel, (0, 0, 0, LOOK), value=math.log(1e-5))[None], f0, phase,
            torch.from_numpy(part.pcm[a * HOP:(a + n) * HOP].astype(np.float32) / 32768)[None])


class Loss(torch.nn.Module):
    """Of outputs y (B, N) and y2, which may be None, for recordings x; known (B,): is their phase."""

    def __init__(self):
        super().__init__()
        for n, _ in RESOLUTIONS:
            self.register_buffer(f'w{n}', torch.hann_window(n) * (1024 / n) ** 0.5)
        self.register_buffer('filters', torch.from_numpy(mel_filters()))

    def spectrum(self, x, n, hop):
        """-> complex STFT, its magnitude, that in log and, of the longer ones, the log-mel."""
        s = torch.stft(x, n, hop, window=getattr(self, f'w{n}'), center=False, return_complex=True)
        re, im = s.real, s.imag
        m = (re * re + im * im + 1e-6).sqrt()
        return re, im, m, m.clamp(min=4e-3).log(), (self.filters @ m).clamp(min=1e-5).log() if n == 1024 else None

    def forward(self, y, y2, x, known, skip=None):
        total, parts = 0, {}
        for n, hop in RESOLUTIONS:
            if n == skip:
                continue
            a = self.spectrum(y, n, hop)
            with torch.no_grad():
                b = self.spectrum(x, n, hop)
            size = b[2].sum()

            def distance(p, q):
                log = (p[3] - q[3]).abs().mean()
                d = (1 if n in (512, 1024) or skip is None else 2) * (log + 0.5 * (p[2] - q[2]).abs().sum() / size)
                return d + (p[4] - q[4]).abs().mean() if n == 1024 else d, log

            d, parts[f'log{n}'] = distance(a, b)
            if y2 is not None:
                c = self.spectrum(y2, n, hop)
                d2, apart = distance(c, b)[0], distance(a, c)
                d, parts[f'apart{n}'] = d + d2 - apart[0], apart[1]
            total = total + d
            if n == 1024:
                parts['mel'] = (a[4] - b[4]).abs().mean()
            if n in (512, 1024):
                phase = (b[2] - (a[0] * b[0] + a[1] * b[1]) / a[2].clamp(min=1e-3)).sum((1, 2)) / size * len(x)
                phase = (phase * known).sum() / known.sum().clamp(min=1)
                total, parts[f'ph{n}'] = total + phase, phase
        return total, {k: v.item() for k, v in parts.items()}


@torch.no_grad()
def evaluate(model, data, loss, device, count=8):
    model.eval()
    torch.manual_seed(0)
    out = []
    for voice, utts in data.dev.items():
        sums, n = {}, 0
        for u in utts[:count]:
            mel, f0, phase, x = (z.to(device) for z in whole(u))
            total, parts = loss(model(mel, f0, phase), None, x, torch.tensor([u[0].known], device=device))
            for k, v in dict(total=total.item(), **parts).items():
                sums[k] = sums.get(k, 0) + v
            n += 1
        out.append(voice + ' ' + ' '.join(f'{k} {v / n:.3f}' for k, v in sums.items()))
    model.train()
    return ' | '.join(out)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('packed'); p.add_argument('out'); p.add_argument('--minutes', type=float, default=60); p.add_argument('--voices', nargs='+', default=['heart'])
    p.add_argument('--prosody'); p.add_argument('--resume', action='store_true'); p.add_argument('--init'); p.add_argument('--plain', action='store_true')
    p.add_argument('--fall', type=float, default=1, help='the part of the time in which the rate falls'); p.add_argument('--seed', type=int, default=1)
    p.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu'); p.add_argument('--threads', type=int, default=1)
    p.add_argument('--batch', type=int, default=8); p.add_argument('--frames', type=int, default=80); p.add_argument('--rate', type=float, default=1.5e-3)
    a = p.parse_args()
    torch.set_num_threads(a.threads); torch.manual_seed(a.seed)
    os.makedirs(a.out, exist_ok=True)
    data = Data(a.packed.split(','), a.voices, a.prosody, a.seed)
    model = Vocoder(Config()).to(a.device)
    if a.init:
        model.load_state_dict(torch.load(a.init + '/last.pt', map_location=a.device)['average'])
    loss, average = Loss().to(a.device), copy.deepcopy(model)
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
            g['lr'] = a.rate * min(1, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * (1 - min(1, (1 - done) / a.fall)))) + 1e-6
        mel, f0, phase, x, known = (z.to(a.device) for z in data.batch(a.batch, a.frames, 0.5 if done > 0.6 else 0))
        *gains, n = model.gains(mel, f0)
        h, z = model.voiced(*gains, f0, phase)[:, WARM * HOP:], model.noise(n)[:, WARM * HOP:]
        y2 = None if a.plain else h + model.noise(n)[:, WARM * HOP:]
        total, parts = loss(h + z, y2, x, known, (256, 2048)[step % 2])
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
            print('dev', evaluate(average, data, loss, a.device), flush=True)
    save(a, model, average, opt, step, limit)
    print('dev', evaluate(average, data, loss, a.device, 99), flush=True)


def save(a, model, average, opt, step, spent):
    torch.save(dict(model=model.state_dict(), average=average.state_dict(), opt=opt.state_dict(), step=step, spent=spent), a.out + '/last.pt.new')
    os.replace(a.out + '/last.pt.new', a.out + '/last.pt')
    export(average, a.out + '/export')


if __name__ == '__main__':
    main()
