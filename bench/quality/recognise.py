"""Recognition: word errors, delays, words heard in noise, speed and memory, of this recogniser and of others.

Ours are `parley bench wer` (streaming, default search) and `listen`; Whisper models run in the same engine, each utterance as a whole,
greedy, English, int8; PocketSphinx has its own en-us model."""
import glob
import os

from common import RECOGNIZER, fingerprint, first_byte, median, percentile, usage
from sets import read_table, write_table
import sphinx

CHUNKS = ('320ms', '640ms', '1280ms')
DEFAULT = '640ms'


class Recognise:
    def __init__(self, work, sets):
        self.work, self.sets = work, sets
        self.key = fingerprint(RECOGNIZER)
        self.whisper = {os.path.basename(d): d for d in sorted(glob.glob(f'{work.args.whisper}/whisper-*')) if os.path.isdir(d)} if work.args.whisper else {}

    def measure(self):
        return dict(wer=self.words(), noise=self.noise(), latency=self.latency(), speed=self.speed())

    # --- word errors

    def words(self):
        """{'system@set': counts}."""
        jobs = {}
        for chunk in CHUNKS:
            for name in ('lsdev4', 'lsdev') if chunk != DEFAULT else ('lsdev4', 'lsdev', 'noisy10', 'phone8k', 'cv'):
                jobs[f'wer-parley-{chunk}-{name}'] = (lambda c=chunk, n=name: self.wer(n, '--streaming', '--chunk', c), self.key)
        for model, folder in self.whisper.items():
            for name in ('lsdev4', 'noisy10', 'phone8k', 'cv'):
                jobs[f'wer-{model}-{name}'] = (lambda f=folder, n=name: self.wer(n, '-m', f, '--precision', 'int8'), '')
        for name in ('lsdev4', 'noisy10', 'phone8k', 'cv') if sphinx.installed() else ():
            jobs[f'wer-pocketsphinx-{name}'] = (lambda n=name: self.pocketsphinx(n), '')
        return self.work.results(jobs)

    def wer(self, name, *options):
        return self.work.json(self.work.tool('parley'), 'bench', 'wer', '--manifest', self.sets.path(name), '--threads', '1', '--json', *options)

    def pocketsphinx(self, name):
        rows = read_table(self.sets.path(name))
        table = f'{self.work.out}/results/pocketsphinx-{name}.tsv'
        heard = sphinx.transcribe([f"{self.sets.folder}/{r['path']}" for r in rows])
        write_table(table, [dict(path=r['path'], text=r['text'], hypothesis=h) for r, h in zip(rows, heard['text'])])
        return self.work.json(self.work.tool('probe'), 'score', '-table', table) | dict(cpu_rtf=heard['cpu'] / heard['seconds'])

    # --- noise

    def noise(self):
        """{system: {sound: words}}: what is heard where nobody speaks."""
        jobs = {f'noise-parley-{DEFAULT}': (lambda: self.heard('parley', '--streaming', '--chunk', DEFAULT), self.key)}
        for model, folder in self.whisper.items():
            jobs[f'noise-{model}'] = (lambda m=model, f=folder: self.heard(m, '-m', f, '--precision', 'int8'), '')
        if sphinx.installed():
            jobs['noise-pocketsphinx'] = (lambda: self.sphinx_heard(), '')
        return self.work.results(jobs)

    def heard(self, name, *options):
        out = f'{self.work.out}/results/noise-{name}.tsv'
        self.wer('noise', '--normalizer', 'words', '-o', out, *options)
        return {os.path.basename(r['path']): r['hypothesis'].split() for r in read_table(out)}

    def sphinx_heard(self):
        paths = [f"{self.sets.folder}/{r['path']}" for r in read_table(self.sets.path('noise'))]
        return {os.path.basename(p): t.split() for p, t in zip(paths, sphinx.transcribe(paths)['text'])}

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
            out[f'parley {chunk}'] = self.work.result(f'speed-parley-{chunk}', lambda: self.pace('--chunk', chunk) | self.ready(), self.key)
        for model, folder in self.whisper.items():
            out[model] = self.work.result(f'speed-{model}', lambda: self.pace('-m', folder, '--precision', 'int8'))
        return out

    def pace(self, *options):
        path = f'{self.sets.folder}/long/long.wav'
        seconds = float(read_table(self.sets.path('long'))[0]['seconds'])
        u = usage([self.work.tool('listen'), '--threads', '1', '-l', 'en', *options, path] if '-m' in options
                  else [self.work.tool('listen'), '--threads', '1', *options, path])
        return dict(rtf=u['cpu'] / seconds, clock_rtf=u['clock'] / seconds, mb=u['mb'])

    def ready(self):
        path = f'{self.sets.folder}/long/long.wav'
        return dict(ready=median([first_byte([self.work.tool('listen'), '--partials', path]) for _ in range(5)]))
