#!/usr/bin/env python3
"""How good the default models are, by one command; prints the tables of docs/quality.md, whose plots and figures it replaces.

    python bench/quality DATA OUT [--whisper DIR] [--kokoro DIR] [--piper FILE.onnx] [--nisqa DIR] [--sentences FILE] [--quick]

DATA is the packed data folder (manifest.tsv, speech/). OUT keeps sets, sounds and the result of each step: a run that was stopped goes
on where it was, and what a changed model does not touch is not measured again. All of it is about twenty minutes of two idle cores.
Without the options the rows that need them are left out, and it says so. Stages: sets.py, recognise.py (pocket.py), voices.py
(speakers.py), listeners.py, prosody.py, copysynthesis.py, naturalness.py, report.py (plots.py). docs/quality.md says how each figure is defined.

Needs Go, and Python with numpy, soundfile, soxr, matplotlib; pesq and pystoi for copy synthesis; pocketsphinx, flite and espeak-ng for
their rows; onnxruntime for Kokoro, piper-tts for Piper, torch, librosa, pandas, seaborn, pyyaml for NISQA, distillmos and xls-r-sqa for Distill-MOS."""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import copysynthesis
import report
from common import Work
from recognise import Recognise
from sets import Sets
from voices import Voices


def arguments():
    p = argparse.ArgumentParser(prog='python bench/quality', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('data', help='packed data folder')
    p.add_argument('out', help='folder for sets, sounds and results')
    p.add_argument('--whisper', help='folder that has Whisper models as whisper-NAME: rows of recognition, and the listener of voices (whisper-base)')
    p.add_argument('--kokoro', help="folder with teacher.onnx, config.json and voices/NAME.pt or .safetensors: rows of Kokoro")
    p.add_argument('--piper', help='a voice of Piper: its .onnx, the .onnx.json beside it')
    p.add_argument('--nisqa', help='copy of the NISQA repository (github.com/gabrielmittag/NISQA); its weights are CC BY-NC-SA')
    p.add_argument('--sentences', help='Harvard sentences, one a line; the first 40 are spoken (default: DATA/../tests/harvard-sentences.txt)')
    p.add_argument('--bin', help='folder with parley, listen, speak and probe, instead of building them')
    p.add_argument('--jobs', type=int, default=os.cpu_count(), help='how much to run at once where only errors are counted')
    p.add_argument('--only', choices=['recognise', 'voices'], help='one half of it')
    p.add_argument('--again', nargs='+', default=[], metavar='PATTERN', help='measure these results again, such as "latency-*"')
    p.add_argument('--quick', action='store_true', help='every 20th utterance and four sentences: does it run?')
    p.add_argument('--docs', action='store_true', help='write tables and plots into docs/quality.md and docs/quality/')
    return p.parse_args()


def main():
    work = Work(arguments())
    work.build()
    only, measured = work.args.only, {}
    if only in (None, 'recognise'):
        measured['recognise'] = Recognise(work, Sets(work)).measure()
    if only in (None, 'voices'):
        measured['voices'] = Voices(work).measure()
        measured['copy'] = copysynthesis.measure(work)
    report.write(work, measured)


if __name__ == '__main__':
    main()
