#!/usr/bin/env python3
"""Make the test set of bench/vad: testset.py DATA PACKED WHISPER_TINY_EN OUT [--noise DIR ...] [--minutes 8]

DATA and PACKED are those of ../asr. Speech: LibriSpeech dev-clean and Common Voice dev, with pauses between; the times of its words
come from forced alignment as in ../asr/targets.py, which takes some minutes. Noise: the recordings that prepare.py left out (set
"data") and those in DIRs (set "more"; none of them may hold speech, nor have been given to prepare.py).
Writes OUT/*.wav and OUT/manifest.tsv: path, set, snr (dB; "clean"; "none": no speech), speech (START-END in ms, ...).
"""
import argparse, csv, glob, os, re, sys
import numpy as np, soundfile as sf, soxr, torch
from prepare import HELD_OUT
from sounds import RATE, music, rms

ASR = os.path.dirname(os.path.abspath(__file__)) + '/../asr/'

SNRS = (20, 10, 5, 0)


def alignments(data, packed, whisper, rows, minutes):
    """{id: bool (ms)}: speech in rows of the index."""
    import importlib.util
    from transformers import WhisperModel
    sys.path.insert(0, ASR)
    spec = importlib.util.spec_from_file_location('asr_prepare', ASR + 'prepare.py')   # this folder has a prepare.py too
    sys.modules['prepare'] = importlib.util.module_from_spec(spec); spec.loader.exec_module(sys.modules['prepare'])
    import targets, teacher
    utts = targets.read(packed)
    labels = targets.synthetic_labels(data, utts)
    states = np.memmap(packed + '/states.f16', np.float16, 'r').reshape(-1, targets.D)
    head = targets.Head()
    targets.train(head, states, utts, labels, minutes, 1)
    lexicon = {}
    for line in open(packed + '/lexicon.tsv'):
        w, p = line.rstrip('\n').split('\t')[:2]
        lexicon.setdefault(w.lower(), [targets.INDEX[q] for q in p.split()])
    enc = WhisperModel.from_pretrained(whisper, dtype=torch.float32, attn_implementation='sdpa').encoder.eval()
    pcm, filters, out = np.memmap(packed + '/pcm.i16', np.int16, 'r'), torch.from_numpy(teacher.FILTERS), {}
    for r in rows:
        words = [lexicon.get(w) for w in re.findall(r"[a-z']+", r['text'].lower().replace('’', "'")) if w.strip("'")]
        if not words or None in words:
            continue
        s, n = int(r['sample']), int(r['samples'])
        x = torch.zeros(1, (n + RATE // 2 + 319) // 320 * 320)
        x[0, :n] = torch.from_numpy(pcm[s:s + n].astype(np.float32) / 32768)
        with torch.inference_mode():
            logp = head(teacher.encode(enc, teacher.whisper_mel(x, filters))[:, :(n + 319) // 320]).log_softmax(-1)[0].numpy()
        path = targets.viterbi(logp, words)
        if path and path[1] > -1.0:
            out[r['id']] = speech_ms(path[0], n * 1000 // RATE)
    return out


def speech_ms(path, n):
    """path: the unit of each state of 20 ms, centred on 5, 25 ... ms -> (n) bool; pauses under 100 ms are speech."""
    p = np.interp(np.arange(n), 5 + 20 * np.arange(len(path)), path != 0) > 0.5
    edges = np.flatnonzero(np.diff(np.concatenate([[0], p.astype(np.int8), [0]])))
    for end, start in zip(edges[1:-1:2], edges[2::2]):
        if start - end < 100:
            p[end:start] = True
    return p


def choose(rows, rng, n):
    """n utterances, of as many speakers as there are."""
    by = {}
    for i in rng.permutation(len(rows)):
        by.setdefault(rows[i]['id'].split('-')[0], []).append(rows[i])
    queue, out = list(by.values()), []
    while queue and len(out) < n:
        queue = [q for q in queue if q]
        out += [q.pop() for q in queue]
    return out[:n]


def talk(rng, utterances, n):
    """-> samples (n) with speech at rms 0.05, where it is speech (ms)."""
    x, s = np.zeros(n, np.float32), np.zeros(n * 1000 // RATE, bool)
    at = RATE
    for u, v in utterances:
        if at + len(u) + RATE > n:
            break
        u = u[:16 * len(v)]
        u = u * 0.05 / rms(u[np.repeat(v, 16)[:len(u)]])
        x[at:at + len(u)] = u
        ms = at // 16
        s[ms:ms + len(v)] = v
        at += (len(u) + int(RATE * rng.uniform(0.6, 3))) // 16 * 16
    return x[:at], s[:at // 16]


def backdrop(recordings, n):
    """n samples of all recordings in turn, ten seconds each at rms 1."""
    out, k, total = [], 0, 0
    while total < n:
        for x in recordings:
            piece = x[(k * 10 * RATE) % max(1, len(x) - RATE):][:10 * RATE]
            out.append(piece / (rms(piece) + 1e-4)); total += len(piece)
        k += 1
    return np.concatenate(out)[:n]


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('data'); a.add_argument('packed'); a.add_argument('whisper'); a.add_argument('out'); a.add_argument('--noise', nargs='*', default=[])
    a.add_argument('--minutes', type=float, default=8, help='length of each file'); a.add_argument('--head', type=float, default=2, help='minutes of training for the aligner')
    a = a.parse_args()
    os.makedirs(a.out, exist_ok=True)
    rng = np.random.default_rng(7)
    rows = list(csv.DictReader(open(a.packed + '/index.tsv'), delimiter='\t', quoting=csv.QUOTE_NONE))
    pcm = np.memmap(a.packed + '/pcm.i16', np.int16, 'r')
    load = lambda r: pcm[int(r['sample']):int(r['sample']) + int(r['samples'])].astype(np.float32) / 32768
    dev = [r for r in rows if r['use'] == 'dev' and int(r['samples']) < 12 * RATE]
    chosen = choose([r for r in dev if r['corpus'] == 'lsdev'], rng, 70) + choose([r for r in dev if r['corpus'].startswith('cv')], rng, 70)
    times = alignments(a.data, a.packed, a.whisper, chosen, a.head)
    print(f'{len(times)} of {len(chosen)} utterances aligned', file=sys.stderr)
    said = [(load(r), times[r['id']]) for r in chosen if r['id'] in times]
    x, s = talk(rng, [said[i] for i in rng.permutation(len(said))], int(a.minutes * 60 * RATE))
    sets = {'data': [load(r) for r in rows if r['id'] in HELD_OUT]}
    more = []
    for f in sorted(f for d in a.noise for f in glob.glob(d + '/*')):
        y, rate = sf.read(f, dtype='float32', always_2d=True)
        more.append(soxr.resample(y.mean(1), rate, RATE))
    if more:
        sets['more'] = more
    edges = np.flatnonzero(np.diff(np.concatenate([[0], s.astype(np.int8), [0]])))
    spans = ','.join(f'{lo}-{hi}' for lo, hi in zip(edges[::2], edges[1::2]))
    with open(a.out + '/manifest.tsv', 'w') as manifest:
        print('path\tset\tsnr\tspeech', file=manifest)

        def write(name, kind, snr, x, speech):
            sf.write(f'{a.out}/{name}.wav', np.clip(x, -1, 1), RATE, subtype='PCM_16')
            print(name + '.wav', kind, snr, speech, sep='\t', file=manifest)
        write('clean', 'clean', 'clean', x, spans)
        for kind, recordings in sets.items():
            noise = backdrop(recordings, len(x))
            for snr in SNRS:
                write(f'{kind}-{snr}', kind, snr, x + noise * 0.05 * 10 ** (-snr / 20), spans)
            whole = [y * 0.05 / (rms(y) + 1e-4) for y in recordings]
            if kind == 'data':                               # to ten minutes: silence and music
                whole += [np.zeros(60 * RATE), rng.normal(0, 1e-4, 60 * RATE)]
                whole += [0.05 * (m := music(rng, 20 * RATE)) / rms(m) for _ in range(11)]
            write(kind + '-none', kind, 'none', np.concatenate(whole), '')


if __name__ == '__main__':
    main()
