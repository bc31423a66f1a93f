#!/usr/bin/env python3
"""onnxruntime, on graphs of whisper_make.py: whisper_ort.py MODEL_DIR float32|int8 THREADS [TOKENS [RUNS]]

The spectrum is faster-whisper's, for onnxruntime has none. The decoder takes the prompt token by token. Five beams are a batch
of five without the search between the steps."""
from whisper_common import BEAMS, arguments, per_token, prompt_of, report, sound, timed

model_dir, precision, threads, tokens, runs = arguments()
import numpy as np
import onnxruntime as ort
from faster_whisper.feature_extractor import FeatureExtractor

options = ort.SessionOptions()
options.intra_op_num_threads, options.inter_op_num_threads, options.log_severity_level = threads, 1, 3
suffix = '.int8.onnx' if precision == 'int8' else '.onnx'
encoder = decoder = None


def load():
    global encoder, decoder
    encoder, decoder = (ort.InferenceSession(f'{model_dir}/onnx/{n}{suffix}', options, providers=['CPUExecutionProvider']) for n in ('encoder', 'decoder'))


load_ms = timed(load)
extract, pcm = FeatureExtractor(feature_size=80), sound()
prompt, end = prompt_of(model_dir)
cross = [o.name for o in encoder.get_outputs()]
heads = encoder.get_outputs()[0].shape[1]
past = [i.name for i in decoder.get_inputs() if i.name.startswith('past_')]
results = [o.name for o in decoder.get_outputs()]


def mel():
    return extract(pcm, padding=0)[None, :, :3000].astype(np.float32)


def encode(x):
    return encoder.run(None, {'mel': x})


def decode(kv, n, beams):
    """The prompt, then n tokens."""
    kv = [ort.OrtValue.ortvalue_from_numpy(np.repeat(a, beams, 0)) for a in kv]
    state = [ort.OrtValue.ortvalue_from_numpy(np.zeros((beams, heads, 0, 64), np.float32)) for _ in past]
    io = decoder.io_binding()
    for name, v in zip(cross, kv):
        io.bind_ortvalue_input(name, v)
    token = None
    for i in range(len(prompt) + n - 1):
        if i < len(prompt):
            token = np.full((beams, 1), prompt[i], np.int64)
        io.bind_cpu_input('token', token)
        io.bind_cpu_input('position', np.array([i], np.int64))
        for name, v in zip(past, state):
            io.bind_ortvalue_input(name, v)
        for name in results:
            io.bind_output(name, 'cpu')
        decoder.run_with_iobinding(io)
        out = io.get_outputs()
        state = out[1:]
        if i >= len(prompt) - 1:
            logits = out[0].numpy()
            logits[:, :, end] = -np.inf
            token = logits.argmax(-1).astype(np.int64)


x = mel()
mel_ms = timed(mel, runs)
kv = encode(x)
encoder_ms = timed(lambda: encode(x), runs)
report('onnxruntime', load_ms=load_ms, mel_ms=mel_ms, encoder_ms=encoder_ms,
       prompt_ms=timed(lambda: decode(kv, 1, 1), runs),
       decode_ms_per_token=per_token(lambda n: decode(kv, n, 1), 50, runs),
       beam_ms_per_step=per_token(lambda n: decode(kv, n, BEAMS), 50, runs),
       total_ms=timed(lambda: decode(encode(mel()), tokens, 1), runs))
