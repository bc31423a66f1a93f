"""Durations of phonemes in recordings: a small head on a Whisper encoder's states learns which phoneme character sounds when from synthetic
speech, whose durations are known; Viterbi finds the best division of a recording. Every character, stress marks and spaces too, lasts
at least one step of 25 ms, as in the synthetic speech."""
import collections, math, time
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F

STEP, STATE = 25, 20        # ms of a step and of a state
SILENT = ',.:;?!—…'         # one class with the start and the end


class Head(nn.Module):
    def __init__(self, d, symbols):
        super().__init__()
        self.symbols = symbols
        self.norm, self.conv, self.out = nn.LayerNorm(d), nn.Conv1d(d, 192, 5, padding=2), nn.Linear(192, len(symbols) + 1)

    def forward(self, x):                                       # (B, T, D) -> (B, T, symbols + 1), 0 for silence
        return self.out(F.dropout(F.gelu(self.conv(self.norm(x).mT)).mT, 0.1, self.training))

    def classes(self, phonemes):
        """A phoneme string -> classes of start, each character, end."""
        return [0, *(self.symbols.index(p) + 1 if p in self.symbols else 0 for p in phonemes), 0]


def train(states, labels, minutes, seed=1):
    """states: id -> (T, D); labels: id -> (phonemes, steps of start, each character, end). -> Head"""
    torch.manual_seed(seed)
    rng, ids = np.random.default_rng(seed), sorted(labels)
    head = Head(states[ids[0]].shape[1], sorted({p for i in ids for p in labels[i][0]} - set(SILENT)))
    target = {}
    for i in ids:
        c = np.repeat(head.classes(labels[i][0]), labels[i][1])
        target[i] = c[((np.arange(len(states[i])) * STATE + STATE // 2) // STEP).clip(max=len(c) - 1)]
    opt, start, step, right = torch.optim.AdamW(head.parameters(), 3e-3, weight_decay=0.01), time.process_time(), 0, collections.deque(maxlen=50)
    while (part := (time.process_time() - start) / 60 / minutes) < 1:
        for g in opt.param_groups:
            g['lr'] = 3e-3 * min(1, (step + 1) / 30) * (0.5 + 0.5 * math.cos(math.pi * part))
        x, y = torch.zeros(24, 100, head.conv.in_channels), torch.full((24, 100), -100)
        for b, i in enumerate(rng.choice(ids, 24)):
            n = min(100, len(states[i]))
            o = rng.integers(0, len(states[i]) - n + 1)
            x[b, :n], y[b, :n] = torch.from_numpy(states[i][o:o + n].astype(np.float32)), torch.from_numpy(target[i][o:o + n])
        z = head(x)
        loss = F.cross_entropy(z.flatten(0, 1), y.flatten(), label_smoothing=0.02)
        opt.zero_grad(); loss.backward(); opt.step()
        right.append((z.argmax(-1) == y)[y >= 0].float().mean().item()); step += 1
    print(f'aligner: {step} steps, frame accuracy {np.mean(right):.3f}', flush=True)
    return head.eval()


@torch.no_grad()
def align(head, states, phonemes, steps):
    """-> steps (int) of start, each character and end that add up to `steps`, and the mean log-likelihood a step; None if there is no room."""
    logp = head(torch.from_numpy(states[None].astype(np.float32)))[0].log_softmax(-1).numpy()
    at = ((np.arange(steps) + 0.5) * STEP - STATE / 2) / STATE
    lo = np.clip(np.floor(at).astype(int), 0, len(logp) - 1)
    hi, part = np.minimum(lo + 1, len(logp) - 1), np.clip(at - lo, 0, 1)[:, None]
    logp = (1 - part) * logp[lo] + part * logp[hi]
    if ' ' in head.symbols:                                     # a pause may stand between any two words
        space = head.symbols.index(' ') + 1
        logp[:, space] = np.logaddexp(logp[:, space], logp[:, 0])
    e = logp[:, head.classes(phonemes)]
    n = e.shape[1]
    if steps < n:
        return None
    score, stay = np.full(n, -np.inf), np.zeros((steps, n), bool)
    score[0] = e[0, 0]
    for t in range(1, steps):
        came = np.concatenate([[-np.inf], score[:-1]])
        stay[t] = score >= came
        score = np.maximum(score, came) + e[t]
    out, s = np.zeros(n, int), n - 1
    for t in range(steps - 1, -1, -1):
        out[s] += 1
        s -= not stay[t, s] and t > 0
    return out, score[-1] / steps
