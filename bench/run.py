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
import platform
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
KNOWN = {'gemm': ('f32', 'bf16', 'int8'), 'conv': ('f32', 'bf16', 'int8'), 'attention': ('f32', 'bf16')}  # of other operations, f32
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
                    if 'error' not in a:
                        r = found.setdefault((name, 'parley', ''), dict(us=[], roof=0, bound=''))
                        r['us'] += a['us']
                        r['roof'], r['bound'] = a.get('roof', 0), a.get('bound', '')
                    for engine, server in peers[name]:
                        for way, us in server.ask(task)['runs'].items():
                            found.setdefault((name, engine, way), dict(us=[]))['us'] += us
            for (name, engine, way), r in found.items():
                yield dict(shape=shape, precision=precision, threads=threads, tier=name, engine=engine, way=way, goal=goal(shape, precision, name), **r)
    for s in list(mine.values()) + [s for p in peers.values() for _, s in p]:
        s.stop()


def text(s):
    return {'gemm': f"{s['m']}x{s['k']}x{s['n']}", 'attention': f"{s['m']}x{s['n']}, {s.get('h')} heads of {s['k']}"}.get(
        s['op'], f"{s['op']} {s['m']}x{s['k']}x{s['n']}" + (f" taps {s['r']} dilation {s['d']}" if s.get('r') else ''))


def show(records):
    """Prints a line for each task and tier: ours, the fastest peer, and their ratio."""
    groups = {}
    for r in records:
        groups.setdefault((text(r['shape']), r['precision'], r['threads'], r['tier']), []).append(r)
    for (name, precision, threads, tier), rs in groups.items():
        mine = [r for r in rs if r['engine'] == 'parley']
        others = sorted((statistics.median(r['us']), f"{r['engine']} {r['way']}") for r in rs if r['engine'] != 'parley')
        line = f'{name:34s} {precision:5s} {threads} {tier:10s}'
        if mine:
            m = statistics.median(mine[0]['us'])
            line += f" {m:10.1f} µs {100 * mine[0]['roof'] / m:4.0f}% of {mine[0]['bound']:8s}"
        if others:
            line += f' | {others[0][0]:10.1f} {others[0][1]}'
        if mine and others:
            line += f' | {others[0][0] / m:5.2f}x' + (f" (goal {mine[0]['goal']})" if mine[0]['goal'] else '')
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
        new = []
        for threads in map(int, a.threads.split(',')):
            for r in rows(shapes, a.precision.split(','), classes, threads, a.rounds, ours):
                new.append(r)
                if len(new) > 1 and (new[-2]['shape'], new[-2]['precision']) != (r['shape'], r['precision']):
                    show([n for n in new[-30:-1] if (n['shape'], n['precision'], n['threads']) == (new[-2]['shape'], new[-2]['precision'], new[-2]['threads'])])
            show([n for n in new[-30:] if (n['shape'], n['precision'], n['threads']) == (new[-1]['shape'], new[-1]['precision'], threads)])
    key = lambda r: (text(r['shape']), r['precision'], r['threads'], r['tier'])
    done = {key(r) for r in new}
    old = json.load(open(a.out))['records'] if os.path.exists(a.out) else []
    cpu = [l.split(':')[1].strip() for l in open('/proc/cpuinfo') if l.startswith(('model name', 'model\t', 'cpu family'))][:3]
    with open(a.out, 'w') as f:
        json.dump(dict(date=time.strftime('%Y-%m-%d %H:%M'), cpu=cpu, cores=os.cpu_count(), kernel=platform.release(),
                       records=[r for r in old if key(r) not in done] + new), f)


if __name__ == '__main__':
    main()
