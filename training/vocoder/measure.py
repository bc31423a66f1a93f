#!/usr/bin/env python3
"""Copy synthesis of the dev utterances: measure.py PACKED EXPORT --voice heart [--count 38] [--wav OUT] [--whisper DIR] [--prosody prosody.npz]

Prints PESQ-WB (16 kHz), log-mel L1, F0 RMSE and voicing F1 between the recording and the vocoder's sound, both through the same autocorrelation
F0 estimator. --shift S multiplies F0 by S (then only F0 and WER mean anything). --wav writes the sounds, and pictures if matplotlib is there.
--whisper: Whisper's word error rate over the same utterances, recording and copy. --prosody starts the sine bank in the recording's phase;
without it the phase is the vocoder's own, as in use.
"""
import argparse, csv, json, os, sys
import numpy as np, torch
from model import Vocoder, Config
from mel import log_mel
from train import Data, whole
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import floats


def load(folder):
    c = json.load(open(folder + '/vocoder.json'))
    model = Vocoder(Config(c['mels'], c['width'], c['hidden'], c['blocks'], c['kernel'], c['fft'], c['noise_fft'], c['hop'], c['rate']))
    model.load_state_dict(floats.load(folder + '/vocoder.safetensors'))
    return model.eval()


def estimate_f0(x, rate=24000, hop=300, low=70, high=450):
    """Normalised autocorrelation of 40 ms -> F0 (T,), 0 where its peak is under 0.5 or the frame quiet."""
    n, top = 960, rate // low
    lags = np.arange(rate // high, top + 1)
    x = np.pad(x - x.mean(), (n // 2, n + top)).astype(np.float64)
    frames = np.lib.stride_tricks.sliding_window_view(x, n + top)[hop // 2::hop]
    a = frames[:, :n]
    spec = np.fft.rfft(frames, 4096) * np.fft.rfft(a, 4096).conj()
    corr = np.fft.irfft(spec)[:, lags]
    energy = np.cumsum(np.pad(frames ** 2, ((0, 0), (1, 0))), 1)
    norm = np.sqrt(energy[:, n:n + 1] * (energy[:, lags + n] - energy[:, lags]) + 1e-9)
    c = corr / norm
    best = (c - 0.0004 * lags).argmax(1)
    peak = c[np.arange(len(c)), best]
    return np.where((peak > 0.5) & (energy[:, n] / n > 1e-6), rate / lags[best], 0)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('packed'); p.add_argument('export'); p.add_argument('--voice', default='heart'); p.add_argument('--count', type=int, default=999)
    p.add_argument('--wav'); p.add_argument('--whisper'); p.add_argument('--prosody'); p.add_argument('--shift', type=float, default=1)
    p.add_argument('--threads', type=int, default=1)
    a = p.parse_args()
    torch.set_num_threads(a.threads); torch.manual_seed(0)
    import soxr
    from pesq import pesq
    data, model = Data(a.packed.split(','), [a.voice], a.prosody, 0), load(a.export)
    texts = {r['id']: r['text'] for p in a.packed.split(',') for r in csv.DictReader(open(p + '/index.tsv'), delimiter='\t', quoting=csv.QUOTE_NONE)}
    rows, sounds = [], []
    for u in data.dev[a.voice][:a.count]:
        mel, f0, phase, x = whole(u)
        with torch.no_grad():
            y = model(mel, f0 * a.shift, phase if a.prosody else None)[0].numpy()
        x = x[0].numpy()
        score = pesq(16000, soxr.resample(x, 24000, 16000), soxr.resample(y, 24000, 16000), 'wb')
        fx, fy = estimate_f0(x) * a.shift, estimate_f0(y)
        both = (fx > 0) & (fy > 0)
        close = both & (np.abs(np.log2(np.maximum(fx, 1) / np.maximum(fy, 1))) < 0.3)     # octave errors are the estimator's
        rows.append((score, np.abs(np.maximum(log_mel(x), -7) - np.maximum(log_mel(y), -7)).mean(), np.sqrt(((fx - fy)[close] ** 2).mean()),
                     2 * both.sum() / ((fx > 0).sum() + (fy > 0).sum())))
        sounds.append((u[3], x, y))
    m = np.array(rows).mean(0)
    print(f'{len(rows)} utterances: PESQ-WB {m[0]:.3f} (lowest {min(r[0] for r in rows):.2f}), log-mel L1 {m[1]:.3f}, F0 RMSE {m[2]:.2f} Hz, V/UV F1 {m[3]:.3f}')
    if a.wav:
        write(a.wav, sounds)
    if a.whisper:
        whisper(a.whisper, sounds, texts)


def write(folder, sounds):
    import soundfile as sf
    os.makedirs(folder, exist_ok=True)
    for uid, x, y in sounds:
        name = folder + '/' + uid.replace('/', '-')
        sf.write(name + '-recording.wav', x, 24000); sf.write(name + '.wav', y, 24000)
    import matplotlib; matplotlib.use('Agg')
    import matplotlib.pyplot as plt
    for uid, x, y in sounds[:4]:
        _, ax = plt.subplots(4, 1, figsize=(16, 14))
        for i, z in enumerate((x, y)):
            ax[i].specgram(z[:60000], 1024, 24000, noverlap=900, vmin=-140, vmax=-30)
            ax[i + 2].plot(z[24000:25800])
        plt.tight_layout(); plt.savefig(folder + '/' + uid.replace('/', '-') + '.png'); plt.close()


@torch.no_grad()
def greedy(net, inputs, start, end):
    """Plain greedy decoding: generate() wants a generation config that not every copy of the weights has."""
    memory, ids, past, step = net.model.encoder(inputs), [], None, torch.tensor([start])
    while len(ids) < 200:
        out = net(encoder_outputs=(memory[0],), decoder_input_ids=step, past_key_values=past, use_cache=True)
        past, best = out.past_key_values, out.logits[0, -1, :end + 1].argmax().item()
        if best == end:
            break
        ids.append(best)
        step = torch.tensor([[best]])
    return ids


def whisper(folder, sounds, texts):
    import jiwer, soxr
    from transformers import WhisperProcessor, WhisperForConditionalGeneration
    from transformers.models.whisper.english_normalizer import BasicTextNormalizer
    processor, net = WhisperProcessor.from_pretrained(folder), WhisperForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()
    special = processor.tokenizer.convert_tokens_to_ids
    start, end = special(['<|startoftranscript|>', '<|en|>', '<|transcribe|>', '<|notimestamps|>']), special('<|endoftext|>')
    clean = BasicTextNormalizer()
    for k, kind in ((1, 'recording'), (2, 'copy')):
        heard = []
        for s in sounds:
            inputs = processor(soxr.resample(s[k], 24000, 16000), sampling_rate=16000, return_tensors='pt').input_features
            heard.append(processor.tokenizer.decode(greedy(net, inputs, start, end), skip_special_tokens=True))
        print(f'Whisper WER of the {kind}: {100 * jiwer.wer([clean(texts[s[0]]) for s in sounds], [clean(h) for h in heard]):.2f} %')


if __name__ == '__main__':
    main()
