"""PocketSphinx with its own en-us model, in a process of its own: python pocket.py < PATHS prints JSON. Needs pocketsphinx (pip)."""
import importlib.util
import json
import resource
import subprocess
import sys


def installed():
    return importlib.util.find_spec('pocketsphinx') is not None


def transcribe(paths):
    """{'text': one for each path, 'cpu': seconds, 'seconds': of sound, 'mb': memory}."""
    r = subprocess.run([sys.executable, __file__], input='\n'.join(paths), capture_output=True, text=True)
    if r.returncode != 0:
        raise SystemExit(f'pocket.py: {r.stderr.strip()[-600:]}')
    return json.loads(r.stdout)


def main():
    import numpy as np
    import pocketsphinx
    import soundfile as sf
    import soxr
    decoder, texts, seconds = pocketsphinx.Decoder(loglevel='FATAL'), [], 0
    for path in sys.stdin.read().splitlines():
        x, rate = sf.read(path, dtype='float32')
        x = x if rate == 16000 else soxr.resample(x, rate, 16000)
        seconds += len(x) / 16000
        decoder.start_utt()
        decoder.process_raw((np.clip(x, -1, 1) * 32767).astype(np.int16).tobytes(), full_utt=True)
        decoder.end_utt()
        texts.append(decoder.hyp().hypstr if decoder.hyp() else '')
    r = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps(dict(text=texts, cpu=r.ru_utime + r.ru_stime, seconds=seconds, mb=r.ru_maxrss / 1024)))


if __name__ == '__main__':
    main()
