#!/usr/bin/env python3
"""Makes the files that the other engines need of Whisper models.

    whisper_make.py random OUT WHISPER_DIR tiny base small   OUT/random-tiny/... with random weights of the published shapes;
                                                             the tokenizer is that of WHISPER_DIR, any multilingual Whisper
    whisper_make.py convert MODEL_DIR...                     MODEL_DIR/{ct2-float32,ct2-int8,onnx,ggml-f16.bin} of each

MODEL_DIR is a Hugging Face directory. whisper.cpp's quantize makes ggml-q8_0.bin of ggml-f16.bin."""
import json
import os
import shutil
import struct
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperForConditionalGeneration

WIDTHS = {'tiny': (384, 6, 4), 'base': (512, 8, 6), 'small': (768, 12, 12)}  # width, heads, layers
COPIED = ('tokenizer.json', 'preprocessor_config.json', 'generation_config.json')


def random_model(out, tokenizer, size):
    width, heads, layers = WIDTHS[size]
    torch.manual_seed(1)
    m = WhisperForConditionalGeneration(WhisperConfig(
        vocab_size=51865, d_model=width, encoder_layers=layers, decoder_layers=layers, encoder_attention_heads=heads,
        decoder_attention_heads=heads, encoder_ffn_dim=4 * width, decoder_ffn_dim=4 * width))
    for name, p in m.named_parameters():
        if name.endswith('bias'):
            p.data = torch.randn(p.shape) * 0.02
    m.half().save_pretrained(f'{out}/random-{size}')
    for name in COPIED:
        shutil.copy(f'{tokenizer}/{name}', f'{out}/random-{size}/{name}')


def to_ct2(model_dir):
    import ctranslate2
    for kind in ('float32', 'int8'):
        ctranslate2.converters.TransformersConverter(model_dir).convert(f'{model_dir}/ct2-{kind}', quantization=kind, force=True)


def split(x, heads):
    """(B, T, D) to (B, H, T, 64)."""
    return x.view(x.shape[0], x.shape[1], heads, -1).transpose(1, 2)


def attended(a, q, k, v):
    y = torch.softmax(q * a.head_dim ** -0.5 @ k.transpose(2, 3), -1) @ v
    return a.out_proj(y.transpose(1, 2).flatten(2))


class Encoder(nn.Module):
    """From the mel spectrum to the keys and values that the decoder's cross attention needs."""

    def __init__(self, m):
        super().__init__()
        self.m, self.heads = m, m.config.encoder_attention_heads

    def forward(self, mel):
        e = self.m.model.encoder
        x = F.gelu(e.conv2(F.gelu(e.conv1(mel)))).transpose(1, 2) + e.embed_positions.weight
        for l in e.layers:
            a, h = l.self_attn, l.self_attn_layer_norm(x)
            x = x + attended(a, *(split(p(h), self.heads) for p in (a.q_proj, a.k_proj, a.v_proj)))
            x = x + l.fc2(F.gelu(l.fc1(l.final_layer_norm(x))))
        x = e.layer_norm(x)
        return tuple(split(p(x), self.heads) for l in self.m.model.decoder.layers for p in (l.encoder_attn.k_proj, l.encoder_attn.v_proj))


class Decoder(nn.Module):
    """One token of each beam, with the keys and values before it."""

    def __init__(self, m):
        super().__init__()
        self.m, self.heads = m, m.config.decoder_attention_heads

    def forward(self, token, position, *kv):  # of every layer the past keys and values, then of every layer the cross ones
        d, new = self.m.model.decoder, []
        x = d.embed_tokens(token) + d.embed_positions.weight[position]
        for i, l in enumerate(d.layers):
            a, h = l.self_attn, l.self_attn_layer_norm(x)
            k = torch.cat([kv[2 * i], split(a.k_proj(h), self.heads)], 2)
            v = torch.cat([kv[2 * i + 1], split(a.v_proj(h), self.heads)], 2)
            new += [k, v]
            x = x + attended(a, split(a.q_proj(h), self.heads), k, v)
            a, h = l.encoder_attn, l.encoder_attn_layer_norm(x)
            cross = 2 * len(d.layers) + 2 * i
            x = x + attended(a, split(a.q_proj(h), self.heads), kv[cross], kv[cross + 1])
            x = x + l.fc2(F.gelu(l.fc1(l.final_layer_norm(x))))
        return (F.linear(d.layer_norm(x), d.embed_tokens.weight), *new)


def to_onnx(model_dir):
    from onnxruntime.quantization import QuantType, quantize_dynamic
    m = WhisperForConditionalGeneration.from_pretrained(model_dir, attn_implementation='eager', dtype=torch.float32).eval()
    layers, heads, out = m.config.decoder_layers, m.config.decoder_attention_heads, f'{model_dir}/onnx'
    os.makedirs(out, exist_ok=True)
    cross, past, new = ([f'{p}{c}{i}' for i in range(layers) for c in 'kv'] for p in ('cross_', 'past_', 'new_'))
    with torch.no_grad():
        mel = torch.randn(1, m.config.num_mel_bins, 3000)
        kv = Encoder(m)(mel)
        torch.onnx.export(Encoder(m), (mel,), f'{out}/encoder.onnx', input_names=['mel'], output_names=cross, dynamo=False, opset_version=17)
        axes = {'token': {0: 'beam'}, 'logits': {0: 'beam'}, **{n: {0: 'beam'} for n in cross}, **{n: {0: 'beam', 2: 'time'} for n in past + new}}
        args = (torch.tensor([[5], [6]]), torch.tensor([4]), *(torch.randn(2, heads, 4, 64) for _ in past), *(torch.cat([t, t]) for t in kv))
        torch.onnx.export(Decoder(m), args, f'{out}/decoder.onnx', input_names=['token', 'position', *past, *cross], output_names=['logits', *new],
                          dynamic_axes=axes, dynamo=False, opset_version=17)
    for name, kinds in (('encoder', ['MatMul']), ('decoder', ['MatMul', 'Gather'])):
        quantize_dynamic(f'{out}/{name}.onnx', f'{out}/{name}.int8.onnx', weight_type=QuantType.QInt8, op_types_to_quantize=kinds)


# Names of whisper.cpp's tensors, by pieces of Hugging Face's.
NAMES = [('model.', ''), ('layers.', 'blocks.'), ('encoder_attn_layer_norm', 'cross_attn_ln'), ('self_attn_layer_norm', 'attn_ln'),
         ('encoder_attn', 'cross_attn'), ('self_attn', 'attn'), ('k_proj', 'key'), ('q_proj', 'query'), ('v_proj', 'value'), ('out_proj', 'out'),
         ('fc1', 'mlp.0'), ('fc2', 'mlp.2'), ('final_layer_norm', 'mlp_ln'), ('encoder.layer_norm', 'encoder.ln_post'),
         ('decoder.layer_norm', 'decoder.ln'), ('embed_positions.weight', 'positional_embedding'), ('embed_tokens', 'token_embedding')]


def token_bytes(model_dir):
    """The bytes of every ordinary token, in order."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    byte_of = {chr(b): b for b in printable}
    byte_of.update({chr(256 + i): b for i, b in enumerate(b for b in range(256) if b not in printable)})
    vocabulary = json.load(open(f'{model_dir}/tokenizer.json'))['model']['vocab']
    return [bytes(byte_of[c] for c in t) for t in sorted(vocabulary, key=vocabulary.get) if all(c in byte_of for c in t)]


def to_ggml(model_dir):
    m = WhisperForConditionalGeneration.from_pretrained(model_dir, dtype=torch.float32)
    c = m.config
    with open(f'{model_dir}/ggml-f16.bin', 'wb') as f:
        f.write(struct.pack('12i', 0x67676d6c, c.vocab_size, c.max_source_positions, c.d_model, c.encoder_attention_heads, c.encoder_layers,
                            c.max_target_positions, c.d_model, c.decoder_attention_heads, c.decoder_layers, c.num_mel_bins, 1))
        filters = np.float32(WhisperFeatureExtractor(feature_size=c.num_mel_bins).mel_filters.T)
        f.write(struct.pack('2i', *filters.shape) + np.ascontiguousarray(filters).tobytes())
        tokens = token_bytes(model_dir)
        f.write(struct.pack('i', len(tokens)) + b''.join(struct.pack('i', len(t)) + t for t in tokens))
        for name, w in m.state_dict().items():
            if name == 'proj_out.weight':
                continue
            for old, new in NAMES:
                name = name.replace(old, new)
            small = w.ndim < 2 or 'positional' in name
            if name.startswith('encoder.conv') and name.endswith('bias'):
                w = w[:, None]
            data = w.numpy().astype(np.float32 if small else np.float16)
            f.write(struct.pack('3i', data.ndim, len(name), int(not small)) + struct.pack(f'{data.ndim}i', *data.shape[::-1]))
            f.write(name.encode() + data.tobytes())


if sys.argv[1] == 'random':
    for size in sys.argv[4:]:
        random_model(sys.argv[2], sys.argv[3], size)
else:
    for model_dir in sys.argv[2:]:
        for convert in (to_ggml, to_ct2, to_onnx):
            convert(model_dir)
        print(model_dir, flush=True)
