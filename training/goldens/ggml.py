"""Convert a Whisper directory of Hugging Face into a ggml file of whisper.cpp, for tests and comparisons.

    python training/goldens/ggml.py DIR OUT.bin [f32|f16|q4_0|q4_1|q5_0|q5_1|q8_0]

Matrices are quantised in blocks of 32 as ggml does; vectors, positions and convolutions are not.
"""
import json
import os
import struct
import sys

import numpy as np
from safetensors import safe_open
from transformers.audio_utils import mel_filter_bank

KINDS = {"f32": (0, 0), "f16": (1, 1), "q4_0": (2, 2), "q4_1": (3, 3), "q8_0": (8, 7), "q5_0": (6, 8), "q5_1": (7, 9)}  # tensor, file
WORDS = [
    ("model.", ""), (".layers.", ".blocks."), ("encoder_attn_layer_norm", "cross_attn_ln"), ("self_attn_layer_norm", "attn_ln"),
    ("final_layer_norm", "mlp_ln"), ("encoder_attn.", "cross_attn."), ("self_attn.", "attn."), ("q_proj", "query"), ("k_proj", "key"),
    ("v_proj", "value"), ("out_proj", "out"), (".fc1.", ".mlp.0."), (".fc2.", ".mlp.2."), ("embed_positions.weight", "positional_embedding"),
    ("embed_tokens", "token_embedding"), ("encoder.layer_norm", "encoder.ln_post"), ("decoder.layer_norm", "decoder.ln"),
]


def tokens(path):
    """Bytes of the text tokens by id."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spelled = {chr(b): b for b in printable}
    spelled.update({chr(256 + i): b for i, b in enumerate(b for b in range(256) if b not in printable)})
    vocab = json.load(open(os.path.join(path, "tokenizer.json")))["model"]["vocab"]
    pieces = sorted(vocab, key=vocab.get)
    return [bytes(spelled[c] for c in p) if not p.startswith("<|") else b"" for p in pieces]


def quantise(x, kind):
    """Blocks of 32 values of x, as bytes."""
    x = x.reshape(-1, 32).astype(np.float32)
    bits = int(kind[1])
    signed = np.take_along_axis(x, np.abs(x).argmax(1)[:, None], 1)[:, 0]  # the value of greatest magnitude
    if kind == "q8_0":
        d = np.abs(signed) / 127
        q = np.rint(x * inverse(d)).astype(np.int8)
        return np.concatenate([half(d), q.view(np.uint8)], 1).tobytes()
    if kind.endswith("0"):
        d, m = signed / -(2 ** (bits - 1)), None
        q = x * inverse(d) + 2 ** (bits - 1) + 0.5
    else:
        m = x.min(1)
        d = (x.max(1) - m) / (2**bits - 1)
        q = (x - m[:, None]) * inverse(d) + 0.5
    q = np.clip(np.floor(q), 0, 2**bits - 1).astype(np.uint8)
    parts = [half(d)] + ([half(m)] if m is not None else [])
    if bits == 5:
        high = ((q >> 4).astype(np.uint32) << np.arange(32, dtype=np.uint32)).sum(1).astype("<u4")
        parts.append(high[:, None].view(np.uint8))
    parts.append((q[:, :16] & 15) | ((q[:, 16:] & 15) << 4))
    return np.concatenate(parts, 1).tobytes()


def inverse(d):
    return np.divide(1, d, out=np.zeros_like(d), where=d != 0)[:, None]


def half(d):
    return d.astype("<f2")[:, None].view(np.uint8)


def main():
    path, out, kind = sys.argv[1], sys.argv[2], (sys.argv[3:] or ["f16"])[0]
    c = json.load(open(os.path.join(path, "config.json")))
    names = "vocab_size max_source_positions d_model encoder_attention_heads encoder_layers max_target_positions d_model " \
        "decoder_attention_heads decoder_layers num_mel_bins"
    shape = [c[n] for n in names.split()]
    filters = mel_filter_bank(201, c["num_mel_bins"], 0, 8000, 16000, norm="slaney", mel_scale="slaney").T.astype("<f4")
    vocabulary = tokens(path)
    with open(out, "wb") as f:
        f.write(struct.pack("<12i", 0x67676D6C, *shape, KINDS[kind][1]))
        f.write(struct.pack("<2i", *filters.shape) + filters.tobytes())
        f.write(struct.pack("<i", len(vocabulary)))
        for t in vocabulary:
            f.write(struct.pack("<i", len(t)) + t)
        with safe_open(os.path.join(path, "model.safetensors"), "np") as w:
            for name in w.keys():
                if name != "proj_out.weight":
                    tensor(f, name, w.get_tensor(name), kind)


def tensor(f, name, x, kind):
    for old, new in WORDS:
        name = name.replace(old, new)
    if name.startswith("encoder.conv") and name.endswith("bias"):
        x = x[:, None]
    if x.ndim < 2 or x.shape[-1] == 1 or "positional" in name or kind == "f32":
        use = "f32"
    else:
        use = "f16" if x.ndim == 3 else kind
    f.write(struct.pack("<3i", x.ndim, len(name), KINDS[use][0]) + struct.pack(f"<{x.ndim}i", *x.shape[::-1]) + name.encode())
    f.write(quantise(x, use) if use[0] == "q" else x.astype({"f32": "<f4", "f16": "<f2"}[use]).tobytes())


main()
