#!/usr/bin/env python3
"""PyTorch with transformers: whisper_torch.py MODEL_DIR float32|bfloat16 THREADS [TOKENS [RUNS]]

Five beams are a batch of five without the search between the steps."""
from whisper_common import BEAMS, arguments, per_token, prompt_of, report, sound, timed

model_dir, precision, threads, tokens, runs = arguments()
import torch
import transformers
from transformers import DynamicCache, EncoderDecoderCache, WhisperFeatureExtractor, WhisperForConditionalGeneration

torch.set_num_threads(threads)
torch.set_grad_enabled(False)
transformers.logging.set_verbosity_error()
kind = getattr(torch, precision)
model = None


def load():
    global model
    model = WhisperForConditionalGeneration.from_pretrained(model_dir, dtype=kind).eval()


load_ms = timed(load)
extract, pcm = WhisperFeatureExtractor(feature_size=80), sound()
prompt, end = prompt_of(model_dir)


def mel():
    return extract(pcm, sampling_rate=16000, return_tensors='pt').input_features.to(kind)


def encode(x):
    return model.model.encoder(x).last_hidden_state


def decode(states, n, beams):
    """The prompt, then n tokens."""
    cache, states = EncoderDecoderCache(DynamicCache(), DynamicCache()), states.expand(beams, -1, -1)
    token = torch.tensor([prompt] * beams)
    for _ in range(n):
        y = model.model.decoder(input_ids=token, encoder_hidden_states=states, past_key_values=cache, use_cache=True).last_hidden_state
        logits = model.proj_out(y[:, -1:])
        logits[:, :, end] = -torch.inf
        token = logits.argmax(-1)


x = mel()
mel_ms = timed(mel, runs)
states = encode(x)
encoder_ms = timed(lambda: encode(x), runs)
report('PyTorch', load_ms=load_ms, mel_ms=mel_ms, encoder_ms=encoder_ms,
       prompt_ms=timed(lambda: decode(states, 1, 1), runs),
       decode_ms_per_token=per_token(lambda n: decode(states, n, 1), 25, runs),
       beam_ms_per_step=per_token(lambda n: decode(states, n, BEAMS), 25, runs),
       total_ms=timed(lambda: decode(encode(mel()), tokens, 1), max(2, runs // 2)))
