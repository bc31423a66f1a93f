#!/usr/bin/env python3
"""Capitals and marks of the transcripts: written.py WHISPER DATA PACKED [--minutes 30]

What DATA's manifest writes with lower-case letters (books, prompts) is taken as it stands. Transcripts without are written by a Whisper model,
greedily, in batches, each utterance padded with a second of silence instead of to half a minute; its marks and capitals go to the words that
both agree on, all others stay unknown. Common Voice's prompts are sentences, so that a mark ends them. Writes PACKED/written.tsv: id, and for
each word two characters: the mark after it (MARKS; _ for none), its case (l, c, u: lower, capital, upper), - where nobody knows. A run that was stopped goes on.
"""
import argparse, difflib, os, re, sys, time
import numpy as np, torch
from transformers import EncoderDecoderCache, DynamicCache, WhisperForConditionalGeneration
from tokenizers import Tokenizer
from data import HELD_OUT, MARKS, read_table, words_of
from prepare import FILTERS, RATE
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from whisperstates import encode, whisper_mel

FOLD = {';': ',', ':': ',', '—': ',', '–': ',', '…': '.'}


def split(text):
    """A written text -> [(word, mark after it, case)], the words as words_of has them."""
    text = text.replace('’', "'").replace('--', '—')
    out = []
    for m in re.finditer(r"[A-Za-z']+", text):
        w = m.group().strip("'")
        if not w:
            continue
        after = re.match(r"['\"”)\]]*\s?([,.?!;:—–…])?(?!\w)", text[m.end():])
        mark = after.group(1) if after and after.group(1) else ''
        letters = w.split("'")[0] if w.lower().endswith("'s") else w
        case = 2 if letters.isupper() and len(letters) > 1 else 1 if w[0].isupper() else 0
        out.append((w.lower(), MARKS.index(FOLD.get(mark, mark)), case))
    return out


def code(mark, case):
    return ('_' + ''.join(MARKS[1:]))[mark] + 'lcu'[case]


def transfer(words, written):
    """Codes for words: of the words of written that are the same, in order."""
    codes = ['--'] * len(words)
    theirs = [w for w, _, _ in written]
    for i, j, n in difflib.SequenceMatcher(None, words, theirs, autojunk=False).get_matching_blocks():
        for k in range(n):
            follows = i + k + 1 == len(words) and j + k + 1 == len(theirs) or words[i + k + 1:i + k + 2] == theirs[j + k + 1:j + k + 2]
            _, mark, case = written[j + k]
            codes[i + k] = code(mark, case) if follows else '-' + code(0, case)[1]
    return codes


class Writer:
    def __init__(self, folder):
        self.m = WhisperForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, attn_implementation='sdpa').eval()
        self.tok, g = Tokenizer.from_file(folder + '/tokenizer.json'), self.m.generation_config
        multi = self.tok.token_to_id('<|en|>') is not None and self.m.config.vocab_size > 51864
        self.prompt = [self.tok.token_to_id(f'<|{t}|>') for t in ['startoftranscript', *(['en', 'transcribe'] if multi else []), 'notimestamps']]
        self.end = self.tok.token_to_id('<|endoftext|>')
        self.never = torch.tensor(sorted(set(g.suppress_tokens or []) - {self.end}))
        self.filters = torch.from_numpy(FILTERS)

    @torch.inference_mode()
    def __call__(self, sounds):
        """Texts of sounds, arrays at 16 kHz."""
        x = torch.zeros(len(sounds), (max(map(len, sounds)) + RATE + 319) // 320 * 320)
        for k, s in enumerate(sounds):
            x[k, :len(s)] = torch.from_numpy(s)
        mel = whisper_mel(x, self.filters)
        with torch.autocast('cpu', torch.bfloat16):
            h = encode(self.m.model.encoder, mel)
            cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
            given, out, open_ = torch.tensor([self.prompt] * len(sounds)), [], torch.ones(len(sounds), dtype=torch.bool)
            for _ in range(int(x.shape[1] / RATE * 6) + 8):
                y = self.m.model.decoder(input_ids=given, encoder_hidden_states=h, past_key_values=cache, use_cache=True).last_hidden_state[:, -1]
                z = self.m.proj_out(y).float()
                z[:, self.never] = -1e9; z[:, self.end + 1:] = -1e9
                if not out:
                    z[:, self.end] = -1e9
                given = z.argmax(-1).where(open_, self.end)[:, None]
                out.append(given); open_ &= given[:, 0] != self.end
                if not open_.any():
                    break
        return self.tok.decode_batch(torch.cat(out, 1).tolist(), skip_special_tokens=True)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('whisper'); a.add_argument('data'); a.add_argument('packed'); a.add_argument('--minutes', type=float, default=30)
    a = a.parse_args()
    full = {r['id']: r['text'] for r in read_table(a.data + '/manifest.tsv')}
    path = a.packed + '/written.tsv'
    known = {r['id'] for r in read_table(path)} if os.path.exists(path) else set()
    out = open(path, 'a', buffering=1)
    if not known:
        print('id\tcodes\ttext', file=out)
    rows, texts = [], []
    for r in read_table(a.packed + '/index.tsv'):
        if r['use'] == 'noise' or r['corpus'] == 'lsdev' or r['id'] in known:
            continue
        words, text = words_of(r['text']), full[r['id']]
        if any(c.islower() for c in text):
            print(r['id'], ' '.join(transfer(words, split(text))), text, sep='\t', file=out)
        elif int(r['samples']) < 26 * RATE and words:
            rows.append(r)
    rng = np.random.default_rng(1)                           # what is left out of training first, then few of Common Voice's short sentences
    rows.sort(key=lambda r: rng.random() * (4 if r['corpus'].startswith('cv') else 1) - 9 * (r['use'] == 'dev' or r['id'].startswith(HELD_OUT)))
    pcm, writer, start, done, seen = np.memmap(a.packed + '/pcm.i16', np.int16, 'r'), Writer(a.whisper), time.time(), 0, 0.0
    for lo in range(0, len(rows), 256):
        part = sorted(rows[lo:lo + 256], key=lambda r: int(r['samples']))
        while part:
            b = []
            while part and (not b or int(part[0]['samples']) * (len(b) + 1) < 240 * RATE and len(b) < 32):
                b.append(part.pop(0))
            for r, text in zip(b, writer([pcm[int(r['sample']):int(r['sample']) + int(r['samples'])].astype(np.float32) / 32768 for r in b])):
                words = words_of(r['text'])
                codes = transfer(words, split(text))
                if r['corpus'].startswith('cv') and codes[-1][0] in '_,-':
                    codes[-1] = '.' + codes[-1][1]
                print(r['id'], ' '.join(codes), text.replace('\t', ' ').replace('\n', ' ').strip(), sep='\t', file=out)
                done += 1; seen += int(r['samples']) / RATE / 3600
            print(f'{done}/{len(rows)}: {seen:.2f} h in {time.time() - start:.0f} s', file=sys.stderr, flush=True)
            if time.time() - start > 60 * a.minutes:
                return


if __name__ == '__main__':
    main()
