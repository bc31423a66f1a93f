#!/usr/bin/env python3
"""Sets the kernels of the engine beside those of PyTorch (MKL, oneDNN) and onnxruntime (MLAS): same shapes, same cores, in
turn, so that what else the machine does falls on all alike. Prints ratios and writes every run as JSON.

    python bench/run.py -o kernels.json                          everything; about 15 minutes
    python bench/run.py -o kernels.json --must --rounds 5        only the shapes that have a goal
    python bench/run.py -o kernels.json --group gemm --threads 2

Needs Go, taskset, and Python with torch, onnx, onnxruntime. bench/report.py makes tables and plots of the JSON."""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
KNOWN = {'gemm': ('f32', 'bf16', 'int8'), 'conv': ('f32', 'bf16', 'int8'), 'upsample': ('f32', 'bf16', 'int8'), 'attention': ('f32', 'bf16')}  # of other operations, f32
WIDTH = {'f32': 4, 'bf16': 2, 'int8': 1}
PEERS = {'torch': 'kernels_torch.py', 'ort': 'kernels_ort.py'}


def limit(capability, onednn, mkl):
    return {'ATEN_CPU_CAPABILITY': capability, 'ONEDNN_MAX_CPU_ISA': onednn, 'MKL_ENABLE_INSTRUCTIONS': mkl}


def tiers():
    """Yields of every tier: its name, our PARLEY_CPU, the environment of PyTorch, whether onnxruntime, which cannot be
    limited, belongs to it, and the precisions that differ there."""
    flags = open('/proc/cpuinfo').read().split('flags')[1].split('\n')[0].split()
    every = ('f32', 'bf16', 'int8')
    wide, vnni = 'avx512f' in flags, 'avx_vnni' in flags
    if 'amx_int8' in flags:
        yield 'amx', 'amx', {}, True, ('bf16', 'int8')
        yield 'avx512', 'avx512', limit('avx512', 'AVX512_CORE_BF16', 'AVX512'), False, every
    elif wide:
        yield 'avx512', 'avx512', {}, True, every
    low = limit('avx2', 'AVX2', 'AVX2') if wide else {}
    if vnni:
        yield 'avx2-vnni', 'avx2', limit('avx2', 'AVX2_VNNI', 'AVX2'), False, ('int8',)
        low = limit('avx2', 'AVX2', 'AVX2')
    yield 'avx2', 'avx2-novnni', low, not low, every


class Server:
    """A process that answers tasks."""

    def __init__(self, command, cores, env):
        self.process = subprocess.Popen(['taskset', '-c', cores] + command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, env={**os.environ, **env})

    def ask(self, task):
        self.process.stdin.write(json.dumps(task) + '\n')
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f'run.py: {self.process.args} ended on {task}')
        time.sleep(0.02)  # threads that spin after work go to sleep
        return json.loads(line)

    def wait(self):
        """Returns once the process has started: until then it would take the cores from the others."""
        self.ask(dict(op='gemm', m=1, k=32, n=32, h=0, r=0, d=0, precision='f32', threads=1, ops=1, bytes=1, wts=1, group='', of=''))
        return self

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def goal(shape, precision, tier):
    """The least ratio that the project wants of a shape, or None."""
    if shape['op'] == 'gemm' and shape['m'] == 1500 and shape['n'] == 4 * shape['k']:
        return {'amx': {'bf16': 1.3, 'int8': 1.3}, 'avx512': {'f32': 0.95}, 'avx2': {'f32': 0.97, 'int8': 1.0},
                'avx2-vnni': {'int8': 1.0}}[tier].get(precision)
    if shape['op'] == 'attention' and shape['m'] == 1500 and shape['h'] <= 8:
        return 1.5 if precision == ('bf16' if tier == 'amx' else 'f32') else None
    if shape['op'] == 'gemm' and (shape['m'], shape['k'], shape['n']) == (5, 384, 51865):
        return 2.0 if precision == 'int8' else None
    return None


def must(shape):
    """Whether a shape has a goal, in speed or in bandwidth."""
    big = shape['op'] == 'gemm' and shape['m'] == 1500 and shape['n'] == 4 * shape['k']
    logits = shape['op'] == 'gemm' and shape['n'] > 50000 and shape['k'] < 768
    return big or logits or shape['op'] == 'attention' and shape['m'] == 1500


def rows(shapes, precisions, classes, threads, rounds, ours):
    """Yields a record for every way to do every shape."""
    cores = ','.join(str(os.cpu_count() - 1 - i) for i in range(threads))
    mine, peers = {}, {}
    for name, tier, env, with_ort, _ in classes:
        mine[name] = Server([ours, '-serve'], cores, {'PARLEY_CPU': tier}).wait()
        peers[name] = [('torch', Server([sys.executable, f'{HERE}/peers/{PEERS["torch"]}', str(threads)], cores, env).wait())]
        if with_ort:
            peers[name].append(('ort', Server([sys.executable, f'{HERE}/peers/{PEERS["ort"]}', str(threads)], cores, {}).wait()))
    for shape in shapes:
        for precision in precisions:
            if precision not in KNOWN.get(shape['op'], ('f32',)):
                continue
            found = {}
            for _ in range(rounds):
                for name, _, _, _, known in classes:
                    if precision not in known:
                        continue
                    task = dict(shape, precision=precision, threads=threads)
                    a = mine[name].ask(task)
                    if 'error' in a:
                        continue
                    r = found.setdefault((name, 'parley', ''), dict(us=[], roof=0, bound=''))
                    r['us'] += a['us']
                    r['roof'], r['bound'] = a.get('roof', 0), a.get('bound', '')
                    if name == 'avx2' and precision == 'bf16':  # which the peers only emulate there: f32 is their best
                        task['precision'] = 'f32'
                    for engine, server in peers[name]:
                        for way, us in server.ask(task)['runs'].items():
                            found.setdefault((name, engine, way), dict(us=[]))['us'] += us
            for (name, engine, way), r in found.items():
                us = r['us']
                if any(k[:2] == (name, engine) and statistics.median(o['us']) < statistics.median(us) for k, o in found.items()):
                    continue  # of the ways of an engine, the fastest
                r = {k: v for k, v in r.items() if k != 'us'}
                if engine == 'parley':
                    r.update(group=shape['group'], of=shape['of'], goal=goal(shape, precision, name), ops=shape['ops'],
                             bytes=shape['bytes'] + shape['wts'] * WIDTH[precision], roof=round(r['roof'], 2))
                yield dict(shape=text(shape), precision=precision, threads=threads, tier=name, engine=engine, way=way,
                           us=round(statistics.median(us), 2), runs=len(us), **r)
    for s in list(mine.values()) + [s for p in peers.values() for _, s in p]:
        s.stop()


def text(s):
    if s['op'] == 'gemm':
        return f"{s['m']}x{s['k']}x{s['n']}"
    if s['op'] == 'attention':
        return f"{s['m']}x{s['n']}, {s['h']} heads of {s['k']}"
    if s['op'] == 'upsample':
        return f"upsample {s['m']}x{s['k']}x{s['n']}, {s['r']} taps, by {s['d']}"
    if 'r' in s:
        return f"{s['op']} {s['m']}x{s['k']}x{s['n']}, {s['r']} taps {s['d']} apart"
    return f"{s['op']} {s['m']}x{s['n']}"


def key(r):
    return r['shape'], r['precision'], r['threads'], r['tier']


def show(records):
    """Prints a line for each task and tier: ours, the fastest peer, and their ratio."""
    tasks = {}
    for r in records:
        tasks.setdefault(key(r), []).append(r)
    for (name, precision, threads, tier), rs in tasks.items():
        mine = next((r for r in rs if r['engine'] == 'parley'), None)
        other = min((r for r in rs if r['engine'] != 'parley'), key=lambda r: r['us'], default=None)
        line = f'{name:34s} {precision:5s} {threads} {tier:10s}'
        if mine:
            line += f" {mine['us']:10.1f} µs {100 * mine['roof'] / mine['us']:4.0f}% of {mine['bound']:8s}"
        if other:
            line += f" | {other['us']:10.1f} {other['engine']} {other['way']}"
        if mine and other:
            line += f" | {other['us'] / mine['us']:5.2f}x" + (f" (goal {mine['goal']})" if mine['goal'] else '')
        print(line, flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('-o', '--out', required=True, help='JSON to write; records of other shapes in it are kept')
    p.add_argument('--group')
    p.add_argument('--must', action='store_true', help='only shapes that have a goal')
    p.add_argument('--precision', default='f32,bf16,int8')
    p.add_argument('--tier', help='only this tier')
    p.add_argument('--threads', default='1,2')
    p.add_argument('--rounds', type=int, default=1, help='how often all take their turn; each time has seven runs')
    p.add_argument('--ours', help='the built bench/kernels; without it, it is built')
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        ours = a.ours or f'{scratch}/kernels'
        if not a.ours:
            subprocess.run(['go', 'build', '-o', ours, './bench/kernels'], cwd=f'{HERE}/..', check=True)
        shapes = json.loads(subprocess.run([ours, '-list'], check=True, capture_output=True, text=True).stdout)
        shapes = [s for s in shapes if (not a.group or s['group'] == a.group) and (not a.must or must(s))]
        classes = [c for c in tiers() if not a.tier or c[0] == a.tier]
        cores = ','.join(str(os.cpu_count() - 1 - i) for i in range(2))
        ceilings = json.loads(subprocess.run(['taskset', '-c', cores, ours, '-roof'], check=True, capture_output=True, text=True).stdout)
        new = []
        for threads in map(int, a.threads.split(',')):
            task = []
            for r in rows(shapes, a.precision.split(','), classes, threads, a.rounds, ours):
                if task and key(task[0])[:3] != key(r)[:3]:
                    show(task)
                    task = []
                task.append(r)
                new.append(r)
            show(task)
    done = {key(r) for r in new}
    old = json.load(open(a.out))['records'] if os.path.exists(a.out) else []
    cpu = [l.split(':')[1].strip() for l in open('/proc/cpuinfo') if l.startswith(('model name', 'model\t', 'cpu family'))][:3]
    with open(a.out, 'w') as f:
        json.dump(dict(date=time.strftime('%Y-%m-%d %H:%M'), cpu=cpu, cores=os.cpu_count(), ceilings=ceilings,
                       records=[r for r in old if key(r) not in done] + new), f, indent=0, separators=(',', ':'))


if __name__ == '__main__':
    main()
