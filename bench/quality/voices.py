"""Voices: everybody says the same Harvard sentences; then they are listened to (listeners.py), measured (prosody.py) and judged
(naturalness.py)."""
import os

from common import RECOGNIZER, VOICE, fingerprint
from listeners import listen
from naturalness import distill, nisqa
from prosody import prosody
from sets import decode, manifest, packed
from speakers import Own, Recordings, speakers

REFERENCE = 'Kokoro af_heart'   # whose durations and F0 others are compared with


class Voices:
    def __init__(self, work):
        self.work = work
        path = work.args.sentences or f'{work.data}/../tests/harvard-sentences.txt'
        lines = [l.strip() for l in open(path)]
        self.sentences = [l for l in lines if l and not l.startswith('#')][:4 if work.quick else 40]
        self.ear = fingerprint(RECOGNIZER)

    def measure(self):
        """{label: measures}."""
        out, ours = {}, fingerprint(VOICE)
        for s in [*speakers(self.work), *self.people()]:
            folder, texts = f'{self.work.out}/voices/{s.label.replace(" ", "-")}', self.texts(s)
            os.makedirs(folder, exist_ok=True)
            voice = ours if isinstance(s, Own) else ''
            name = s.label.replace(' ', '-')
            made = self.work.result(f'voice-{name}', lambda: s.say(texts, folder), voice)
            heard = listen(self.work, name, folder, texts, voice, self.ear)
            out[s.label] = made | heard | dict(
                prosody=self.work.result(f'prosody-{name}', lambda: prosody(folder, len(texts)), voice),
                nisqa=self.work.result(f'nisqa-{name}', lambda: nisqa(self.work.args.nisqa, folder), voice) if self.work.args.nisqa else None,
                distill=self.work.result(f'distill-{name}', lambda: distill(folder), voice))
        if not self.work.args.nisqa:
            print('no naturalness: --nisqa names a copy of its repository')
        return out

    def people(self):
        """The persons of the data folder that a voice of ours may be made from."""
        rows = [r for r in manifest(self.work.data) if r['corpus'] == 'kathleen' and r['use'] == 'dev'][:len(self.sentences)]
        sounds = [(r['text'], decode(data, 24000), 24000) for r, data in packed(self.work.data, rows)]
        yield Recordings('kathleen, recordings', sounds)

    def texts(self, speaker):
        return [t for t, _, _ in speaker.sounds] if isinstance(speaker, Recordings) else self.sentences
