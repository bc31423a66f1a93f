#!/usr/bin/env python3
"""PyTorch's kernels (MKL, oneDNN, ATen) as a server of bench/run.py: kernels_torch.py THREADS. The instruction set is limited
by the environment: ATEN_CPU_CAPABILITY, ONEDNN_MAX_CPU_ISA, MKL_ENABLE_INSTRUCTIONS."""
import os
import sys

threads = int(sys.argv[1])
os.environ['OMP_NUM_THREADS'] = str(threads)
import torch
import torch.ao.quantization  # registers the operators of oneDNN
import torch.nn.functional as F
from answer import serve

torch.set_num_threads(threads)
torch.set_grad_enabled(False)
torch.backends.quantized.engine = 'onednn'
torch.manual_seed(1)
ops = torch.ops


def gemm(t):
    m, k, n = t['m'], t['k'], t['n']
    x, w, b = torch.randn(m, k), torch.randn(n, k), torch.randn(n)

    def packed(x, w, b):
        p = ops.mkldnn._reorder_linear_weight(w, m)
        return lambda: ops.mkldnn._linear_pointwise(x, p, b, 'none', [], '')

    def qlinear():  # weights prepacked, activations given in 8 bits with one scale for all: less work than ours
        x8 = torch.randint(0, 255, (m, k), dtype=torch.uint8)
        w8 = torch.randint(-127, 127, (n, k), dtype=torch.int8)
        scale, zero = torch.full((n,), 0.01), torch.zeros(n, dtype=torch.int32)
        p = ops.onednn.qlinear_prepack(w8, [m, k])
        return lambda: ops.onednn.qlinear_pointwise(x8, 0.01, 128, p, scale, zero, b, 1.0, 0, torch.float32, 'none', [], '')

    def dynamic():  # activations in float32, quantised at run time, as ours
        w8 = torch.quantize_per_channel(w, w.abs().amax(1) / 127, torch.zeros(n, dtype=torch.int64), 0, torch.qint8)
        p = ops.quantized.linear_prepack(w8, b)
        return lambda: ops.quantized.linear_dynamic(x, p)

    if t['precision'] == 'f32':
        yield 'MKL', lambda: lambda: F.linear(x, w, b)
        yield 'oneDNN packed', lambda: packed(x, w, b)
    elif t['precision'] == 'bf16':
        xb, wb, bb = x.bfloat16(), w.bfloat16(), b.bfloat16()
        yield 'oneDNN', lambda: lambda: F.linear(xb, wb, bb)
        yield 'oneDNN packed', lambda: packed(xb, wb, bb)
    else:
        yield 'oneDNN qlinear', qlinear
        yield 'oneDNN dynamic', dynamic


def attention(t):
    kind = torch.bfloat16 if t['precision'] == 'bf16' else torch.float32
    q = torch.randn(1, t['h'], t['m'], t['k']).to(kind)
    k, v = (torch.randn(1, t['h'], t['n'], t['k']).to(kind) for _ in 'kv')
    yield 'SDPA', lambda: lambda: F.scaled_dot_product_attention(q, k, v)


def conv(t):
    kind = torch.bfloat16 if t['precision'] == 'bf16' else torch.float32
    groups = t['k'] if t['op'] == 'depthwise' else 1
    x = torch.randn(1, t['k'], t['m']).to(kind)
    w, b = torch.randn(t['n'], t['k'] // groups, t['r']).to(kind), torch.randn(t['n']).to(kind)
    if t['precision'] != 'int8':
        yield 'conv1d', lambda: lambda: F.conv1d(x, w, b, padding='same', dilation=t['d'], groups=groups)


def upsample(t):
    kind = torch.bfloat16 if t['precision'] == 'bf16' else torch.float32
    x, w, b = torch.randn(1, t['k'], t['m']).to(kind), torch.randn(t['k'], t['n'], t['r']).to(kind), torch.randn(t['n']).to(kind)
    if t['precision'] != 'int8':
        yield 'conv_transpose1d', lambda: lambda: F.conv_transpose1d(x, w, b, stride=t['d'], padding=(t['r'] - t['d']) // 2)


def rows(t):
    x = torch.randn(t['m'], t['n'])
    g, b = torch.randn(t['n']), torch.randn(t['n'])
    yield 'ATen', lambda: {
        'softmax': lambda: torch.softmax(x, -1),
        'layernorm': lambda: F.layer_norm(x, (t['n'],), g, b),
        'gelu': lambda: F.gelu(x),
    }[t['op']]


def logmel(t):
    x, window, filters = torch.randn(480000), torch.hann_window(400), torch.rand(80, 201)

    def op():
        s = torch.stft(x, 400, 160, window=window, return_complex=True)[..., :-1].abs() ** 2
        m = torch.clamp(filters @ s, min=1e-10).log10()
        return (torch.maximum(m, m.max() - 8) + 4) / 4
    yield 'stft', lambda: op


serve(lambda t: {'gemm': gemm, 'attention': attention, 'conv': conv, 'depthwise': conv, 'upsample': upsample, 'logmel': logmel}.get(t['op'], rows)(t))
