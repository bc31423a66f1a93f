#!/usr/bin/env python3
"""CTranslate2, the engine of faster-whisper: whisper_ct2.py MODEL_DIR float32|int8 THREADS [TOKENS [RUNS]]"""
from whisper_common import BEAMS, arguments, per_token, prompt_of, report, sound, timed

model_dir, precision, threads, tokens, runs = arguments()
import ctranslate2
import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor

model = None


def load():
    global model
    model = ctranslate2.models.Whisper(f'{model_dir}/ct2-{precision}', device='cpu', compute_type=precision, intra_threads=threads, inter_threads=1)


load_ms = timed(load)
extract, pcm = FeatureExtractor(feature_size=80), sound()
prompt, end = prompt_of(model_dir)


def mel():
    return np.ascontiguousarray(extract(pcm, padding=0)[None, :, :3000].astype(np.float32))


def encode(x):
    return model.encode(ctranslate2.StorageView.from_array(x))


def generate(states, n, beams):
    """n new tokens. CTranslate2 makes max_length/2 of them, or what all but the last of the prompt leave of it."""
    r = model.generate(states, [prompt], beam_size=beams, max_length=max(2 * n, n + len(prompt) - 1), suppress_blank=False, suppress_tokens=[end], length_penalty=0)
    assert len(r[0].sequences_ids[0]) == n, len(r[0].sequences_ids[0])


def whole(beams):
    generate(encode(mel()), tokens, beams)


x = mel()
mel_ms = timed(mel, runs)
encode(x)
encoder_ms = timed(lambda: np.asarray(model.encode(ctranslate2.StorageView.from_array(x), to_cpu=True)).sum(), runs)
states = encode(x)
report('CTranslate2', load_ms=load_ms, mel_ms=mel_ms, encoder_ms=encoder_ms,
       prompt_ms=timed(lambda: generate(states, 1, 1), runs),
       decode_ms_per_token=per_token(lambda n: generate(states, n, 1), 50, runs),
       beam_ms_per_step=per_token(lambda n: generate(states, n, BEAMS), 50, runs),
       total_ms=timed(lambda: whole(1), runs), beam_total_ms=timed(lambda: whole(BEAMS), runs))
