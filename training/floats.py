"""Weights as the engine has them, back in floats."""
import os
import safetensors.torch, torch


def load(path):
    """The tensors of a safetensors file by name, in f32; also where training/cmd/quantize made 8 bits of them, a scale for each output, and
    training/compress.py compressed the file."""
    if os.path.exists(path):
        w = safetensors.torch.load_file(path)
    else:
        import zstandard
        w = safetensors.torch.load(zstandard.ZstdDecompressor().stream_reader(open(path + '.zst', 'rb'), read_across_frames=True).read())
    return {k: v.float() * w[k + '.scale'].view(-1, *[1] * (v.ndim - 1)) if v.dtype == torch.int8 else v.float()
            for k, v in w.items() if not k.endswith('.scale')}
