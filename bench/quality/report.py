"""The tables: printed, and written with --docs between the markers <!-- NAME --> and <!-- end --> of docs/quality.md."""
import json
import os
import re
import time

import plots
from common import ROOT, cpu_name
from recognise import CHUNKS
from voices import REFERENCE

PAGE, PICTURES = f'{ROOT}/docs/quality.md', f'{ROOT}/docs/quality'
SETS = ('lsdev', 'lsdev4', 'lsdev16', 'noisy10', 'phone8k', 'cv')
NAMES = {'whisper-tiny.en': 'Whisper tiny.en', 'whisper-base': 'Whisper base', 'pocketsphinx': 'PocketSphinx en-us'}


def table(head, rows):
    return '\n'.join(['| ' + ' | '.join(head) + ' |', '|' + '---|' * len(head)] + ['| ' + ' | '.join(map(str, r)) + ' |' for r in rows])


def number(x, form='{:.1f}', none=''):
    return none if x is None else form.format(x)


def name(system):
    """'parley-640ms' -> 'Parley, 640 ms'."""
    return f'Parley, {system[7:-2]} ms' if system.startswith('parley-') else NAMES.get(system, system)


def systems(results, prefix):
    """The systems of results named 'PREFIX-SYSTEM-SET' or 'PREFIX-SYSTEM', ours first."""
    found = {re.sub(r'-(%s)$' % '|'.join(SETS), '', n.removeprefix(prefix + '-')) for n in results}
    order = [f'parley-{c}' for c in CHUNKS] + list(NAMES)
    return sorted(found, key=lambda s: (order.index(s) if s in order else len(order), s))


def words(r):
    """Word error rates."""
    def cell(system, s):
        c = r.get(f'wer-{system}-{s}')
        return f"{100 * c['wer']:.2f}" if c else ''
    head = ['WER, %', *(f'{s}, {max(c["utterances"] for n, c in r.items() if n.endswith("-" + s))}' for s in SETS)]
    return table(head, [[name(s), *(cell(s, x) for x in SETS)] for s in systems(r, 'wer')])


def kinds(r):
    """What the errors are."""
    rows = []
    for s in systems(r, 'wer'):
        c = r.get(f'wer-{s}-lsdev4')
        if c:
            rows.append([name(s), *(f"{100 * c[k] / c['words']:.1f}" for k in ('substitutions', 'deletions', 'insertions'))])
    return table(['lsdev4, % of words', 'substituted', 'left out', 'put in'], rows)


def delays(d):
    def pair(x):
        return f"{x['median']:.0f} ({x['p90']:.0f})" if x['median'] is not None else ''
    return table(['ms, median (90 %)', 'word end to first partial', 'word end to settled', 'speech end to final, by its silence', 'sound end to final'],
                 [[f'chunk {c}', *(pair(d[c][k]) for k in ('partial', 'settled', 'final', 'asked'))] for c in CHUNKS])


def noise(r):
    sounds = sorted({re.sub(r'\d*\.flac$', '', s) for heard in r.values() for s in heard})

    def count(heard, sound):
        return sum(len(w) for s, w in heard.items() if re.sub(r'\d*\.flac$', '', s) == sound)
    return table(['words in 10 minutes', 'all', *(s.replace('_', ' ') for s in sounds)],
                 [[name(s), f"**{sum(map(len, r[f'noise-{s}'].values()))}**", *(count(r[f'noise-{s}'], x) for x in sounds)] for s in systems(r, 'noise')])


def speed(r, sphinx):
    rows = [[name(s), f"{v['rtf']:.4f}", f"{1 / v['rtf']:.1f}", f"{v['mb']:.0f}", number(v.get('ready'), '{:.0f}')] for s, v in r.items()]
    if sphinx:
        rows.append([NAMES['pocketsphinx'], f"{sphinx['cpu_rtf']:.4f}", f"{1 / sphinx['cpu_rtf']:.1f}", f"{sphinx['mb']:.0f}", ''])
    return table(['', 'RTF, one core', 'times real time', 'peak memory, MB', 'process start to first word, ms'], rows)


def voices(v):
    def wer(c):
        return f"{100 * c['wer']:.1f}" if c else ''

    def mos(n):
        return f"{n['mean']:.2f} ± {n['ci']:.2f}" if n else ''
    return table(['voice', 'NISQA-TTS', 'Distill-MOS', 'WER, Whisper base, %', 'WER, `listen`, %', 'RTF, one core', 'first sound, ms', 'from process start, ms'],
                 [[label, mos(m['nisqa']), mos(m['distill']), wer(m['whisper']), wer(m['listen']), number(m['rtf'], '{:.4f}'), number(m['first'], '{:.0f}'),
                   number(m.get('cold'), '{:.0f}')] for label, m in v.items()])


def prosody(v, reference):
    rows, ref = [], v.get(reference, {}).get('prosody')
    for label, m in v.items():
        p, ratio = m['prosody'], ''
        if ref and len(ref['speech']) == len(p['speech']) and 'recordings' not in label:
            ratios = [a / b for a, b in zip(p['speech'], ref['speech'])]
            mean = sum(ratios) / len(ratios)
            ratio = f"{mean:.2f} ± {(sum((x - mean) ** 2 for x in ratios) / max(1, len(ratios) - 1)) ** 0.5:.2f}"
        rows.append([label, f"{p['f0']:.0f}", f"{p['range']:.1f}", f"{100 * p['voiced']:.0f}", ratio, f"{100 * p['pauses']:.1f}", f"{p['buzz']:.2f}"])
    return table(['voice', 'F0, median Hz', 'F0, standard deviation in semitones', 'voiced, %', f'duration, × {reference}', 'pauses, %', 'periodicity, 4 to 7.5 kHz'], rows)


def copies(c):
    return table(['voice', 'utterances', 'PESQ-WB', 'ESTOI', 'log-mel L1', 'F0 RMSE, Hz', 'voicing F1'],
                 [[n, m['utterances'], f"{m['pesq']:.2f}", f"{m['estoi']:.3f}", f"{m['mel']:.3f}", f"{m['f0']:.1f}", f"{m['voicing']:.3f}"] for n, m in c.items()])


def write(work, measured):
    parts = {'machine': f"{cpu_name()}; {os.cpu_count()} cores; {time.strftime('%Y-%m-%d')}" + ('; **quick: every 20th utterance**' if work.quick else '') + '.'}
    r = measured.get('recognise')
    if r:
        parts |= {'words': words(r['wer']), 'kinds': kinds(r['wer']), 'delays': delays(r['latency']), 'noise': noise(r['noise']),
                  'speed': speed(r['speed'], r['wer'].get('wer-pocketsphinx-lsdev16'))}
    if 'voices' in measured:
        parts |= {'voices': voices(measured['voices']), 'prosody': prosody(measured['voices'], REFERENCE)}
    if measured.get('copy'):
        parts['copies'] = copies(measured['copy'])
    for n, part in parts.items():
        print(f'\n{n}\n{part}')
    with open(f'{work.out}/quality.json', 'w') as f:
        json.dump(measured, f, indent=1)
    pictures = PICTURES if work.args.docs else f'{work.out}/pictures'
    os.makedirs(pictures, exist_ok=True)
    plots.draw(work, measured, pictures)
    if work.args.docs:
        replace(parts)


def replace(parts):
    text = open(PAGE).read()
    for n, part in parts.items():
        text, found = re.subn(rf'(<!-- {n} -->\n).*?(<!-- end -->)', lambda m: m[1] + part + '\n' + m[2], text, flags=re.S)
        if found != 1:
            raise SystemExit(f'report.py: {found} places for "{n}" in docs/quality.md')
    with open(PAGE, 'w') as f:
        f.write(text)
