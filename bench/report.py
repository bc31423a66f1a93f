#!/usr/bin/env python3
"""Makes the tables and plots of docs/performance.md from what bench/run.py and bench/whisper.py wrote:

    python bench/report.py

It reads docs/performance/{kernels,whisper}.json, replaces what lies between the markers <!-- NAME --> and <!-- end --> in
docs/performance.md, and writes the plots beside the JSON. The prose is written by hand. Needs matplotlib."""
import json
import os
import re

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE, DATA = f'{HERE}/../docs/performance.md', f'{HERE}/../docs/performance'
matplotlib.rcParams.update({'svg.fonttype': 'none', 'svg.hashsalt': 'parley', 'font.size': 9, 'axes.spines.top': False, 'axes.spines.right': False})
ENGINES = {'parley': 'Parley', 'ct2': 'CTranslate2', 'ort': 'onnxruntime', 'torch': 'PyTorch', 'cpp': 'whisper.cpp'}
KINDS = {'f32': 'f32', 'float32': 'f32', 'bf16': 'bf16', 'bfloat16': 'bf16', 'f16': 'f16', 'int8': 'int8', 'q8_0': 'q8_0'}
TIERS = ['amx', 'avx512', 'avx2', 'avx2-vnni']
COLOURS = {'parley': '#1b7f5c', 'ct2': '#8a6fb3', 'ort': '#4f81bd', 'torch': '#d9822b', 'cpp': '#999999'}


NAMES = {'fma256': 'f32 multiply-add, 256 bits', 'fma512': 'f32 multiply-add, 512 bits', 'maddubs256': 'int8 by vpmaddubsw, vpmaddwd, vpaddd, 256 bits',
         'vpdpbusd256': 'int8 by vpdpbusd, 256 bits', 'vpdpbusd512': 'int8 by vpdpbusd, 512 bits', 'vdpbf16ps512': 'bf16 by vdpbf16ps, 512 bits',
         'tdpbf16ps': 'bf16 by AMX', 'tdpbssd': 'int8 by AMX'}


def table(head, rows):
    return '\n'.join(['| ' + ' | '.join(head) + ' |', '|' + '---|' * len(head)] + ['| ' + ' | '.join(map(str, r)) + ' |' for r in rows])


def time_text(us):
    return f'{us / 1e3:.1f} ms' if us >= 10_000 else f'{us / 1e3:.2f} ms' if us >= 1000 else f'{us:.0f} µs' if us >= 10 else f'{us:.1f} µs'


def ceilings(data):
    cells = {}
    for c in data['ceilings']:
        if c['name'] == 'reads':
            row = f"reads, {c['size'] >> 20} MB in all"
            value = f"{c['rate'] / 1e9:.0f} GB/s"
        else:
            row, value = NAMES[c['name']], f"{c['rate'] / 1e9:.0f} Gop/s"
        cells.setdefault(row, {})[c['threads']] = value
    return table(['', '1 thread', '2 threads'], [[row, *(v.get(t, '') for t in (1, 2))] for row, v in cells.items()])


class Kernels:
    """The records of bench/run.py by task."""

    def __init__(self, data):
        self.tasks = {}
        for r in data['records']:
            self.tasks.setdefault((r['shape'], r['precision'], r['threads'], r['tier']), []).append(r)

    def pair(self, task, engines=None):
        """Ours and the fastest peer, of some engines."""
        rs = self.tasks.get(task, [])
        mine = next((r for r in rs if r['engine'] == 'parley'), None)
        others = [r for r in rs if r['engine'] != 'parley' and (not engines or r['engine'] in engines)]
        return mine, min(others, key=lambda r: r['us'], default=None)


def peer_text(r):
    return f"{ENGINES[r['engine']]} {r['way']}"


def against(shape, precision):
    """The engines that the goal of a shape names, or None for all."""
    if 'heads' in shape or precision != 'int8':
        return ('torch',)
    return None


def goals(k):
    rows = []
    for task in sorted(k.tasks, key=lambda t: (TIERS.index(t[3]), t[1], 'x51865' in t[0], 'heads' in t[0])):
        shape, precision, threads, tier = task
        mine, other = k.pair(task, against(shape, precision))
        if not mine or not mine['goal'] or not other:
            continue
        ratio = other['us'] / mine['us']
        rows.append([tier, shape, precision, threads, time_text(mine['us']), f'{peer_text(other)} {time_text(other["us"])}', f'**{ratio:.2f}x**',
                     f"{mine['goal']}x", 'yes' if ratio >= mine['goal'] else '**no**', f"{other['us'] / mine['roof']:.2f}x", f"{100 * mine['roof'] / mine['us']:.0f} % of {mine['bound']}"])
    return table(['tier', 'shape', '', 'threads', 'ours', 'peer', 'ratio', 'goal', 'met', 'most possible', 'of the roof'], rows)


def bandwidth(k):
    rows = []
    for (shape, precision, threads, tier) in k.tasks:
        mine, other = k.pair((shape, precision, threads, tier))
        if not re.fullmatch(r'1x(384|512)x51865', shape) or precision == 'f32' or not mine:
            continue
        share = 100 * mine['roof'] / mine['us']
        rows.append([tier, shape, precision, threads, time_text(mine['us']), f"{mine['bytes'] / mine['us'] / 1e3:.1f} GB/s", f'**{share:.0f} %**',
                     'yes' if share >= 85 else '**no**', f'{peer_text(other)} {time_text(other["us"])}' if other else ''])
    return table(['tier', 'shape', '', 'threads', 'ours', 'reads', 'of the bandwidth', '85 %', 'fastest peer'], rows)


def group_table(k, group):
    """All shapes of a group: for each precision ours, the roof and the ratio to the fastest peer."""
    shapes = {}
    for (shape, precision, threads, tier), rs in k.tasks.items():
        mine, other = k.pair((shape, precision, threads, tier))
        if mine and mine['group'] == group:
            shapes.setdefault((shape, mine['of'], threads, tier), {})[precision] = mine, other
    precisions = [p for p in ('f32', 'bf16', 'int8') if any(p in v for v in shapes.values())]
    rows = []
    for (shape, of, threads, tier), found in sorted(shapes.items(), key=lambda s: (TIERS.index(s[0][3]), s[0][2])):
        row = [tier, threads, shape, of]
        for p in precisions:
            mine, other = found.get(p, (None, None))
            row.append('' if not mine else time_text(mine['us']) + (f", {100 * mine['roof'] / mine['us']:.0f} %" if mine['roof'] else '')
                       + (f", **{other['us'] / mine['us']:.2f}x** {peer_text(other)}" if other else ''))
        if any(row[4:]):
            rows.append(row)
    return table(['tier', 'threads', 'shape', 'of'] + [f'{p}: time, of the roof, ratio' for p in precisions], rows)


WHISPER = [('load_ms', 'load ms'), ('mel_ms', 'mel ms'), ('encoder_ms', 'encoder ms'), ('prompt_ms', 'prompt ms'), ('decode_ms_per_token', 'ms per token'),
           ('beam_ms_per_step', 'ms per step of 5 beams'), ('total_ms', '30 s, 100 tokens, ms'), ('peak_rss_mb', 'peak MB')]


def whisper_table(data):
    rows = []
    for r in sorted(data['records'], key=lambda r: (ISAS.index(r['isa']), r['model'], r['threads'], list(ENGINES).index(r['engine']))):
        rows.append([r['model'], r['threads'], r['isa'], f"{ENGINES[r['engine']]} {KINDS[r['precision']]}"]
                    + [f"{r[c]:.{2 if r[c] < 10 else 1 if r[c] < 100 else 0}f}" if c in r else '' for c, _ in WHISPER])
    return table(['model', 'threads', 'instructions', 'engine'] + [n for _, n in WHISPER], rows)


WHISPER_GOALS = [('mel_ms', 'log-mel', 1.0), ('encoder_ms', 'encoder', None), ('decode_ms_per_token', 'token', None),
                 ('beam_ms_per_step', 'step of 5 beams', 1.5), ('total_ms', '30 s, 100 tokens', None)]
# The goals differ between AMX and AVX2; a CPU with AVX-512 and VNNI but no AMX stands between, and is held to those of AVX2.
AMX_GOALS = {'encoder_ms': 2.5, 'decode_ms_per_token': 1.5, 'total_ms': 2.0}
AVX2_GOALS = {'encoder_ms': 1.3, 'decode_ms_per_token': 1.25, 'total_ms': 1.3}
ISAS = ['amx', 'native', 'avx2']


def whisper_goals(data):
    rows = []
    for model, threads, isa in sorted({(r['model'], r['threads'], r['isa']) for r in data['records']}, key=lambda k: (ISAS.index(k[2]), k)):
        here = [r for r in data['records'] if (r['model'], r['threads'], r['isa']) == (model, threads, isa)]
        for column, name, goal in WHISPER_GOALS:
            goal = goal or (AMX_GOALS if isa == 'amx' else AVX2_GOALS)[column]
            mine = min((r for r in here if r['engine'] == 'parley' and column in r), key=lambda r: r[column], default=None)
            other = min((r for r in here if r['engine'] != 'parley' and column in r), key=lambda r: r[column], default=None)
            if not mine or not other:
                continue
            ratio = other[column] / mine[column]
            rows.append([model, threads, isa, name, f"{KINDS[mine['precision']]} {mine[column]:.2f} ms", f"{ENGINES[other['engine']]} {KINDS[other['precision']]} {other[column]:.2f} ms",
                         f'**{ratio:.2f}x**', f'{goal}x', 'yes' if ratio >= goal else '**no**'])
    return table(['model', 'threads', 'instructions', 'work', 'ours', 'fastest peer', 'ratio', 'goal', 'met'], rows)


def save(figure, name):
    figure.tight_layout()
    figure.savefig(f'{DATA}/{name}.svg', metadata={'Date': None})
    plt.close(figure)
    size = os.path.getsize(f'{DATA}/{name}.svg')
    assert size < 60_000, f'{name}.svg has {size} bytes'


def plot_ratios(k):
    """Bars: how many times faster than the fastest peer, of shapes with a goal."""
    names = sorted({(t[3], t[0], t[1]) for t, rs in k.tasks.items() if any(r.get('goal') for r in rs)}, reverse=True)
    names = [n for n in names if all(k.pair((n[1], n[2], 1, n[0])))]
    figure, axes = plt.subplots(figsize=(8, 0.6 + 0.32 * len(names)))
    for offset, threads, colour in ((0.2, 1, '#1b7f5c'), (-0.2, 2, '#7fc4a8')):
        pairs = [k.pair((n[1], n[2], threads, n[0]), against(n[1], n[2])) for n in names]
        axes.barh([i + offset for i in range(len(names))], [p[1]['us'] / p[0]['us'] if all(p) else 0 for p in pairs], 0.38, color=colour, label=f'{threads} thread{"s" * (threads > 1)}')
    for i, n in enumerate(names):
        goal = next(r['goal'] for r in k.tasks[n[1], n[2], 1, n[0]] if r.get('goal'))
        axes.plot([goal, goal], [i - 0.42, i + 0.42], color='black', linewidth=1.5, label='goal' if i == 0 else None)
    axes.axvline(1, color='grey', linewidth=0.6)
    axes.set_yticks(range(len(names)), [f'{n[1]} {n[2]}, {n[0]}' for n in names])
    axes.set_xlim(0, 3)
    axes.set_xlabel('times as fast as the peer')
    axes.legend(frameon=False)
    save(figure, 'ratios')


def plot_roofline(k, data):
    """Every gemm, gemv and attention of the highest tier on one thread under the measured roof."""
    tier = next(r['tier'] for r in data['records'])
    roofs = {c['name']: c['rate'] / 1e9 for c in data['ceilings'] if c['threads'] == 1 and c['name'] != 'reads'}
    reads = {c['size'] >> 20: c['rate'] / 1e9 for c in data['ceilings'] if c['threads'] == 1 and c['name'] == 'reads'}
    figure, axes = plt.subplots(figsize=(8, 4.5))
    marks = {'f32': ('#4f81bd', 'o'), 'bf16': ('#d9822b', 's'), 'int8': ('#1b7f5c', '^')}
    for precision, (colour, mark) in marks.items():
        points = [(r['ops'] / r['bytes'], r['ops'] / r['us'] / 1e3) for r in data['records']
                  if r['engine'] == 'parley' and r['tier'] == tier and r['threads'] == 1 and r['precision'] == precision and r['group'] in ('gemm', 'gemv', 'attention', 'conv')]
        axes.plot(*zip(*points), mark, color=colour, markersize=4, label=precision, linestyle='none')
    span = [0.2, 2000]
    for size, style in ((1, ':'), (32, '--'), (128, '-')):
        axes.plot(span, [s * reads[size] for s in span], style, color='grey', linewidth=0.8, label=f'reads, {size} MB')
    for name, label in (('fma512', 'f32 multiply-add'), ('fma256', 'f32, 256 bits'), ('vpdpbusd512', 'int8 vpdpbusd')):
        if name in roofs and (name != 'fma256' or tier == 'avx2'):
            axes.axhline(roofs[name], color='black', linewidth=0.8)
            axes.text(span[1], roofs[name] * 1.06, label, ha='right')
    axes.set(xscale='log', yscale='log', xlim=span, ylim=(1, 1500), xlabel='operations per byte of operands', ylabel='Gop/s')
    axes.legend(frameon=False, ncols=2)
    axes.set_title(f'{tier}, 1 thread', fontsize=9)
    save(figure, 'roofline')


def plot_whisper(data):
    """Encoder and token of every engine, two threads."""
    models = sorted({r['model'] for r in data['records']})
    figure, axes = plt.subplots(1, 2, figsize=(9, 0.8 + 0.17 * len([r for r in data['records'] if r['threads'] == 2 and r['isa'] == 'native'])), sharey=True)
    for axis, (column, title) in zip(axes, (('encoder_ms', 'encoder, ms'), ('decode_ms_per_token', 'token, ms'))):
        at, ticks, labels = 0, [], []
        for model in models:
            for r in sorted((r for r in data['records'] if r['model'] == model and r['threads'] == 2 and r['isa'] == 'native' and column in r),
                            key=lambda r: (list(ENGINES).index(r['engine']), r['precision'])):
                axis.barh(at, r[column], color=COLOURS[r['engine']])
                ticks.append(at)
                labels.append(f"{model} {ENGINES[r['engine']]} {KINDS[r['precision']]}")
                at += 1
            at += 1
        axis.set_yticks(ticks, labels, fontsize=7)
        axis.set_title(title + ', 2 threads', fontsize=9)
    axes[0].invert_yaxis()
    save(figure, 'whisper')


def main():
    text = open(PAGE).read()
    parts = {}
    data = json.load(open(f'{DATA}/kernels.json'))
    k = Kernels(data)
    cpu = ', '.join([data['cpu'][-1], f"family {data['cpu'][0]} model {data['cpu'][1]}"]) if len(data['cpu']) == 3 else ' '.join(data['cpu'])
    runs = min(r['runs'] for r in data['records'])
    parts['machine'] = f"{cpu}; {data['cores']} cores; {data['date']}; medians of at least {runs} runs."
    parts['ceilings'], parts['goals'], parts['bandwidth'] = ceilings(data), goals(k), bandwidth(k)
    for group in ('gemm', 'gemv', 'attention', 'conv', 'rows'):
        parts[group] = group_table(k, group)
    plot_ratios(k)
    plot_roofline(k, data)
    if os.path.exists(f'{DATA}/whisper.json'):
        w = json.load(open(f'{DATA}/whisper.json'))
        parts['whisper'], parts['whisper goals'] = whisper_table(w), whisper_goals(w)
        plot_whisper(w)
    for name, part in parts.items():
        text, n = re.subn(rf'(<!-- {name} -->\n).*?(<!-- end -->)', lambda m: m[1] + part + '\n' + m[2], text, flags=re.S)
        if n != 1:
            raise SystemExit(f'report.py: {n} places for "{name}" in docs/performance.md')
    with open(PAGE, 'w') as f:
        f.write(text)


if __name__ == '__main__':
    main()
