"""The default recogniser: a chunk-causal Transformer encoder with phone CTC, subword CTC and an attention decoder (U2++ family:
Zhang et al. 2020, arXiv:2012.05481; Wu et al. 2021, arXiv:2106.05642). The Go package asr loads what export() writes, name by name.
"""
import json, math, os
from dataclasses import asdict, dataclass
import torch, torch.nn as nn, torch.nn.functional as F


@dataclass
class Config:
    mels: int = 80
    d_model: int = 256
    heads: int = 4
    layers: int = 5
    ffn: int = 768
    conv_kernel: int = 9
    phones: int = 42             # units of the phone CTC, blank 0
    pieces: int = 500            # units of the subword CTC, blank 0; the decoder adds one: sos/eos = pieces
    decoder_layers: int = 2
    decoder_ffn: int = 1024
    max_tokens: int = 512        # positions of the decoder
    left_context: int = 128      # encoder frames before a chunk that it may attend to
    chunk: int = 16              # default chunk at run time, encoder frames of 40 ms


def f32(conv, x):
    """A convolution outside autocast: in bf16 it is many times slower on CPUs."""
    with torch.autocast(x.device.type, enabled=False):
        return conv(x.float())


def rotate(x, cos, sin):
    """Rotary position, halves: x (B, H, T, 64)."""
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def rotary(t, dim, device=None, base=10000.0):
    f = torch.outer(torch.arange(t, dtype=torch.float32, device=device), base ** (-torch.arange(0, dim, 2, dtype=torch.float32, device=device) / dim))
    return f.cos(), f.sin()


def chunk_mask(t, chunk, left, device=None):
    """(T, T) bool: frame i sees frames from left before its chunk's start to its chunk's end; chunk 0 means everything."""
    if not chunk:
        return None
    i = torch.arange(t, device=device)
    start = i // chunk * chunk
    return (i[None] < (start + chunk)[:, None]) & (i[None] >= (start - left)[:, None])


class EncoderLayer(nn.Module):
    def __init__(self, c):
        super().__init__()
        d = c.d_model
        self.heads, self.kernel = c.heads, c.conv_kernel
        self.attn_norm, self.conv_norm, self.ffn_norm = nn.LayerNorm(d), nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.depthwise, self.pointwise = nn.Conv1d(d, d, c.conv_kernel, groups=d), nn.Linear(d, d)
        self.fc1, self.fc2 = nn.Linear(d, c.ffn), nn.Linear(c.ffn, d)

    def forward(self, x, mask, rope, drop):
        B, T, D = x.shape
        q, k, v = self.qkv(self.attn_norm(x)).view(B, T, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(rotate(q, *rope).to(v.dtype), rotate(k, *rope).to(v.dtype), v, attn_mask=mask)
        x = x + F.dropout(self.out(y.transpose(1, 2).reshape(B, T, D)), drop, self.training)
        y = F.pad(self.conv_norm(x).transpose(1, 2), (self.kernel - 1, 0))
        x = x + F.dropout(self.pointwise(F.silu(f32(self.depthwise, y)).transpose(1, 2)), drop, self.training)
        return x + F.dropout(self.fc2(F.silu(self.fc1(self.ffn_norm(x)))), drop, self.training)


class Encoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        d = c.d_model
        self.c = c
        self.register_buffer('mean', torch.zeros(c.mels)); self.register_buffer('istd', torch.ones(c.mels))
        self.conv1, self.conv2 = nn.Conv1d(c.mels, d, 3, stride=2), nn.Conv1d(d, d, 3, stride=2)
        self.layers = nn.ModuleList(EncoderLayer(c) for _ in range(c.layers))
        self.norm = nn.LayerNorm(d)

    def forward(self, mel, chunk, drop=0.0, middle=None):
        """mel (B, T, 80) log-mel, already normalised -> (B, T', d); T' = ((T-3)//2+1 - 3)//2 + 1."""
        x = F.silu(f32(self.conv2, F.silu(f32(self.conv1, mel.transpose(1, 2))))).transpose(1, 2)
        T = x.shape[1]
        mask, inner = chunk_mask(T, chunk, self.c.left_context, x.device), None
        rope = rotary(T, self.c.d_model // self.c.heads, x.device)
        for i, layer in enumerate(self.layers):
            x = layer(x, mask, rope, drop)
            if i + 1 == middle:
                inner = x
        return (self.norm(x), inner) if middle else self.norm(x)


class DecoderLayer(nn.Module):
    def __init__(self, c):
        super().__init__()
        d = c.d_model
        self.heads = c.heads
        self.self_norm, self.cross_norm, self.ffn_norm = nn.LayerNorm(d), nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.q, self.kv, self.cross_out = nn.Linear(d, d), nn.Linear(d, 2 * d), nn.Linear(d, d)
        self.fc1, self.fc2 = nn.Linear(d, c.decoder_ffn), nn.Linear(c.decoder_ffn, d)

    def forward(self, x, memory, memory_mask, drop):
        B, T, D = x.shape
        q, k, v = self.qkv(self.self_norm(x)).view(B, T, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + F.dropout(self.out(y.transpose(1, 2).reshape(B, T, D)), drop, self.training)
        q = self.q(self.cross_norm(x)).view(B, T, self.heads, -1).transpose(1, 2)
        k, v = self.kv(memory).view(B, memory.shape[1], 2, self.heads, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=memory_mask)
        x = x + F.dropout(self.cross_out(y.transpose(1, 2).reshape(B, T, D)), drop, self.training)
        return x + F.dropout(self.fc2(F.silu(self.fc1(self.ffn_norm(x)))), drop, self.training)


class Decoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.embed, self.positions = nn.Embedding(c.pieces + 1, c.d_model), nn.Embedding(c.max_tokens, c.d_model)
        self.layers = nn.ModuleList(DecoderLayer(c) for _ in range(c.decoder_layers))
        self.norm, self.head = nn.LayerNorm(c.d_model), nn.Linear(c.d_model, c.pieces + 1)

    def forward(self, tokens, memory, memory_mask=None, drop=0.0):
        """tokens (B, U) starting with sos; memory (B, T, d); memory_mask (B, 1, 1, T) true where valid -> logits (B, U, pieces+1)."""
        x = self.embed(tokens) * math.sqrt(self.embed.embedding_dim) + self.positions.weight[:tokens.shape[1]]
        for layer in self.layers:
            x = layer(x, memory, memory_mask, drop)
        return self.head(self.norm(x))


class Recogniser(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.encoder, self.decoder = Encoder(c), Decoder(c)
        self.phone_ctc, self.piece_ctc = nn.Linear(c.d_model, c.phones), nn.Linear(c.d_model, c.pieces)


def export(model, folder, phones):
    """config.json and model.safetensors (f16, buffers f32) as asr.Open reads them. The decoder and heads keep PyTorch's names."""
    from safetensors.torch import save_file
    os.makedirs(folder, exist_ok=True)
    half = lambda k, v: v.contiguous() if k.endswith(('.mean', '.istd')) else v.half().contiguous()
    save_file({k: half(k, v) for k, v in model.state_dict().items() if not k.startswith('frame_')}, folder + '/model.safetensors')
    json.dump({'model_type': 'parley_hybrid', 'sample_rate': 16000, **asdict(model.c), 'phone_units': phones},
              open(folder + '/config.json', 'w'), ensure_ascii=False, indent=1)
