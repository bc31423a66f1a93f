#!/usr/bin/env python3
"""Train the voice activity detector: train.py CLIPS OUT [--minutes 14] [--resume] [--seed 1] [--device cpu] [--threads 1]

CLIPS is prepare.py's output; its last 5 % are for development. Binary cross entropy of every frame; the learning rate follows the
processor's time: warm-up, then a cosine to zero after --minutes of each thread. Clips are changed as they are drawn: louder or softer, through another
microphone, with another clip's noise; halves of them at first. Every two of them: OUT/last.pt (resumable), OUT/vad.safetensors (averaged weights) and the
error rates of the development clips.
"""
import argparse, math, os, time
import numpy as np, torch, torch.nn.functional as F
from model import Network, export

MELS, FRAMES = 40, 500


class Clips:
    def __init__(self, folder, seed):
        mel = np.memmap(folder + '/mel.f16', np.float16, 'r').reshape(-1, FRAMES, MELS)
        label = np.fromfile(folder + '/label.u8', np.uint8)
        n = min(len(mel), len(label) // FRAMES)
        label = label[:n * FRAMES].reshape(n, FRAMES)
        k = n - n // 20
        self.mel, self.label, self.dev = mel[:k], label[:k], (mel[k:n], label[k:n])
        self.silent = np.flatnonzero(self.label.max(1) == 0)
        self.rng = np.random.default_rng(seed)

    def batch(self, size, frames):
        """-> log-mel (size, frames, MELS), labels (size, frames)."""
        r = self.rng
        at = r.integers(len(self.mel), size=size)
        x, y = self.mel[at].astype(np.float32), self.label[at].astype(np.float32) / 255
        for i in np.flatnonzero(r.random(size) < 0.3):       # noise of another clip beside it
            n = self.mel[r.choice(self.silent)].astype(np.float32)
            n = np.roll(n, r.integers(FRAMES), 0)
            level = lambda z: np.log(np.mean(np.exp(z)) + 1e-10)
            n += level(x[i]) - level(n) - r.uniform(0, 30) * math.log(10) / 10
            x[i] = np.logaddexp(x[i], n)
        curve = r.normal(0, 0.7, (size, 5))
        curve = np.stack([np.interp(np.linspace(0, 4, MELS), np.arange(5), c) for c in curve])
        x += (curve + r.uniform(-4, 4, (size, 1)))[:, None]
        for i in np.flatnonzero(r.random(size) < 0.3):       # what a stream heard before does not matter
            k = r.integers(FRAMES)
            x[i], y[i] = np.roll(x[i], k, 0), np.roll(y[i], k, 0)
        k = r.integers(FRAMES - frames + 1)
        x, y = x[:, k:k + frames], y[:, k:k + frames]
        return torch.from_numpy(np.maximum(x, -23.03)), torch.from_numpy(y)


def loss_of(z, y):
    """z (B, T) is one frame late."""
    return F.binary_cross_entropy_with_logits(z[:, 1:], y[:, :-1])


@torch.inference_mode()
def evaluate(net, dev, device):
    net.eval()
    p, t = [], []
    for k in range(0, len(dev[0]), 64):
        z = net(torch.from_numpy(dev[0][k:k + 64].astype(np.float32)).to(device))
        p.append(z[:, 1:].sigmoid().cpu().numpy().ravel()); t.append(dev[1][k:k + 64, :-1].ravel() > 127)
    net.train()
    p, t = np.concatenate(p), np.concatenate(t)
    order = np.argsort(p)
    auc = (np.flatnonzero(t[order]).sum() - t.sum() * (t.sum() - 1) / 2) / (t.sum() * (~t).sum())
    return f'dev: AUC {auc:.4f}, misses {100 * np.mean(p[t] < 0.5):.2f} %, false alarms {100 * np.mean(p[~t] >= 0.5):.2f} %'


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('clips'); a.add_argument('out'); a.add_argument('--minutes', type=float, default=14); a.add_argument('--resume', action='store_true')
    a.add_argument('--seed', type=int, default=1); a.add_argument('--device', default='cpu'); a.add_argument('--threads', type=int, default=1)
    a.add_argument('--batch', type=int, default=96); a.add_argument('--lr', type=float, default=4e-3)
    a = a.parse_args()
    torch.set_num_threads(a.threads); torch.manual_seed(a.seed); os.makedirs(a.out, exist_ok=True)
    data = Clips(a.clips, a.seed)
    net = Network().to(a.device)
    ema = Network().to(a.device)
    x = data.mel[:1000].astype(np.float32).reshape(-1, MELS)
    net.mean.copy_(torch.from_numpy(x.mean(0))); net.istd.copy_(torch.from_numpy(1 / x.std(0)))
    ema.load_state_dict(net.state_dict())
    opt = torch.optim.AdamW(net.parameters(), lr=a.lr, weight_decay=0.01)
    step, before = 0, 0.0
    if a.resume:
        s = torch.load(a.out + '/last.pt', map_location=a.device)
        net.load_state_dict(s['net']); ema.load_state_dict(s['ema']); opt.load_state_dict(s['opt'])
        step, before, data.rng.bit_generator.state = s['step'], s['minutes'], s['rng']
    print(f'{sum(p.numel() for p in net.parameters())} parameters; {len(data.mel)} clips, {len(data.dev[0])} for development', flush=True)
    clock = lambda: time.process_time() / a.threads
    start, saved, mean = clock(), clock(), 0.7

    def save(minutes):
        torch.save(dict(net=net.state_dict(), ema=ema.state_dict(), opt=opt.state_dict(), step=step, minutes=minutes, rng=data.rng.bit_generator.state), a.out + '/tmp.pt')
        os.replace(a.out + '/tmp.pt', a.out + '/last.pt')
        export(ema, a.out + '/vad.safetensors')
        print(f'{minutes:.1f} min, step {step}, loss {mean:.4f}; {evaluate(ema, data.dev, a.device)}', flush=True)

    while (minutes := before + (clock() - start) / 60) < a.minutes:
        for g in opt.param_groups:
            g['lr'] = a.lr * min(1, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * minutes / a.minutes)) + 1e-6
        half = minutes > 0.7 * a.minutes                     # short clips first, whole ones in the end
        x, y = (t.to(a.device) for t in data.batch(a.batch // 2 if half else a.batch, FRAMES if half else FRAMES // 2))
        loss = loss_of(net(x), y)
        opt.zero_grad(set_to_none=True); loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step(); step += 1
        mean = 0.98 * mean + 0.02 * loss.item()
        with torch.no_grad():
            torch._foreach_lerp_(list(ema.parameters()), list(net.parameters()), 1 - min(0.998, step / (step + 50)))
        if clock() - saved > 120:
            save(minutes); saved = clock()
    save(minutes)


if __name__ == '__main__':
    main()
