"""Recognition: word errors, delays, words heard in noise, speed and memory, of this recogniser and of others.

Ours are `parley bench wer` (streaming, default search) and `listen`; Whisper models run in the same engine, each utterance as a whole,
greedy, English, int8; PocketSphinx has its own en-us model."""
import glob
import os

from common import RECOGNIZER, fingerprint, first_byte, median, percentile, usage
from sets import read_table, write_table
import pocket

CHUNKS = ('320ms', '640ms', '1280ms')
DEFAULT = '640ms'


class Recognise:
    def __init__(self, work, sets):
        self.work, self.sets = work, sets
        self.key = fingerprint(RECOGNIZER)
        self.whisper = {os.path.basename(d): d for d in sorted(glob.glob(f'{work.args.whisper}/whisper-*')) if os.path.isdir(d)} if work.args.whisper else {}

    def measure(self):
        self.sets.make()
        return dict(wer=self.words(), noise=self.noise(), latency=self.latency(), speed=self.speed())

    # --- word errors

    def words(self):
        """{'wer-SYSTEM-SET': counts}. What a system heard of a set is scored again for the sets that are parts of it."""
        jobs, parts = {}, []
        for chunk in CHUNKS:
            system = f'parley-{chunk}'
            for name in ('lsdev', *(('noisy10', 'phone8k', 'cv') if chunk == DEFAULT else ())):
                jobs[f'wer-{system}-{name}'] = (lambda s=system, c=chunk, n=name: self.wer(s, n, '--streaming', '--chunk', c), self.key)
            parts += [(system, 'lsdev', 'lsdev4', self.key), (system, 'lsdev', 'lsdev16', self.key)]
        for model, folder in self.whisper.items():
            for name in ('lsdev4', 'noisy10', 'phone8k', 'cv'):
                jobs[f'wer-{model}-{name}'] = (lambda m=model, f=folder, n=name: self.wer(m, n, '-m', f, '--precision', 'int8'), '')
            parts += [(model, 'lsdev4', 'lsdev16', '')]
        if pocket.installed():
            jobs['wer-pocketsphinx-lsdev16'] = (self.pocketsphinx, '')
        else:
            print('no PocketSphinx: pocketsphinx is not installed')
        found = self.work.results(jobs)
        for system, whole, part, key in parts:
            found[f'wer-{system}-{part}'] = self.work.result(f'wer-{system}-{part}', lambda: self.part(system, whole, part), key)
        return found

    def heard(self, system, name):
        """The table that has what a system heard of a set."""
        return f'{self.work.out}/results/heard-{system}-{name}.tsv'

    def wer(self, system, name, *options):
        return self.work.json(self.work.tool('parley'), 'bench', 'wer', '--manifest', self.sets.path(name), '--threads', '1', '--json',
                              '-o', self.heard(system, name), *options)

    def part(self, system, whole, part):
        wanted = {os.path.basename(r['path']) for r in read_table(self.sets.path(part))}
        rows = [r for r in read_table(self.heard(system, whole)) if os.path.basename(r['path']) in wanted]
        write_table(self.heard(system, part), rows)
        return self.score(system, part)

    def score(self, system, name):
        return self.work.json(self.work.tool('probe'), 'score', '-table', self.heard(system, name))

    def pocketsphinx(self):
        rows = read_table(self.sets.path('lsdev16'))
        h = pocket.transcribe([f"{self.sets.folder}/{r['path']}" for r in rows])
        write_table(self.heard('pocketsphinx', 'lsdev16'), [dict(r, hypothesis=t) for r, t in zip(rows, h['text'])])
        return self.score('pocketsphinx', 'lsdev16') | dict(cpu_rtf=h['cpu'] / h['seconds'], mb=h['mb'])

    # --- noise

    def noise(self):
        """{'noise-SYSTEM': {sound: words}}: what is heard where nobody speaks."""
        jobs = {f'noise-parley-{DEFAULT}': (lambda: self.invented(f'parley-{DEFAULT}', '--streaming', '--chunk', DEFAULT), self.key)}
        for model, folder in self.whisper.items():
            jobs[f'noise-{model}'] = (lambda m=model, f=folder: self.invented(m, '-m', f, '--precision', 'int8'), '')
        return self.work.results(jobs)

    def invented(self, system, *options):
        self.wer(system, 'noise', '--normalizer', 'words', *options)
        return {os.path.basename(r['path']): r['hypothesis'].split() for r in read_table(self.heard(system, 'noise'))}

    # --- delays

    def latency(self):
        """{'chunk': delays in ms}: see probe/hear.go. Not beside other work: time to compute counts."""
        out = {}
        for chunk in CHUNKS:
            out[chunk] = self.work.result(f'latency-{chunk}', lambda: self.delays(chunk), self.key)
        return out

    def delays(self, chunk):
        d = self.work.json('taskset', '-c', str(os.cpu_count() - 1), self.work.tool('probe'), 'hear', '-manifest', self.sets.path('latency'),
                           '-chunk', chunk)
        return dict(utterances=len(d['asked'] or []), words=len(d['partial'] or []), early=d['early']) | {
            k: dict(median=median(d[k] or []), p90=percentile(d[k] or [], 90)) for k in ('partial', 'settled', 'final', 'asked')}

    # --- speed

    def speed(self):
        """{system: RTF and memory on one core}."""
        out = {}
        for chunk in ('320ms', DEFAULT):
            out[f'parley-{chunk}'] = self.work.result(f'speed-parley-{chunk}', lambda: self.pace('--chunk', chunk) | self.ready(), self.key)
        for model, folder in self.whisper.items():
            out[model] = self.work.result(f'speed-{model}', lambda: self.pace('-m', folder, '--precision', 'int8', '-l', 'en'))
        return out

    def pace(self, *options):
        path = f'{self.sets.folder}/long/long.wav'
        seconds = float(read_table(self.sets.path('long'))[0]['seconds'])
        u = usage([self.work.tool('listen'), '--threads', '1', *options, path])
        return dict(rtf=u['cpu'] / seconds, clock_rtf=u['clock'] / seconds, mb=u['mb'])

    def ready(self):
        path = f'{self.sets.folder}/long/long.wav'
        return dict(ready=median([first_byte([self.work.tool('listen'), '--partials', path]) for _ in range(5)]))
