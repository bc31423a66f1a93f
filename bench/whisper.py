#!/usr/bin/env python3
"""Whisper models in this engine and in its peers, one process after the other on the same cores: load, log-mel, encoder, time
per token, per step of five beams, the whole of 30 s with 100 tokens, and peak memory. Writes JSON and prints a table.

    python bench/peers/whisper_make.py convert MODEL_DIR...      once: the files of the peers; see there for random weights
    WHISPER_CPP=.../libwhisper.so python bench/whisper.py -o whisper.json MODEL_DIR...

MODEL_DIR is a Hugging Face directory. Ours is `parley bench model`, built from this tree. With --isa avx2 all but onnxruntime,
which cannot, are held to AVX2; where the processor has AMX the records of all say so. bench/report.py makes tables of the JSON."""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = [('ct2', 'int8'), ('ct2', 'float32'), ('ort', 'int8'), ('ort', 'float32'), ('torch', 'float32'), ('torch', 'bfloat16'),
         ('cpp', 'f16'), ('cpp', 'q8_0')]
OURS = ['f32', 'bf16', 'int8']
AVX2 = {'PARLEY_CPU': 'avx2-novnni', 'CT2_FORCE_CPU_ISA': 'AVX2', 'ATEN_CPU_CAPABILITY': 'avx2', 'ONEDNN_MAX_CPU_ISA': 'AVX2', 'MKL_ENABLE_INSTRUCTIONS': 'AVX2'}
COLUMNS = ['load_ms', 'mel_ms', 'encoder_ms', 'prompt_ms', 'decode_ms_per_token', 'beam_ms_per_step', 'total_ms', 'peak_rss_mb']


def measure(command, threads, env):
    """Runs a program that prints a line of JSON at its end; None if it fails."""
    cores = ','.join(str(os.cpu_count() - 1 - i) for i in range(threads))
    r = subprocess.run(['taskset', '-c', cores] + command, capture_output=True, text=True, env={**os.environ, **env}, stdin=subprocess.DEVNULL)
    if r.returncode != 0:
        print(f'whisper.py: {" ".join(command)}: {r.stderr.strip()[-300:]}', file=sys.stderr)
        return None
    return json.loads(r.stdout[r.stdout.index('{'):])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('-o', '--out', required=True, help='JSON to write; other models and threads in it are kept')
    p.add_argument('--threads', default='1,2')
    p.add_argument('--rounds', type=int, default=1)
    p.add_argument('--runs', type=int, default=5, help='in every process')
    p.add_argument('--tokens', type=int, default=100)
    p.add_argument('--isa', choices=['native', 'avx2'], default='native')
    p.add_argument('--only', help='only this engine: parley, ct2, ort, torch or cpp')
    p.add_argument('--parley', help='the built cmd/parley; without it, it is built')
    p.add_argument('models', nargs='+')
    a = p.parse_args()
    env = AVX2 if a.isa == 'avx2' else {}
    isa = 'amx' if a.isa == 'native' and 'amx_int8' in open('/proc/cpuinfo').read() else a.isa
    with tempfile.TemporaryDirectory() as scratch:
        parley = a.parley or f'{scratch}/parley'
        if not a.parley:
            subprocess.run(['go', 'build', '-o', parley, './cmd/parley'], cwd=f'{HERE}/..', check=True)
        new = {}
        for model in a.models:
            name = os.path.basename(os.path.normpath(model))
            for threads in map(int, a.threads.split(',')):
                commands = {}
                for precision in OURS:
                    commands['parley', precision] = [parley, 'bench', 'model', model, '--seconds', '30', '--tokens', str(a.tokens), '--beam', '5',
                                                     '--threads', str(threads), '--precision', precision, '--json']
                for engine, precision in PEERS:
                    if a.isa == 'avx2' and engine in ('ort', 'cpp') or engine == 'cpp' and 'WHISPER_CPP' not in os.environ:
                        continue
                    commands[engine, precision] = [sys.executable, f'{HERE}/peers/whisper_{engine}.py', model, precision, str(threads), str(a.tokens), str(a.runs)]
                for round_ in range(a.rounds):
                    for (engine, precision), command in commands.items():
                        if a.only and engine != a.only:
                            continue
                        r = measure(command, threads, env)
                        if r:
                            new.setdefault((name, threads, isa, engine, precision), []).append({c: r[c] for c in COLUMNS if c in r})
                            print(f'{name:14s} {threads} {isa:6s} {engine:6s} {precision:9s}',
                                  ' '.join(f'{c}={r[c]:.2f}' for c in COLUMNS if c in r), flush=True)
    old = json.load(open(a.out))['records'] if os.path.exists(a.out) else []
    key = lambda r: (r['model'], r['threads'], r['isa'], r['engine'], r['precision'])
    records = [r for r in old if key(r) not in new]
    for (name, threads, isa, engine, precision), rs in new.items():
        medians = {c: statistics.median(r[c] for r in rs if c in r) for c in COLUMNS if any(c in r for r in rs)}
        records.append(dict(model=name, threads=threads, isa=isa, engine=engine, precision=precision, rounds=len(rs), **medians))
    cpu = [l.split(':')[1].strip() for l in open('/proc/cpuinfo') if l.startswith(('model name', 'model\t', 'cpu family'))][:3]
    with open(a.out, 'w') as f:
        json.dump(dict(date=time.strftime('%Y-%m-%d %H:%M'), cpu=cpu, cores=os.cpu_count(), records=records), f, indent=1)


if __name__ == '__main__':
    main()
