#!/usr/bin/env python3
"""whisper.cpp by its C interface: WHISPER_CPP=libwhisper.so whisper_cpp.py MODEL_DIR f16|q8_0 THREADS [TOKENS [RUNS]]

Five beams are five tokens in one call, as in its own benchmark, without the search between the steps."""
import ctypes
import os
from ctypes import POINTER, c_bool, c_char_p, c_float, c_int, c_size_t, c_void_p

from whisper_common import BEAMS, arguments, per_token, prompt_of, report, sound, timed

model_dir, precision, threads, tokens, runs = arguments()


class Params(ctypes.Structure):
    """whisper_context_params of version 1.9."""
    _fields_ = [('use_gpu', c_bool), ('flash_attn', c_bool), ('gpu_device', c_int), ('dtw', c_bool), ('preset', c_int), ('top', c_int),
                ('heads', c_size_t), ('head', c_void_p), ('memory', c_size_t)]


lib = ctypes.CDLL(os.environ['WHISPER_CPP'])
lib.whisper_context_default_params.restype = Params
lib.whisper_init_from_file_with_params.restype = c_void_p
lib.whisper_init_from_file_with_params.argtypes = [c_char_p, Params]
lib.whisper_pcm_to_mel.argtypes = [c_void_p, POINTER(c_float), c_int, c_int]
lib.whisper_encode.argtypes = [c_void_p, c_int, c_int]
lib.whisper_decode.argtypes = [c_void_p, POINTER(c_int), c_int, c_int, c_int]
lib.whisper_get_logits.argtypes = [c_void_p]
lib.whisper_get_logits.restype = POINTER(c_float)
LOG = ctypes.CFUNCTYPE(None, c_int, c_char_p, c_void_p)
quiet = LOG(lambda *_: None)
lib.whisper_log_set(quiet, None)
model = None


def load():
    global model
    p = lib.whisper_context_default_params()
    p.use_gpu = False
    model = lib.whisper_init_from_file_with_params(f'{model_dir}/ggml-{precision}.bin'.encode(), p)
    assert model, 'whisper.cpp cannot read the model'


def mel():
    assert lib.whisper_pcm_to_mel(model, pcm.ctypes.data_as(POINTER(c_float)), len(pcm), threads) == 0


def encode():
    assert lib.whisper_encode(model, 0, threads) == 0


def decode(n, beams=1):
    """The prompt, then n tokens, or n times beams tokens."""
    assert lib.whisper_decode(model, (c_int * len(prompt))(*prompt), len(prompt), 0, threads) == 0
    for i in range(n - 1):
        logits = np.ctypeslib.as_array(lib.whisper_get_logits(model), (vocabulary,))
        logits[end] = -np.inf
        token = int(logits.argmax())
        assert lib.whisper_decode(model, (c_int * beams)(*[token] * beams), beams, len(prompt) + i, threads) == 0


def whole():
    mel()
    encode()
    decode(tokens)


import numpy as np

load_ms = timed(load)
pcm = sound()
prompt, end = prompt_of(model_dir)
vocabulary = lib.whisper_n_vocab(c_void_p(model))
mel_ms = timed(mel, runs)
encode()
encoder_ms = timed(encode, runs)
report('whisper.cpp', load_ms=load_ms, mel_ms=mel_ms, encoder_ms=encoder_ms, prompt_ms=timed(lambda: decode(1), runs),
       decode_ms_per_token=per_token(decode, 25, runs), beam_ms_per_step=per_token(lambda n: decode(n, BEAMS), 25, runs),
       total_ms=timed(whole, max(2, runs // 2)))
