#!/usr/bin/env python3
"""onnxruntime's kernels (MLAS) as a server of bench/run.py: kernels_ort.py THREADS."""
import os
import sys
import tempfile

threads = int(sys.argv[1])
os.environ['OMP_NUM_THREADS'] = str(threads)
import logging

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from answer import serve

logging.disable(logging.WARNING)
from onnxruntime.quantization import QuantType, quantize_dynamic

rng = np.random.default_rng(1)
scratch = tempfile.TemporaryDirectory()


def normals(*shape):
    return rng.standard_normal(shape, dtype=np.float32)


def model(nodes, inputs, constants, path):
    """A graph whose result is y."""
    graph = helper.make_graph(
        nodes, 'g', [helper.make_tensor_value_info(n, TensorProto.FLOAT, x.shape) for n, x in inputs.items()],
        [helper.make_tensor_value_info('y', TensorProto.FLOAT, None)], [numpy_helper.from_array(x, n) for n, x in constants.items()])
    m = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 20), helper.make_opsetid('com.microsoft', 1)], ir_version=10)
    onnx.save(m, path)


def runner(path, inputs):
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads, options.log_severity_level = threads, 1, 3
    s = ort.InferenceSession(path, options, providers=['CPUExecutionProvider'])
    io = s.io_binding()
    for name, x in inputs.items():
        io.bind_cpu_input(name, x)
    io.bind_output('y', 'cpu')
    return lambda: s.run_with_iobinding(io)


def plain(node, inputs, constants):
    path = os.path.join(scratch.name, 'm.onnx')

    def make():
        model([node], inputs, constants, path)
        return runner(path, inputs)
    return make


def gemm(t):
    inputs, constants = {'x': normals(t['m'], t['k'])}, {'w': normals(t['k'], t['n'])}
    path, quantised = os.path.join(scratch.name, 'm.onnx'), os.path.join(scratch.name, 'q.onnx')
    node = helper.make_node('MatMul', ['x', 'w'], ['y'])

    def dynamic(per_channel):
        def make():
            model([node], inputs, constants, path)
            quantize_dynamic(path, quantised, weight_type=QuantType.QInt8, per_channel=per_channel)
            return runner(quantised, inputs)
        return make

    if t['precision'] == 'f32':
        yield 'MLAS', plain(node, inputs, constants)
    elif t['precision'] == 'int8':
        yield 'MLAS dynamic', dynamic(False)
        yield 'MLAS dynamic per channel', dynamic(True)


def attention(t):
    width = t['h'] * t['k']
    inputs = {'q': normals(1, t['m'], width), 'k': normals(1, t['n'], width), 'v': normals(1, t['n'], width)}
    node = helper.make_node('MultiHeadAttention', ['q', 'k', 'v'], ['y'], domain='com.microsoft', num_heads=t['h'])
    if t['precision'] == 'f32':
        yield 'MultiHeadAttention', plain(node, inputs, {})


def conv(t):
    pad = (t['r'] - 1) * t['d']
    groups = t['k'] if t['op'] == 'depthwise' else 1
    inputs = {'x': normals(1, t['k'], t['m'])}
    constants = {'w': normals(t['n'], t['k'] // groups, t['r']), 'b': normals(t['n'])}
    node = helper.make_node('Conv', ['x', 'w', 'b'], ['y'], dilations=[t['d']], pads=[pad // 2, pad - pad // 2], group=groups)
    if t['precision'] == 'f32':
        yield 'Conv', plain(node, inputs, constants)


def upsample(t):
    crop = (t['r'] - t['d']) // 2
    constants = {'w': normals(t['k'], t['n'], t['r']), 'b': normals(t['n'])}
    node = helper.make_node('ConvTranspose', ['x', 'w', 'b'], ['y'], strides=[t['d']], pads=[crop, crop])
    if t['precision'] == 'f32':
        yield 'ConvTranspose', plain(node, {'x': normals(1, t['k'], t['m'])}, constants)


def rows(t):
    inputs, n = {'x': normals(t['m'], t['n'])}, t['n']
    if t['op'] == 'softmax':
        yield 'MLAS', plain(helper.make_node('Softmax', ['x'], ['y']), inputs, {})
    elif t['op'] == 'layernorm':
        yield 'MLAS', plain(helper.make_node('LayerNormalization', ['x', 'g', 'b'], ['y']), inputs, {'g': normals(n), 'b': normals(n)})
    elif t['op'] == 'gelu':
        yield 'MLAS', plain(helper.make_node('Gelu', ['x'], ['y']), inputs, {})


serve(lambda t: {'gemm': gemm, 'attention': attention, 'conv': conv, 'depthwise': conv, 'upsample': upsample}.get(t['op'], rows)(t))
