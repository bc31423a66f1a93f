"""What transformers hears: greedy texts of a Whisper directory for a list of recordings, for asr's TestParity.

Run: python training/goldens/parity.py DIR MANIFEST [--language en] [--most 120] [--batch 8]     (torch 2.13, transformers 5, tokenizers, soundfile, soxr)
MANIFEST is tab-separated with a header line and the columns "path", relative to itself, and "text", what is said; recordings of more than one window, 30 s, are left out. The result, DIR/parity.tsv, has
the columns path, text and heard.
Then: PARLEY_WEIGHTS=<the folder that DIR is in> go test -run Parity -v ./asr
"""
import argparse, csv, os
import soundfile, soxr, torch
from tokenizers import Tokenizer
from transformers import WhisperFeatureExtractor, WhisperForConditionalGeneration


def sound(path):
    x, rate = soundfile.read(path, dtype='float32', always_2d=True)
    x = x.mean(1)
    return x if rate == 16000 else soxr.resample(x, rate, 16000)


def main():
    p = argparse.ArgumentParser()
    p.add_argument('dir')
    p.add_argument('manifest')
    p.add_argument('--language', default='en')
    p.add_argument('--most', type=int, default=120)
    p.add_argument('--batch', type=int, default=8)
    a = p.parse_args()
    m = WhisperForConditionalGeneration.from_pretrained(a.dir, dtype=torch.float32).eval()
    features = WhisperFeatureExtractor.from_pretrained(a.dir)
    tokens = Tokenizer.from_file(os.path.join(a.dir, 'tokenizer.json'))
    end = m.generation_config.eos_token_id
    how = dict(do_sample=False, num_beams=1)
    if m.generation_config.is_multilingual:
        vocab = tokens.get_vocab()
        if not getattr(m.generation_config, 'lang_to_id', None):
            m.generation_config.lang_to_id = {t: i for t, i in vocab.items() if t.startswith('<|') and len(t) <= 7 and i > end}
            m.generation_config.task_to_id = {t: vocab[f'<|{t}|>'] for t in ('transcribe', 'translate')}
        how |= dict(language=a.language, task='transcribe')
    root = os.path.dirname(os.path.abspath(a.manifest))
    with open(a.manifest) as f, open(os.path.join(a.dir, 'parity.tsv'), 'w') as out:
        print('path\ttext\theard', file=out)
        rows = [(os.path.join(root, r['path']), r['text']) for r in csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE)][:a.most]
        rows = [r for r in rows if soundfile.info(r[0]).duration <= 30]
        for k in range(0, len(rows), a.batch):
            part = rows[k:k + a.batch]
            with torch.no_grad():
                y = m.generate(features([sound(path) for path, _ in part], sampling_rate=16000, return_tensors='pt').input_features, **how).tolist()
            for (path, text), heard in zip(part, y, strict=True):
                print(path, text, ' '.join(tokens.decode([t for t in heard if t < end]).split()), sep='\t', file=out, flush=True)


if __name__ == '__main__':
    main()
