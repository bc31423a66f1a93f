#!/usr/bin/env python3
"""Train the voice activity detector: train.py CLIPS OUT [--minutes 14] [--resume] [--seed 1] [--device cpu] [--threads 1]

CLIPS is prepare.py's output; its last 5 % are for development. Binary cross entropy of every frame; the learning rate follows the
processor's time: warm-up, then a cosine to zero after --minutes of each thread. Clips are changed as they are drawn: louder or softer, through another
microphone, with another clip's noise; short parts of them at first. Every half minute: OUT/last.pt (resumable), OUT/vad.safetensors (averaged weights) and the
error rates of the development clips.
"""
import argparse, math, os, time
import numpy as np, torch, torch.nn.functional as F
from model import Network, export, floors

MELS, FRAMES = 40, 500


class Clips:
    def __init__(self, folder, seed):
        mel = np.memmap(folder + '/mel.f16', np.float16, 'r').reshape(-1, FRAMES, MELS)
        label = np.fromfile(folder + '/label.u8', np.uint8)
        n = min(len(mel), len(label) // FRAMES)
        label = label[:n * FRAMES].reshape(n, FRAMES)
        k = n - n // 20
        self.mel, self.label, self.dev = mel[:k], label[:k], (mel[k:n], label[k:n])
        self.floor = np.concatenate([floors(self.mel[i:i + 256].astype(np.float32)).astype(np.float16) for i in range(0, k, 256)])
        self.silent = np.flatnonzero(self.label.max(1) == 0)
        self.rng = np.random.default_rng(seed)
        self.curves = np.stack([np.interp(np.linspace(0, 4, MELS), np.arange(5), e) for e in np.eye(5)])   # (5, MELS): tents

    def batch(self, size, frames):
        """-> log-mel and floors (size, frames, MELS), labels (size, frames)."""
        r = self.rng
        x, f, y = np.empty((size, frames, MELS), np.float32), np.empty((size, frames, MELS), np.float32), np.empty((size, frames), np.float32)
        mixed, parts = [], []
        for i, k in enumerate(r.integers(len(self.mel), size=size)):
            at = r.integers(FRAMES - frames + 1)
            part = slice(at, at + frames)
            x[i], f[i], y[i] = self.mel[k, part], self.floor[k, part], self.label[k, part]
            if r.random() < 0.25:                            # noise of another clip beside it
                m, n = self.mel[k, :at + frames].astype(np.float32), self.mel[r.choice(self.silent), :at + frames].astype(np.float32)
                n += x[i].max() - n.max() - r.uniform(0, 30) * math.log(10) / 10
                mixed.append(np.logaddexp(m, n)); parts.append((i, part))
        together = floors(np.stack([np.pad(m, ((0, FRAMES - len(m)), (0, 0)), 'edge') for m in mixed]))
        for (i, part), m, g in zip(parts, mixed, together):
            x[i], f[i] = m[part], g[part]
        curve = r.normal(0, 0.7, (size, 5)) @ self.curves + r.uniform(-4, 4, (size, 1))      # another microphone, another level
        curve = np.maximum(curve[:, None], -23.03 - x.min((1, 2), keepdims=True)).astype(np.float32)
        return torch.from_numpy(x + curve), torch.from_numpy(f + curve), torch.from_numpy(y / 255)


def loss_of(z, y):
    """z (B, T) is one frame late."""
    return F.binary_cross_entropy_with_logits(z[:, 1:], y[:, :-1])


@torch.inference_mode()
def evaluate(net, dev, device):
    net.eval()
    p, t = [], []
    for k in range(0, len(dev[0]), 64):
        x = dev[0][k:k + 64].astype(np.float32)
        z = net(*(torch.from_numpy(v).to(device) for v in (x, floors(x))))
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
    a.add_argument('--batch', type=int, default=192); a.add_argument('--lr', type=float, default=6e-3)
    a = a.parse_args()
    torch.set_num_threads(a.threads); torch.manual_seed(a.seed); os.makedirs(a.out, exist_ok=True)
    data = Clips(a.clips, a.seed)
    net = Network().to(a.device)
    ema = Network().to(a.device)
    x = data.mel[:500].astype(np.float32)
    x = np.concatenate([x, x - floors(x)], -1).reshape(-1, 2 * MELS)
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
            g['lr'] = a.lr * min(1, (step + 1) / 50) * (0.5 + 0.5 * math.cos(math.pi * minutes / a.minutes)) + 1e-6
        part = 4 if minutes < 0.6 * a.minutes else 2 if minutes < 0.88 * a.minutes else 1       # short clips first: more steps
        x, f, y = (t.to(a.device) for t in data.batch(a.batch * part // 4, FRAMES // part))
        loss = loss_of(net(x, f), y)
        opt.zero_grad(set_to_none=True); loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step(); step += 1
        mean = 0.98 * mean + 0.02 * loss.item()
        with torch.no_grad():
            torch._foreach_lerp_(list(ema.parameters()), list(net.parameters()), 1 - min(0.998, step / (step + 50)))
        if clock() - saved > 30:
            save(minutes); saved = clock()
    save(minutes)


if __name__ == '__main__':
    main()
