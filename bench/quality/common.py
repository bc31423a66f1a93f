"""What the stages share: where things are, results kept on disk, programs run and timed."""
import fnmatch
import glob
import hashlib
import json
import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(f'{HERE}/../..')
RECOGNIZER, VOICE = f'{ROOT}/models/en/recognizer', f'{ROOT}/models/en/voice'   # what is built in


class Work:
    """One run of the benchmark: its arguments, its folder, and what was measured already."""

    def __init__(self, args):
        self.args, self.out, self.quick = args, os.path.abspath(args.out), args.quick
        self.data = os.path.abspath(args.data)
        for d in ('sets', 'results', 'voices', 'bin'):
            os.makedirs(f'{self.out}/{d}', exist_ok=True)
        self.bin = os.path.abspath(args.bin) if args.bin else f'{self.out}/bin'
        self.pool = ThreadPoolExecutor(args.jobs)

    def build(self):
        """The programs that are measured, from this tree."""
        if not self.args.bin:
            packages = ['./cmd/parley', './cmd/listen', './cmd/speak', './bench/quality/probe']
            subprocess.run(['go', 'build', '-o', self.bin + '/', *packages], cwd=ROOT, check=True, env={**os.environ, 'CGO_ENABLED': '0'})

    def tool(self, name):
        return f'{self.bin}/{name}'

    def result(self, name, make, key=''):
        """What make() returned when it was first called for this name and key. It may be None: nothing to measure it with."""
        path = f'{self.out}/results/{name}.json'
        key = f'{key} quick' if self.quick else key
        if os.path.exists(path) and not any(fnmatch.fnmatch(name, p) for p in self.args.again):
            kept = json.load(open(path))
            if kept['key'] == key:
                return kept['value']
        start = time.time()
        value = make()
        if value is not None:
            with open(path + '.new', 'w') as f:
                json.dump(dict(key=key, date=time.strftime('%Y-%m-%d %H:%M'), seconds=round(time.time() - start, 1), value=value), f, indent=1)
            os.replace(path + '.new', path)
        print(f'{time.time() - start:7.1f} s  {name}', flush=True)
        return value

    def results(self, jobs):
        """result for several at once, as many as there are cores for: {name: value}. jobs: name -> (make, key)."""
        waiting = {name: self.pool.submit(self.result, name, make, key) for name, (make, key) in jobs.items()}
        return {name: f.result() for name, f in waiting.items()}

    def text(self, *command, **how):
        """Standard output of a program."""
        r = subprocess.run(command, capture_output=True, text=True, **{'stdin': subprocess.DEVNULL, **how} if 'input' not in how else how)
        if r.returncode != 0:
            raise SystemExit(f'{" ".join(command)}: {r.stderr.strip()[-600:]}')
        return r.stdout

    def json(self, *command, **how):
        return json.loads(self.text(*command, **how))


def usage(command, **how):
    """Runs a program on one core: seconds of processor and of clock, and the most memory it had, MB."""
    core = str(os.cpu_count() - 1)
    start = time.time()
    p = subprocess.Popen(['taskset', '-c', core, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                         env={**os.environ, 'GOMAXPROCS': '1', 'OMP_NUM_THREADS': '1'}, **how)
    _, status, r = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode != 0:
        raise SystemExit(f'{" ".join(command)}: exit code {p.returncode}')
    return dict(cpu=r.ru_utime + r.ru_stime, clock=time.time() - start, mb=r.ru_maxrss / 1024)


def first_byte(command):
    """Milliseconds from the start of a program, on one core, to the first byte it writes."""
    start = time.time()
    p = subprocess.Popen(['taskset', '-c', str(os.cpu_count() - 1), *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         stdin=subprocess.DEVNULL, env={**os.environ, 'GOMAXPROCS': '1'})
    p.stdout.read(1)
    ms = 1000 * (time.time() - start)
    p.kill()
    p.wait()
    return ms


def fingerprint(*folders):
    """A digest of all files in folders but model cards, which may quote the results: what a model did is measured again when it changes."""
    h = hashlib.sha256()
    for folder in folders:
        for path in sorted(glob.glob(folder + '/**', recursive=True)):
            if os.path.isfile(path) and not path.endswith('card.json'):
                h.update(os.path.relpath(path, folder).encode() + open(path, 'rb').read())
    return h.hexdigest()[:16]


def median(x):
    x = sorted(x)
    return (x[len(x) // 2] + x[(len(x) - 1) // 2]) / 2 if x else None


def percentile(x, p):
    x = sorted(x)
    return x[min(len(x) - 1, int(p * len(x) / 100))] if x else None


def cpu_name():
    fields = dict(l.split(':', 1) for l in open('/proc/cpuinfo').read().split('\n\n')[0].splitlines() if ':' in l)
    fields = {k.strip(): v.strip() for k, v in fields.items()}
    return f"{fields.get('model name', 'unknown')}, family {fields.get('cpu family')} model {fields.get('model')}"
