"""What the programs that time a Whisper engine share: the task and the line of JSON at its end.

The task is that of `parley bench model`: 30 s of sound, the prompt of an English transcription without timestamps, then
TOKENS tokens with the end of text suppressed, greedily or with five beams. The time of a token is the difference between a
long and a short run, so that the prompt does not count."""
import json
import os
import resource
import statistics
import sys
import time

BEAMS = 5


def arguments():
    """MODEL_DIR PRECISION THREADS [TOKENS [RUNS]]"""
    model_dir, precision, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    tokens, runs = (int(v) for v in (sys.argv[4:] + ['100', '5'][len(sys.argv) - 4:]))
    os.environ['OMP_NUM_THREADS'] = str(threads)
    return model_dir, precision, threads, tokens, runs


def sound():
    """30 s at 16 kHz: a tone that sweeps, in noise."""
    import numpy as np
    t = np.arange(480000) / 16000
    return (0.1 * np.sin(2 * np.pi * (200 + 50 * t) * t) + 0.01 * np.random.default_rng(1).standard_normal(480000)).astype(np.float32)


def prompt_of(model_dir):
    """Tokens of the prompt, and the end of text."""
    c = json.load(open(f'{model_dir}/config.json'))
    sot, english_only = c['decoder_start_token_id'], c['vocab_size'] < 51865
    return ([sot, sot + 105] if english_only else [sot, sot + 1, sot + 101, sot + 105]), c['eos_token_id']


def timed(f, runs=1):
    """The median of the milliseconds that f takes."""
    each = []
    for _ in range(runs):
        begin = time.perf_counter()
        f()
        each.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(each)


def per_token(generate, tokens, runs):
    """The milliseconds that a token takes: generate(n) makes n of them."""
    few = 4
    generate(few)
    pairs = [(timed(lambda: generate(few)), timed(lambda: generate(few + tokens))) for _ in range(runs)]
    return statistics.median((b - a) / tokens for a, b in pairs)


def report(engine, **values):
    values = {k: round(v, 3) if isinstance(v, float) else v for k, v in values.items()}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(dict(engine=engine, model=os.path.basename(os.path.normpath(sys.argv[1])), precision=sys.argv[2],
                          threads=int(sys.argv[3]), **values, peak_rss_mb=round(peak, 1))), flush=True)
