#!/usr/bin/env python3
"""Train the acoustic model: train.py PACKED[,PACKED...] OUT [--minutes 70] [--voices heart michael] [--init FOLDER] [--device cpu]

PACKED is the output of prepare.py or recordings.py. An epoch hears of each voice at most 1.5 times as much as of the one with the least.
The learning rate follows the clock: warm-up, then --rate, then, over the last --fall of --minutes, a cosine to zero. --init begins with the
weights of another run, whose voices may be others; those it does not know begin as the mean of its own. Every 5 minutes writes OUT/last.pt (started again, training resumes from it), measures the dev sentences with the averaged weights and
exports them: OUT/config.json and OUT/acoustic.safetensors (f16).
"""
import argparse, csv, math, os, random, time
import numpy as np, torch, torch.nn.functional as F
from export import export
from model import Acoustic, PAIR

CONFIG = dict(model_type='parley_fastpitch', d=192, heads=4, ffn=512, conv=7, text_layers=4, frame_layers=2, decoder_layers=4,
              chunk=8, left_chunks=4, mels=80, rate=24000, hop=300, dropout=0.1)
LOSSES = ('mel', 'duration', 'f0', 'voicing', 'energy')


class Data:
    """The packed arrays; utterances as dictionaries of the index."""

    def __init__(self, packed, voices):
        load = lambda p, f, *shape: torch.from_numpy(np.fromfile(f'{p}/{f}', np.float16)).view(-1, *shape)
        self.utts, self.voices, parts = [], voices, [(load(p, 'mel.f16', 80), load(p, 'f0.f16'), load(p, 'energy.f16')) for p in packed]
        first = np.cumsum([0] + [len(m) for m, _, _ in parts])
        self.mel, self.f0, self.energy = (torch.cat(x) for x in zip(*parts))
        for p, at in zip(packed, first):
            self.utts += [dict(use=r['use'], who=voices.index(r['voice']), phonemes=r['phonemes'], at=int(at) + int(r['frame']), frames=int(r['frames']),
                               durations=[int(d) // PAIR for d in r['durations'].split()])
                          for r in csv.DictReader(open(p + '/index.tsv'), delimiter='\t', quoting=csv.QUOTE_NONE) if r['voice'] in voices]

    def use(self, use, who=None):
        return [u for u in self.utts if u['use'] == use and who in (None, u['who'])]

    def even(self, rng):
        """Train utterances, of each voice at most 1.5 times as long as of the one with the least."""
        voices = [self.use('train', k) for k in range(len(self.voices))]
        most, out = 1.5 * min(sum(u['frames'] for u in v) for v in voices), []
        for v in voices:
            rng.shuffle(v)
            n = np.searchsorted(np.cumsum([u['frames'] for u in v]), most)
            out += v[:n + 1]
        return out

    def statistics(self):
        """What normalises the features: mel per bin, log F0 where voiced, energy."""
        keep = torch.cat([torch.arange(u['at'], u['at'] + u['frames']) for u in self.use('train')])
        mel, f0, e = self.mel[keep].float(), self.f0[keep].float(), self.energy[keep].float()
        pitch = f0[f0 > 0].log()
        r = lambda x: [round(float(v), 4) for v in x]
        return dict(phonemes=sorted({c for u in self.utts for c in u['phonemes']}), mel_mean=r(mel.mean(0)), mel_std=r(mel.std(0)),
                    pitch_mean=float(pitch.mean()), pitch_std=float(pitch.std()), energy_mean=float(e.mean()), energy_std=float(e.std()))

    def batch(self, utts, c, device):
        """-> ids (B, P), durations (B, P), prosody (B, T, 6), mel (B, 2 T, 80), valid phonemes, valid steps, voices (B,)."""
        p, t = max(len(u['durations']) for u in utts), max(u['frames'] for u in utts) // PAIR
        ids, durations = torch.zeros(len(utts), p, dtype=torch.long), torch.zeros(len(utts), p, dtype=torch.long)
        f0, e, mel = torch.zeros(len(utts), t * PAIR), torch.zeros(len(utts), t * PAIR), torch.zeros(len(utts), t * PAIR, c['mels'])
        index = {s: i + 1 for i, s in enumerate(c['phonemes'])}
        for i, u in enumerate(utts):
            at, n = u['at'], u['frames']
            ids[i, 1:len(u['phonemes']) + 1] = torch.tensor([index.get(s, 0) for s in u['phonemes']])
            durations[i, :len(u['durations'])] = torch.tensor(u['durations'])
            f0[i, :n], e[i, :n], mel[i, :n] = self.f0[at:at + n], self.energy[at:at + n], self.mel[at:at + n]
        voiced = f0 > 0
        f0 = torch.where(voiced, (f0.clamp(min=1).log() - c['pitch_mean']) / c['pitch_std'], 0)
        e, mel = (e - c['energy_mean']) / c['energy_std'], (mel - torch.tensor(c['mel_mean'])) / torch.tensor(c['mel_std'])
        prosody = torch.cat([x.view(len(utts), t, PAIR) for x in (f0, voiced.float(), e)], -1)
        steps = torch.tensor([u['frames'] // PAIR for u in utts])
        return [x.to(device) for x in (ids, durations, prosody, mel, durations > 0, torch.arange(t)[None] < steps[:, None],
                                       torch.tensor([u['who'] for u in utts]))]


def losses(model, batch):
    ids, durations, prosody, mel, phones, steps, who = batch
    x, log_d = model.encode(ids, phones, who)
    y, p = model.frames(x, durations, steps, who)
    out = model.decode(y, prosody, steps, who)
    on, frame = steps[..., None].expand(-1, -1, PAIR), steps.repeat_interleave(PAIR, 1)[..., None]
    voiced = (prosody[..., 2:4] > 0) & on
    gap = (out - mel) * frame
    mean = lambda v, m: (v * m).sum() / m.sum()
    return {'mel': gap.abs().sum() / frame.sum() / mel.shape[2], 'mel2': gap.square().sum() / frame.sum() / mel.shape[2],
            'duration': mean((log_d - durations.clamp(min=1).log()).abs(), phones), 'f0': mean((p[..., :2] - prosody[..., :2]).abs(), voiced),
            'voicing': mean(F.binary_cross_entropy_with_logits(p[..., 2:4], prosody[..., 2:4], reduction='none'), on),
            'energy': mean((p[..., 4:] - prosody[..., 4:]).abs(), on)}


def total(l):
    return l['mel'] + 0.5 * l['mel2'] + 0.5 * l['duration'] + 0.5 * l['f0'] + 0.3 * l['voicing'] + 0.3 * l['energy']


def epoch(utts, steps, rng):
    """Batches of at most `steps` padded steps, of utterances of like length."""
    order = sorted(utts, key=lambda u: u['frames'] * rng.uniform(0.9, 1.1))
    batches, now = [], []
    for u in order:
        if now and (len(now) + 1) * max(u['frames'], *(x['frames'] for x in now)) > steps * PAIR:
            batches.append(now); now = []
        now.append(u)
    batches.append(now)
    rng.shuffle(batches)
    return batches


@torch.no_grad()
def measure(model, data, c, device, most=20):
    """-> voice -> its losses on at most `most` dev sentences."""
    model.eval()
    out = {}
    for k, voice in enumerate(data.voices):
        sums = [losses(model, data.batch([u], c, device)) for u in data.use('dev', k)[:most]]
        out[voice] = {n: float(np.mean([float(s[n]) for s in sums])) for n in LOSSES}
    model.train()
    return out


def begin(model, folder, speakers, device):
    """Loads the averaged weights of another run; a voice that it does not know begins as the mean of those it does."""
    saved = torch.load(folder + '/last.pt', map_location=device)
    w, old = saved['average'], saved['config'].get('speakers', [])
    if old:
        w['speaker.weight'] = torch.stack([w['speaker.weight'][old.index(s)] if s in old else w['speaker.weight'].mean(0) for s in speakers])
    missing, unknown = model.load_state_dict(w, strict=False)
    assert not unknown and set(missing) <= {'speaker.weight'}, (missing, unknown)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('packed'); a.add_argument('out'); a.add_argument('--voices', nargs='+', default=['heart']); a.add_argument('--init'); a.add_argument('--minutes', type=float, default=70)
    a.add_argument('--device', default='cpu'); a.add_argument('--seed', type=int, default=1); a.add_argument('--rate', type=float, default=1.5e-3)
    a.add_argument('--fall', type=float, default=1, help='the part of the time in which the rate falls'); a.add_argument('--threads', type=int, default=1)
    a.add_argument('--steps', type=int, default=600, help='padded steps of 25 ms a batch'); a.add_argument('--every', type=float, default=5)
    a = a.parse_args()
    os.makedirs(a.out, exist_ok=True)
    torch.manual_seed(a.seed); torch.set_num_threads(a.threads)
    data, rng = Data(a.packed.split(','), a.voices), random.Random(a.seed)
    c = torch.load(a.init + '/last.pt', map_location='cpu')['config'] if a.init else {**CONFIG, **data.statistics()}
    c['speakers'] = a.voices
    model, average = Acoustic(c).to(a.device), Acoustic(c).to(a.device)
    if a.init:
        begin(model, a.init, a.voices, a.device)
    average.load_state_dict(model.state_dict()); average.requires_grad_(False)
    opt = torch.optim.AdamW(model.parameters(), a.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    s = dict(step=0, epoch=0, elapsed=0.0)
    if os.path.exists(a.out + '/last.pt'):
        saved = torch.load(a.out + '/last.pt', map_location=a.device)
        model.load_state_dict(saved['model']); average.load_state_dict(saved['average']); opt.load_state_dict(saved['opt'])
        s = saved['state']; rng.seed(a.seed + s['step'])
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters, {len(data.use('train'))} utterances", flush=True)
    budget, saved_at, recent = a.minutes * 60, s['elapsed'], []

    def save():
        torch.save(dict(config=c, model=model.state_dict(), average=average.state_dict(), opt=opt.state_dict(), state=s), a.out + '/last.tmp')
        os.replace(a.out + '/last.tmp', a.out + '/last.pt')
        export(average.state_dict(), c, a.out)
        m, t = measure(average, data, c, a.device), np.mean(recent, 0)
        print(f"{s['elapsed'] / 60:.1f} min, epoch {s['epoch']}, step {s['step']}: train", *(f'{k} {v:.4f}' for k, v in zip(LOSSES, t)),
              *(f'| {voice} ' + ' '.join(f'{k} {v:.4f}' for k, v in one.items()) for voice, one in m.items()), flush=True)
        recent.clear()

    while s['elapsed'] < budget:
        for utts in epoch(data.even(rng), a.steps, rng):
            start = time.time()
            part = 1 - min(1, (1 - s['elapsed'] / budget) / a.fall)         # of the fall
            for g in opt.param_groups:
                g['lr'] = a.rate * min(1, (s['step'] + 1) / 200) * 0.5 * (1 + math.cos(math.pi * part))
            l = losses(model, data.batch(utts, c, a.device))
            opt.zero_grad(); total(l).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            decay = min(0.998, (s['step'] + 1) / (s['step'] + 20))
            torch._foreach_lerp_(list(average.parameters()), [p.detach() for p in model.parameters()], 1 - decay)
            recent.append([float(l[k].detach()) for k in LOSSES])
            s['step'] += 1; s['elapsed'] += time.time() - start
            if s['step'] in (20, 100, 300):
                print(f"step {s['step']}: {s['elapsed'] / s['step']:.2f} s a step, mel {np.mean(recent[-20:], 0)[0]:.3f}", flush=True)
            if s['elapsed'] - saved_at > a.every * 60:
                saved_at = s['elapsed']; save()
            if s['elapsed'] >= budget:
                break
        s['epoch'] += 1
    if recent:
        save()


if __name__ == '__main__':
    main()
