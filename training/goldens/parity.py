"""What transformers hears: greedy texts of a Whisper directory for a list of recordings, for asr's TestParity.

Run: python training/goldens/parity.py DIR MANIFEST [--language en] [--most 120]     (torch 2.13, transformers 5, tokenizers, soundfile, soxr)
MANIFEST is tab-separated with a header line and a column "path", relative to itself. The result, DIR/parity.tsv, has the columns path and text.
Then: PARLEY_WEIGHTS=<the folder that DIR is in> go test -run Parity -v ./asr
"""
import argparse, csv, os
import soundfile, soxr, torch
from tokenizers import Tokenizer
from transformers import WhisperFeatureExtractor, WhisperForConditionalGeneration



def main():
    p = argparse.ArgumentParser()
    p.add_argument('dir')
    p.add_argument('manifest')
    p.add_argument('--language', default='en')
    p.add_argument('--most', type=int, default=120)
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
        print('path\ttext', file=out)
        for row in list(csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE))[:a.most]:
            path = os.path.join(root, row['path'])
            x, rate = soundfile.read(path, dtype='float32', always_2d=True)
            x = x.mean(1)
            if rate != 16000:
                x = soxr.resample(x, rate, 16000)
            with torch.no_grad():
                y = m.generate(features(x, sampling_rate=16000, return_tensors='pt').input_features, **how)[0].tolist()
            print(path, ' '.join(tokens.decode([t for t in y if t < end]).split()), sep='\t', file=out, flush=True)


if __name__ == '__main__':
    main()
