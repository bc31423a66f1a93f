"""Who can speak: every speaker writes FOLDER/NN.wav for its sentences and returns what it measured: seconds of processor over seconds of
sound, and milliseconds to the first sound of a sentence, the model loaded already (None where that cannot be told), all on one core."""
import glob
import importlib.util
import json
import os
import re
import shutil
import subprocess
import time

import numpy as np
import soundfile as sf

from common import VOICE, first_byte, median, usage

ONE = {**os.environ, 'GOMAXPROCS': '1', 'OMP_NUM_THREADS': '1'}


def seconds(folder):
    return sum(sf.info(p).duration for p in glob.glob(folder + '/*.wav'))


class Own:
    """A built-in voice of speak."""

    def __init__(self, work, name):
        self.work, self.name, self.label = work, name, f'Parley {name}'

    def say(self, sentences, folder):
        speak = [self.work.tool('speak'), '-v', self.name]
        for i, s in enumerate(sentences):
            subprocess.run([*speak, '-o', f'{folder}/{i:02d}.wav', '--', s], check=True, env=ONE)
        text = folder + '/text.txt'
        with open(text, 'w') as f:
            print(*sentences, sep='\n', file=f)
        u = usage(['sh', '-c', f'exec "$0" "$@" < "{text}"', *speak, '-o', folder + '.wav'])
        warm = self.work.json('taskset', '-c', str(os.cpu_count() - 1), self.work.tool('probe'), 'say', '-voice', self.name, stdin=open(text))
        cold = median([first_byte([*speak, '--format', 'raw', '--', sentences[0]]) for _ in range(5)])
        out = dict(rtf=u['cpu'] / sf.info(folder + '.wav').duration, mb=u['mb'], first=median(warm['first']), cold=cold)
        os.remove(folder + '.wav')
        return out


class Kokoro:
    """Kokoro-82M (int8) by onnxruntime, on the phonemes of our front end, which has its alphabet."""

    def __init__(self, work, folder, voice):
        self.work, self.folder, self.voice, self.label = work, folder, voice, f'Kokoro {voice}'

    def say(self, sentences, folder):
        import onnxruntime
        o = onnxruntime.SessionOptions()
        o.intra_op_num_threads, o.inter_op_num_threads, o.log_severity_level = 1, 1, 3
        session = onnxruntime.InferenceSession(self.folder + '/teacher.onnx', o, providers=['CPUExecutionProvider'])
        vocab, style = json.load(open(self.folder + '/config.json'))['vocab'], self.style()
        cpu, first, sound = 0, [], session.get_outputs()[0].name
        spelt = self.work.json(self.work.tool('probe'), 'phonemes', VOICE, input='\n'.join(sentences))
        for i, p in enumerate(spelt):
            ids = [vocab[c] for c in p if c in vocab]
            start, clock = time.process_time(), time.time()
            x = session.run([sound], {'tokens': np.array([[0, *ids, 0]]), 'style': style[len(ids) - 1].reshape(1, 256),
                                      'speed': np.ones(1, np.float32)})[0].ravel()
            cpu += time.process_time() - start
            first.append(1000 * (time.time() - clock))
            sf.write(f'{folder}/{i:02d}.wav', np.clip(x, -1, 1), 24000)
        return dict(rtf=cpu / seconds(folder), first=median(first))

    def style(self):
        path = glob.glob(f'{self.folder}/voices/{self.voice}.*')[0]
        if path.endswith('.pt'):
            import torch
            return torch.load(path, weights_only=True).numpy().astype(np.float32)
        from safetensors.numpy import load_file
        return load_file(path)['style'].astype(np.float32)


class Piper:
    """A voice of Piper by its own package."""

    def __init__(self, path):
        self.path = path
        self.label = 'Piper ' + re.sub(r'^[a-z]+_[A-Z]+-', '', os.path.basename(path)[:-5]).replace('-', ' ')

    def say(self, sentences, folder):
        import wave
        from piper import PiperVoice
        voice = PiperVoice.load(self.path)
        cpu, first = 0, []
        for i, s in enumerate(sentences):
            with wave.open(f'{folder}/{i:02d}.wav', 'wb') as f:
                start, clock = time.process_time(), time.time()
                voice.synthesize_wav(s, f)
                cpu += time.process_time() - start
                first.append(1000 * (time.time() - clock))
        return dict(rtf=cpu / seconds(folder), first=median(first))


class Program:
    """A program that writes a file for a sentence; it is not told apart from the loading of its voice."""

    def __init__(self, label, command):
        self.label, self.command = label, command

    def say(self, sentences, folder):
        cpu = 0
        for i, s in enumerate(sentences):
            cpu += usage([a.format(out=f'{folder}/{i:02d}.wav', text=s) for a in self.command])['cpu']
        return dict(rtf=cpu / seconds(folder), first=None)


class Recordings:
    """A person reading sentences of their own: what the listeners and predictors make of real speech."""

    def __init__(self, label, sounds):
        self.label, self.sounds = label, sounds

    def say(self, sentences, folder):
        for i, (_, x, rate) in enumerate(self.sounds):
            sf.write(f'{folder}/{i:02d}.wav', x, rate)
        return dict(rtf=None, first=None)


def own_voices(work):
    """The built-in voices, the default first."""
    return [Own(work, name) for name in work.json(work.tool('probe'), 'voices')]


def speakers(work):
    """Yields a speaker, and says on the terminal who is missing."""
    a = work.args
    yield from own_voices(work)
    if a.kokoro and importlib.util.find_spec('onnxruntime'):
        for path in sorted(glob.glob(a.kokoro + '/voices/*')):
            name = os.path.basename(path).split('.')[0]
            if name in ('af_heart', 'am_michael'):
                yield Kokoro(work, a.kokoro, name)
    else:
        print('no Kokoro: --kokoro names its folder, onnxruntime runs it')
    if a.piper and importlib.util.find_spec('piper'):
        yield Piper(a.piper)
    else:
        print('no Piper: --piper names a voice, piper-tts runs it')
    for label, command in (('flite slt', ['flite', '-voice', 'slt', '-t', '{text}', '-o', '{out}']),
                           ('espeak-ng en-us', ['espeak-ng', '-v', 'en-us', '-w', '{out}', '{text}'])):
        if shutil.which(command[0]):
            yield Program(label, command)
        else:
            print(f'no {command[0]}: not installed')
