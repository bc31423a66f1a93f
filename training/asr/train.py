#!/usr/bin/env python3
"""Train the recogniser: train.py PACKED OUT --minutes 100 [--init WHISPER] [--after RUN] [--resume] [--device cpu|cuda] [--bf16] [--threads 2]

PACKED comes from prepare.py, teacher.py, targets.py, lexicon.py and tokens.py; WHISPER is a folder with the model that ours starts from.
RUN is the OUT of an earlier run, or a folder with the weights of one as it exported them, in 8 bits or not; what it lacks starts from WHISPER,
and of the second pass it is given the share --mix, WHISPER the rest (Wortsman et al. 2022, arXiv:2109.01903): what it has learnt, and what it has forgotten.
Loss of the first pass: cross entropy with the teacher's frame posteriors (if PACKED has them), phone CTC and subword CTC; of the second, which
learns from --whole of the batches: the decoder's cross entropy with the transcripts that written.py wrote, half of it with what a teacher expects (soft.py, if PACKED has it). With --whole 1 the
first pass stays as it is, with --whole 0 after an earlier run the second, and so do the convolutions, which both have. What starts from Whisper learns at --lr, all that is new at --lr-new. The schedule is one of wall-clock time, or with --steps of steps:
warm-up, then cosine to zero at --minutes. OUT/last.pt (resumable) every five minutes and when it is told to end (SIGTERM), OUT/export at each evaluation (averaged weights).
"""
import argparse, math, os, queue, random, signal, threading, time, types
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from model import START, Config, Recogniser, export, from_export, from_whisper
from data import KINDS, Data, read_table, words_of
from phones import PHONES

class Training(nn.Module):
    """The recogniser and the frame head that only training has. dense: what the head learns, phones, states of the teacher or none (nothing)."""
    def __init__(self, c, dense='phones'):
        super().__init__()
        self.dense, self.model = dense, Recogniser(c)
        self.frame = nn.Linear(c.d_model, c.d_model if dense == 'states' else c.phones)
        self.register_buffer('spread', torch.ones(c.d_model), persistent=False)    # of the teacher's states

    def first(self, b, chunk, start):
        """The losses of the first pass."""
        m = self.model
        x = m.encoder(b['mel'], chunk, start)
        T = x.shape[1]
        valid = torch.arange(T, device=x.device)[None] < b['frames'][:, None]
        z, target = self.frame(x).float(), b['target'][:, :T]
        if self.dense == 'states':
            frame = ((z - target) / self.spread).square().mean(-1)[valid].mean()
        else:
            frame = -(target * z.log_softmax(-1)).sum(-1)[valid].mean()
        def ctc(head, labels, n):
            ok = (n > 0) & (n < b['frames'])
            nll = F.ctc_loss(head(x).float().log_softmax(-1).transpose(0, 1), labels, b['frames'], n, reduction='none', zero_infinity=True)
            return (nll * ok).sum() / (b['frames'] * ok).sum().clamp(min=1)
        return dict(frame=frame, phone=ctc(m.phone_ctc, b['phones'], b['phone_n']), piece=ctc(m.piece_ctc, b['pieces'], b['piece_n']))

    def second(self, b, learn_stem):
        """The loss of the second pass."""
        with torch.set_grad_enabled(learn_stem):
            x = self.model.encoder.steps(b['mel'])
        valid = (torch.arange(x.shape[1], device=x.device)[None] < 2 * b['frames'][:, None])[:, None, None]
        z, text = self.attend(b, self.model.second(x, valid), valid)
        att = F.cross_entropy(z, text, ignore_index=-100)
        known = b['soft_p'].sum(-1).flatten() > 0
        if known.any():                                      # half of it from what the teacher expects
            p = b['soft_p'].flatten(0, 1)[known]
            logp = z[known].log_softmax(-1).gather(-1, b['soft_token'].flatten(0, 1)[known])
            soft = -(p / p.sum(-1, keepdim=True) * logp).sum(-1)
            att = 0.5 * att + 0.5 * soft.mean()
        return dict(att=att)

    def attend(self, b, x, valid):
        """-> the decoder's logits (B (U+1), V) over the states x, and the tokens (B (U+1),) that are right, -100 where there is none."""
        end, given, U = self.model.c.tokens, b['tokens'], b['tokens'].shape[1]
        text = F.pad(given, (0, 1)).masked_fill(torch.arange(U + 1, device=x.device)[None] > b['token_n'][:, None], -100)
        text.scatter_(1, b['token_n'][:, None], torch.where(b['token_n'] > 0, end, -100)[:, None])
        start = torch.arange(end + 1, end + 1 + START, device=x.device).expand(len(given), -1)
        z = self.model.decoder(torch.cat([start, given], 1), x, valid)[:, START - 1:]
        return z.float().flatten(0, 1), text.flatten()


def writer(out):
    """A TensorBoard log in OUT, where tensorboard is installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
        return SummaryWriter(out)
    except ImportError:
        return types.SimpleNamespace(add_scalar=lambda *_: None)


def weights(gone, dense='phones'):
    """The dense loss leads, if there is one, the sequence losses take over."""
    if dense == 'none':
        return dict(frame=0, phone=1, piece=0.42, att=1)
    ramp = lambda a, b: min(1, max(0, (gone - a) / (b - a)))
    return dict(frame=1.2 - 0.8 * ramp(0.2, 0.7), phone=0.1 + 0.9 * ramp(0.03, 0.3), piece=0.02 + 0.4 * ramp(0.1, 0.4), att=1)


def distance(a, b):
    d = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        p, d[0] = d[0], i
        for j, y in enumerate(b, 1):
            p, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, p + (x != y))
    return d[-1]


@torch.inference_mode()
def evaluate(net, data, device, n=120):
    """Greedy phone error rates, streaming chunks: as it is, with noise, by telephone; the subwords' as it is; and the decoder's cross entropy
    a token, of whole utterances; (held-out LibriSpeech speakers, Common Voice dev)."""
    net.eval()
    model = net.model
    out = []
    for part in ('ls5', 'cv'):
        us = [u for u in data.dev if u['corpus'].startswith(part)][:n]
        wrong, of, loss, tokens = [0, 0, 0, 0], [0, 0], 0.0, 0
        for u in us:
            sounds = [torch.from_numpy(x)[None].to(device) for x in data.spoilt(u)]
            states = [model.encoder(x, model.c.chunk)[0] for x in sounds]
            said = lambda head, h: [int(a) for a in torch.unique_consecutive(head(h).argmax(-1)) if a]
            for k, h in enumerate(states):
                wrong[k] += distance(said(model.phone_ctc, h), u['phones'])
            wrong[3] += distance(said(model.piece_ctc, states[0]), u['pieces'])
            of[0] += len(u['phones']); of[1] += len(u['pieces'])
            b = dict(tokens=torch.tensor([u['tokens']], device=device), token_n=torch.tensor([len(u['tokens'])], device=device))
            loss += F.cross_entropy(*net.attend(b, model.second(model.encoder.steps(sounds[0])), None), reduction='sum').item(); tokens += len(u['tokens']) + 1
        clean, noisy, line, piece = (100 * w / m for w, m in zip(wrong, (of[0], of[0], of[0], of[1])))
        out.append(f'{part}: phones {clean:.1f}, with noise {noisy:.1f}, by telephone {line:.1f} %, pieces {piece:.1f} %, decoder {loss / tokens:.3f}')
    net.train()
    return '; '.join(out)


def pieces(packed, size):
    """A BPE vocabulary with metaspace over the training texts; id 0 is the blank."""
    path = packed + '/tokenizer.json'
    if not os.path.exists(path):
        tok = Tokenizer(models.BPE())
        tok.pre_tokenizer, tok.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
        texts = (' '.join(words_of(r['text'])) for r in read_table(packed + '/index.tsv') if r['use'] == 'train')
        tok.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=size, special_tokens=['<blank>'], show_progress=False))
        tok.save(path)
    return Tokenizer.from_file(path)


def earlier(folder, device):
    """The weights of an earlier run: its averaged ones from last.pt, or from what it exported, which has no head for frames."""
    if os.path.exists(folder + '/last.pt'):
        return torch.load(folder + '/last.pt', map_location=device)['ema']
    return {'model.' + k: v.to(device) for k, v in from_export(folder).items()}


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('packed'); a.add_argument('out'); a.add_argument('--minutes', type=float, default=100); a.add_argument('--steps', type=int, default=0)
    a.add_argument('--resume', action='store_true'); a.add_argument('--device', default='cpu'); a.add_argument('--bf16', action='store_true', help='pays on GPUs and with AMX'); a.add_argument('--threads', type=int, default=2)
    a.add_argument('--frames', type=int, default=6000, help='mel frames a batch'); a.add_argument('--lr', type=float, default=2e-4); a.add_argument('--lr-new', type=float, default=1e-3)
    a.add_argument('--init', help='folder of a Whisper model as wide and as deep'); a.add_argument('--after', help='folder of an earlier run'); a.add_argument('--mix', type=float, default=1, help='its share in the second pass, beside --init'); a.add_argument('--conv', type=int, default=0, help='taps of the convolution in each block')
    a.add_argument('--dropout', type=float, default=0); a.add_argument('--whole', type=float, default=0.5, help='share of the batches that the second pass learns from')
    a.add_argument('--dense', choices=('phones', 'states', 'none'), default='phones', help='what frames learn: phones (targets.py), the teacher\'s states (teacher.py)')
    a.add_argument('--without', nargs='+', choices=KINDS, default=[], help='augmentation to leave out'); a.add_argument('--skip', nargs='+', default=[], help='corpora to leave out')
    a.add_argument('--delay', type=int, default=2); a.add_argument('--seed', type=int, default=1); a.add_argument('--save', type=float, default=5, help='minutes from checkpoint to checkpoint')
    a = a.parse_args()
    torch.set_num_threads(a.threads); torch.manual_seed(a.seed); random.seed(a.seed)
    os.makedirs(a.out, exist_ok=True)
    tok, tokens = pieces(a.packed, 500), Tokenizer.from_file(a.packed + '/tokens.json')
    data = Data(a.packed, tok, tokens, a.seed, a.dense, a.without, a.skip)
    if a.whole == 1:
        data.train = [u for u in data.train if u['tokens']]
    print(f'{len(data.train)} utterances, {sum(u["frames"] for u in data.train) / 360000:.1f} h; {len(data.dev)} for development', flush=True)
    net = Training(Config(phones=len(PHONES), pieces=tok.get_vocab_size(), tokens=tokens.get_vocab_size(), conv_kernel=a.conv), a.dense).to(a.device)
    if a.dense == 'states':
        nn.init.eye_(net.frame.weight)
        net.spread.copy_(torch.from_numpy(data.targets[:20000].astype(np.float32).std(0)))
    encoder = net.model.encoder
    if a.init:
        from_whisper(net.model, a.init, tokens)
        data.mean, data.istd = encoder.mean.cpu().numpy(), encoder.istd.cpu().numpy()
    else:
        encoder.mean.copy_(torch.from_numpy(data.mean)); encoder.istd.copy_(torch.from_numpy(data.istd))
    if a.after:
        own, old = net.state_dict(), earlier(a.after, a.device)
        mixed = {k: torch.lerp(own[k], v, a.mix) for k, v in old.items() if k.startswith(('model.second.', 'model.decoder.'))} if a.init else {}
        net.load_state_dict({**own, **old, **mixed})
        data.mean, data.istd = encoder.mean.cpu().numpy(), encoder.istd.cpu().numpy()
    ema = Training(net.model.c, a.dense).to(a.device); ema.load_state_dict(net.state_dict())
    print(f'{sum(p.numel() for p in net.model.encoder.parameters()) / 1e6:.2f} M in the encoder, {sum(p.numel() for p in net.model.parameters()) / 1e6:.2f} M in all')
    taught = [encoder, net.model.second, net.model.decoder] if a.init else []
    started = set(net.model.parameters()) if a.after else {p for m in taught for p in m.parameters()}
    if a.whole == 1:
        for m in (encoder, net.model.phone_ctc, net.model.piece_ctc, net.frame):
            m.requires_grad_(False)
    if a.whole == 0 and a.after:
        for m in (encoder.conv1, encoder.conv2, net.model.second, net.model.decoder):
            m.requires_grad_(False)
    for m in net.modules():
        if isinstance(m, nn.Dropout):
            m.p = a.dropout
    group = lambda old, matrix: dict(params=[p for p in net.parameters() if p.requires_grad and (p in started) == old and (p.ndim > 1) == matrix],
                                     peak=a.lr if old else a.lr_new, weight_decay=0.03 if matrix else 0)
    opt = torch.optim.AdamW([group(old, matrix) for old in (True, False) for matrix in (True, False)],
                            lr=a.lr, betas=(0.9, 0.98), fused=True)
    step, before, heard, place, log = 0, 0.0, 0.0, (0, 0), writer(a.out)
    if a.resume:
        s = torch.load(a.out + '/last.pt', map_location=a.device)
        net.load_state_dict(s['net']); ema.load_state_dict(s['ema']); opt.load_state_dict(s['opt'])
        step, before, heard, place = s['step'], s['minutes'], s['heard'], s['place']
    warm = min(400, a.steps // 4 or 400)
    q = queue.Queue(4)
    threading.Thread(target=lambda: [q.put(b) for b in data.batches(a.frames, a.delay, *place)], daemon=True).start()
    start, saved, mean, stopped = time.time(), time.time(), {}, []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    while True:
        minutes = before + (time.time() - start) / 60
        gone = step / a.steps if a.steps else minutes / a.minutes
        if gone >= 1 or stopped:
            break
        place, b = q.get()
        b = {k: v.to(a.device) if torch.is_tensor(v) else v for k, v in b.items()}
        for g in opt.param_groups:
            g['lr'] = g['peak'] * min(1, (step + 1) / (warm if a.init and g['peak'] == a.lr else 100)) * (0.5 + 0.5 * math.cos(math.pi * gone)) + 1e-6
        dice = random.Random(f'{a.seed} {step}')
        whole, chunk = dice.random() < a.whole, dice.choice((8, 16, 16, 25))
        first = dice.randrange(net.model.c.period if dice.random() < min(0.5, 4 * gone) else 50)
        with torch.autocast(a.device.split(':')[0], torch.bfloat16, enabled=a.bf16):
            losses, w = net.second(b, a.whole < 1) if whole else net.first(b, chunk, first), weights(1 if a.after else gone, a.dense)
        loss = sum(w[k] * v for k, v in losses.items())
        opt.zero_grad(set_to_none=True); loss.backward()
        norm = nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        if torch.isfinite(norm):
            opt.step()
        step += 1; heard += b['seconds']
        with torch.no_grad():
            d = min(0.998, step / (step + 50))
            torch._foreach_lerp_(list(ema.parameters()), list(net.parameters()), 1 - d)
        for k, v in ((k, v.item()) for k, v in losses.items()):
            mean[k] = 0.98 * mean.get(k, v) + 0.02 * v
            log.add_scalar(k, v, step)
        if step % 50 == 0:
            print(f'{minutes:.1f} min, step {step}, epoch {place[0]}, {heard / 3600:.1f} h: ' + ' '.join(f'{k} {v:.3f}' for k, v in mean.items()), flush=True)
        if time.time() - saved > 60 * a.save:
            save(a, net, ema, opt, step, minutes, heard, place, data, tok, tokens); saved = time.time()
    save(a, net, ema, opt, step, minutes, heard, place, data, tok, tokens)


def save(a, net, ema, opt, step, minutes, heard, place, data, tok, tokens):
    """OUT/last.pt, complete or not at all, the export and the error rates so far."""
    torch.save(dict(net=net.state_dict(), ema=ema.state_dict(), opt=opt.state_dict(), step=step, minutes=minutes, heard=heard, place=place), a.out + '/tmp.pt')
    os.replace(a.out + '/tmp.pt', a.out + '/last.pt')
    export(ema.model, a.out + '/export', PHONES)
    tok.save(a.out + '/export/pieces.json', pretty=False); tokens.save(a.out + '/export/tokenizer.json', pretty=False)
    print(f'{minutes:.1f} min, step {step}: {evaluate(ema, data, a.device)}', flush=True)


if __name__ == '__main__':
    main()
