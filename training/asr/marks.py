#!/usr/bin/env python3
"""The head that writes capitals and marks: marks.py PACKED FOLDER [--epochs 6]

FOLDER has config.json and model.safetensors, as train.py exports them or as training/cmd/quantize made them of that. The head learns from
PACKED/written.tsv (written.py) on the decoder's states, which stay as they are, and is added to both files; nothing else in them changes.
Prints precision and recall of each mark and of capitals, for utterances left out.
"""
import argparse, json, random, time
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from data import HELD_OUT, read_table, words_of
from model import Config, Recogniser, from_export, pairs
from written import CASES, MARKS

CODES = {m or '_': i for i, m in enumerate(MARKS)}
VOICES = ('heart', 'michael', 'kathleen', 'lj')


def held(r):
    return r['use'] == 'dev' or r['id'].startswith(HELD_OUT)


def load(folder):
    c = json.load(open(folder + '/config.json'))
    m = Recogniser(Config(**{k: v for k, v in c.items() if k in Config.__dataclass_fields__ and k not in ('marks', 'cases')})).eval()
    m.load_state_dict({k: v for k, v in from_export(folder).items() if not k.startswith('written.')})
    return m


def ends_of(tokens, ids):
    """The place of each word's last subword, in a text with one token before it."""
    ends = []
    for i, t in enumerate(ids):
        if not ends or tokens.id_to_token(t).startswith('▁'):
            ends.append(0)
        ends[-1] = i + 1
    return ends


@torch.inference_mode()
def states(model, tokens, mel, rows):
    """rows -> features (words, 2 d) f16, marks, cases (words), -100 where unknown; and whether a word begins a sentence."""
    e = model.encoder
    for r in rows:
        words, codes = words_of(r['text']), r['codes'].split(' ')
        ids = tokens.encode(' '.join(words)).ids
        ends = ends_of(tokens, ids)
        if len(ends) != len(codes) or len(ids) >= model.c.max_tokens:
            continue
        x = torch.from_numpy(mel[int(r['frame']):int(r['frame']) + int(r['frames'])].astype(np.float32))
        h = e(((x - e.mean) * e.istd)[None], 0)
        y = model.decoder.states(torch.tensor([[model.c.tokens] + ids]), h)[0]
        marks = [CODES.get(c[0], -100) for c in codes]
        cases = ['lcu'.find(c[1]) for c in codes]
        for i, c in enumerate(codes):                        # the rules know these
            if c[1] == '-' or i == 0 or codes[i - 1][0] in '.?!-' or words[i] == 'i' or words[i].startswith("i'"):
                cases[i] = -100
        yield r, pairs(y.float(), ends).half(), torch.tensor(marks), torch.tensor(cases)


def report(name, logits, marks, cases):
    p, q = logits[:, :len(MARKS)].argmax(-1), logits[:, len(MARKS):].argmax(-1)
    known = marks >= 0
    line = [f'{name}: {known.sum().item()} words']
    for k, m in enumerate(MARKS):
        if k and (n := ((marks == k) & known).sum().item()) > 4:
            hit = ((p == k) & (marks == k)).sum().item()
            line.append(f'"{m}" {100 * hit / max(1, ((p == k) & known).sum().item()):.0f}/{100 * hit / n:.0f} ({n})')
    any_ = known & (marks > 0)
    line.append(f'any {100 * ((p > 0) & any_).sum().item() / max(1, ((p > 0) & known).sum().item()):.0f}/{100 * ((p > 0) & any_).sum().item() / max(1, any_.sum().item()):.0f}')
    ok = cases >= 0
    big, said = ok & (cases > 0), ok & (q > 0)
    line.append(f'case right {100 * (q == cases)[ok].float().mean():.1f} %, capitals {100 * (big & said).sum().item() / max(1, said.sum().item()):.0f}/{100 * (big & said).sum().item() / max(1, big.sum().item()):.0f} ({big.sum().item()})')
    print(', '.join(line), flush=True)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('packed'); a.add_argument('folder'); a.add_argument('--epochs', type=int, default=6); a.add_argument('--seed', type=int, default=1); a.add_argument('--threads', type=int, default=1)
    a.add_argument('--most', type=int, default=6000, help='utterances to learn from')
    a = a.parse_args()
    torch.manual_seed(a.seed); torch.set_num_threads(a.threads)
    model, tokens = load(a.folder), Tokenizer.from_file(a.folder + '/tokenizer.json')
    written = {r['id']: r['codes'] for r in read_table(a.packed + '/written.tsv')}
    rows = [{**r, 'codes': written[r['id']]} for r in read_table(a.packed + '/index.tsv') if r['id'] in written and r['corpus'] != 'lsdev' and int(r['frames']) < 2600]
    random.Random(a.seed).shuffle(rows)
    mel = np.memmap(a.packed + '/mel.f16', np.float16, 'r').reshape(-1, 80)
    learn = sorted((r for r in rows if not held(r)), key=lambda r: not r['corpus'].startswith('ls'))[:a.most]
    start = time.time()
    out = [r for r in rows if held(r)]
    with torch.autocast('cpu', torch.bfloat16):              # around all of it, so that weights become bf16 once
        x, y = list(states(model, tokens, mel, learn)), list(states(model, tokens, mel, out))
    print(f'{len(x)} utterances, {sum(len(m) for _, _, m, _ in x)} words to learn from, {len(y)} left out; {time.time() - start:.0f} s', flush=True)
    x += [t for t in x if t[0]['corpus'].startswith('ls')] * 3   # long sentences, read aloud: what people listen to
    feature, mark, case = (torch.cat([t[k] for t in x]) for k in (1, 2, 3))
    head = nn.Linear(feature.shape[1], len(MARKS) + len(CASES))
    nn.init.zeros_(head.weight); nn.init.zeros_(head.bias)
    opt = torch.optim.AdamW(head.parameters(), 1e-3, weight_decay=0.01)
    def loss(z, m, c):
        return F.cross_entropy(z[:, :len(MARKS)], m, ignore_index=-100) + F.cross_entropy(z[:, len(MARKS):], c, ignore_index=-100)
    n, size = len(feature), 512
    for epoch in range(a.epochs):
        order, total = torch.randperm(n), 0.0
        for k in range(0, n - size, size):
            for g in opt.param_groups:
                g['lr'] = 1e-3 * (1 - (epoch + k / n) / a.epochs)
            b = order[k:k + size]
            l = loss(head(F.dropout(feature[b].float(), 0.1)), mark[b], case[b])
            opt.zero_grad(); l.backward(); opt.step(); total += l.item() * size / n
        with torch.inference_mode():
            f, m, c = (torch.cat([t[k] for t in y]) for k in (1, 2, 3))
            print(f'epoch {epoch}: {total:.4f}, left out {loss(head(f.float()), m, c):.4f}', flush=True)
    with torch.inference_mode():
        for name, of in (('voices', lambda r: r['corpus'] in VOICES), ('LibriSpeech', lambda r: r['corpus'].startswith('ls')), ('Common Voice', lambda r: r['corpus'].startswith('cv'))):
            part = [t for t in y if of(t[0])]
            if part:
                f, m, c = (torch.cat([t[k] for t in part]) for k in (1, 2, 3))
                report(name, head(f.float()), m, c)
    w = load_file(a.folder + '/model.safetensors')
    save_file({**w, **{'written.' + k: v.detach().half() for k, v in head.state_dict().items()}}, a.folder + '/model.safetensors')
    c = json.load(open(a.folder + '/config.json'))
    json.dump({**c, 'marks': MARKS, 'cases': CASES}, open(a.folder + '/config.json', 'w'), ensure_ascii=False, indent=1)


if __name__ == '__main__':
    main()
