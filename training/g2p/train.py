#!/usr/bin/env python3
"""Letter-to-sound model: train.py MISAKI_DIR CMUDICT OUT [--minutes 35] [--device cpu]

MISAKI_DIR holds us_gold.json and us_silver.json (hexgrad/misaki, Apache-2.0), CMUDICT is cmudict.dict.
Trains for a budget of wall-clock minutes with a cosine schedule over that time, and continues from OUT/checkpoint.pt when it is there.
Writes OUT/g2p.safetensors (f16), OUT/g2p.json and the held-out figures; --export only writes the files from the checkpoint.
"""
import argparse, json, math, os, random, re, time
import torch
from torch.nn import functional as F
import data
from export import export
from model import G2P


def batches(words, size, rng):
    """Endless batches of words of like length (drawn from shuffled pools, so that batches differ between epochs)."""
    while True:
        rng.shuffle(words)
        pools = [sorted(words[i:i + 50 * size], key=lambda p: len(p[0]) * 64 + len(p[1])) for i in range(0, len(words), 50 * size)]
        out = [p[i:i + size] for p in pools for i in range(0, len(p), size)]
        rng.shuffle(out)
        yield from out


def tensors(pairs, device):
    """(letters (B, S), phonemes (B, T) with the start/end mark 1 at both ends), padded with 0."""
    x = [[data.LETTERS.index(c) + 1 for c in w] for w, _ in pairs]
    y = [[1, *(data.PHONEMES.index(c) + 2 for c in e), 1] for _, e in pairs]
    pad = lambda rows: torch.tensor([r + [0] * (max(map(len, rows)) - len(r)) for r in rows], device=device)
    return pad(x), pad(y)


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, p in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, q in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (p != q))
    return row[-1]


def evaluate(model, words, device):
    model.eval()
    exact = plain = errors = total = plain_errors = plain_total = 0
    bare = lambda s: re.sub('[ˈˌ]', '', s)
    for i in range(0, len(words), 500):
        part = words[i:i + 500]
        for (w, want), ids in zip(part, model.greedy(tensors(part, device)[0])):
            got = ''.join(data.PHONEMES[k - 2] for k in ids if k > 1)
            exact += got == want
            plain += bare(got) == bare(want)
            errors, total = errors + distance(got, want), total + len(want)
            plain_errors, plain_total = plain_errors + distance(bare(got), bare(want)), plain_total + len(bare(want))
    model.train()
    n = len(words)
    return {'words': n, 'word_accuracy': exact / n, 'word_accuracy_no_stress': plain / n,
            'phoneme_error_rate': errors / total, 'phoneme_error_rate_no_stress': plain_errors / plain_total}


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('misaki'); a.add_argument('cmudict'); a.add_argument('out')
    a.add_argument('--minutes', type=float, default=35); a.add_argument('--device', default='cpu'); a.add_argument('--seed', type=int, default=1)
    a.add_argument('--batch', type=int, default=256); a.add_argument('--lr', type=float, default=2e-3); a.add_argument('--held-out', type=int, default=3000)
    a.add_argument('--dropout', type=float, default=0.05); a.add_argument('--export', action='store_true')
    a = a.parse_args()
    os.makedirs(a.out, exist_ok=True)
    torch.manual_seed(a.seed)
    rng, budget, checkpoint = random.Random(a.seed), a.minutes * 60, os.path.join(a.out, 'checkpoint.pt')
    train, test = data.load(a.misaki, a.cmudict, a.held_out, a.seed)
    model = G2P(dropout=a.dropout).to(a.device)
    average = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998))
    optimizer = torch.optim.AdamW(model.parameters(), lr=a.lr, betas=(0.9, 0.98), weight_decay=0.01)
    step, used = 0, 0.0
    if os.path.exists(checkpoint):
        state = torch.load(checkpoint, map_location=a.device, weights_only=True)
        model.load_state_dict(state['model']); average.load_state_dict(state['average']); optimizer.load_state_dict(state['optimizer'])
        step, used = state['step'], state['used']
    print(f'{len(train)} training words, {len(test)} held out, {sum(p.numel() for p in model.parameters())} parameters', flush=True)

    def save():
        torch.save({'model': model.state_dict(), 'average': average.state_dict(), 'optimizer': optimizer.state_dict(), 'step': step, 'used': used},
                   checkpoint + '.new')
        os.replace(checkpoint + '.new', checkpoint)

    source, clock, sum_loss = batches(train, a.batch, rng), time.time(), 0.0
    while used < budget and not a.export:
        x, y = tensors(next(source), a.device)
        lr = a.lr * min(1, (step + 1) / 300) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * used / budget)))
        for group in optimizer.param_groups:
            group['lr'] = lr
        logits = model(x, y[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), y[:, 1:].flatten(), ignore_index=0, label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        average.update_parameters(model)
        step, sum_loss = step + 1, sum_loss + loss.item()
        now = time.time()
        used, clock = used + now - clock, now
        if step % 200 == 0:
            print(f'{used / 60:.1f} min, step {step}, epoch {step * a.batch / len(train):.2f}, loss {sum_loss / 200:.3f}, lr {lr:.5f}', flush=True)
            sum_loss = 0.0
        if step % 1000 == 0:
            save()
            print(json.dumps(evaluate(average.module, test[:500], a.device)), flush=True)
            clock = time.time()
    save()
    figures = evaluate(average.module, test, a.device)
    print(json.dumps(figures), flush=True)
    export(average.module, a.out, {'steps': step, 'minutes': round(used / 60, 1), 'held_out': {k: round(v, 4) for k, v in figures.items()}})


if __name__ == '__main__':
    main()
