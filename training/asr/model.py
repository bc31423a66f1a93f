"""The default recogniser: a chunk-causal Transformer encoder with phone CTC, subword CTC and an attention decoder (U2++ family:
Zhang et al. 2020, arXiv:2012.05481; Wu et al. 2021, arXiv:2106.05642). The encoder has the shape of Whisper's (Radford et al. 2022,
arXiv:2212.04356), so that it can start from a Whisper model (from_whisper); it differs in seeing no more than a chunk ahead, in
positions that repeat, and in the averaging of pairs of steps after the last block. Whole segments also go through it unmasked, for the
decoder, which is Whisper's with fewer tokens. The Go package asr loads what export() writes, name by name.
"""
import json, math, os
from dataclasses import asdict, dataclass
import torch, torch.nn as nn, torch.nn.functional as F


@dataclass
class Config:
    mels: int = 80
    d_model: int = 384
    heads: int = 6
    layers: int = 4
    ffn: int = 1536
    conv_kernel: int = 0         # taps of a causal depthwise convolution in each block; 0: none
    period: int = 1500           # encoder steps of 20 ms after which the positions begin again
    phones: int = 42             # units of the phone CTC, blank 0
    pieces: int = 500            # units of the subword CTC, blank 0
    tokens: int = 6704           # subwords of the decoder, which adds one: sos/eos = tokens
    decoder_layers: int = 4
    decoder_ffn: int = 1536
    max_tokens: int = 440        # positions of the decoder
    left_context: int = 160      # frames of 40 ms before a chunk that it may attend to
    chunk: int = 16              # default chunk at run time, frames of 40 ms
    marks: tuple = ()            # classes of the head that writes: the marks after a word, "" for none; no head without them
    cases: tuple = ()            # and its case: lower, capital, upper


def f32(conv, x):
    """A convolution outside autocast: in bf16 it is many times slower on CPUs."""
    with torch.autocast(x.device.type, enabled=False):
        return conv(x.float())


def positions(n, d):
    """(n, d): sines, then cosines, as Whisper's."""
    rate = 10000.0 ** (-torch.arange(d // 2, dtype=torch.float64) / (d // 2 - 1))
    angle = torch.outer(torch.arange(n, dtype=torch.float64), rate)
    return torch.cat([angle.sin(), angle.cos()], 1).float()


def chunk_mask(t, chunk, left, device=None):
    """(T, T) bool: frame i sees frames from left before its chunk's start to its chunk's end."""
    i = torch.arange(t, device=device)
    start = i // chunk * chunk
    return (i[None] < (start + chunk)[:, None]) & (i[None] >= (start - left)[:, None])


class EncoderLayer(nn.Module):
    def __init__(self, c):
        super().__init__()
        d = c.d_model
        self.heads, self.kernel = c.heads, c.conv_kernel
        self.attn_norm, self.ffn_norm = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        if self.kernel:
            self.conv_norm, self.depthwise, self.pointwise = nn.LayerNorm(d), nn.Conv1d(d, d, self.kernel, groups=d), nn.Linear(d, d)
            nn.init.zeros_(self.pointwise.weight)
        self.fc1, self.fc2 = nn.Linear(d, c.ffn), nn.Linear(c.ffn, d)
        self.drop = nn.Dropout(0)            # of what Whisper adds to its states nothing may be missing: hundreds hang on a few large ones

    def forward(self, x, mask):
        B, T, D = x.shape
        q, k, v = self.qkv(self.attn_norm(x)).view(B, T, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self.out(y.transpose(1, 2).reshape(B, T, D))
        if self.kernel:
            y = F.pad(self.conv_norm(x).transpose(1, 2), (self.kernel - 1, 0))
            x = x + self.pointwise(F.silu(f32(self.depthwise, y)).transpose(1, 2))
        return x + self.fc2(self.drop(F.gelu(self.fc1(self.ffn_norm(x)))))


class Encoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        d = c.d_model
        self.c = c
        self.register_buffer('mean', torch.zeros(c.mels)); self.register_buffer('istd', torch.ones(c.mels))
        self.register_buffer('table', positions(c.period, d), persistent=False)
        self.conv1, self.conv2 = nn.Conv1d(c.mels, d, 3), nn.Conv1d(d, d, 3, stride=2)
        self.layers = nn.ModuleList(EncoderLayer(c) for _ in range(c.layers))
        self.norm = nn.LayerNorm(d)

    def forward(self, mel, chunk, start=0, frames=None):
        """mel (B, T, 80) log-mel, already normalised -> (B, T', d), a row each 40 ms: T' = ((T-5)//2 + 1) // 2. The first step stands
        at position start; chunk 0 means that every frame sees every other, of the first frames (B,) if given."""
        x = F.gelu(f32(self.conv2, F.gelu(f32(self.conv1, mel.transpose(1, 2))))).transpose(1, 2)
        T = x.shape[1] // 2 * 2
        x = x[:, :T] + self.table[(torch.arange(T, device=x.device) + start) % self.c.period]
        mask = None
        if chunk:
            mask = chunk_mask(T, 2 * chunk, 2 * self.c.left_context, x.device)
        elif frames is not None:
            mask = (torch.arange(T, device=x.device)[None] < 2 * frames[:, None])[:, None, None]
        for layer in self.layers:
            x = layer(x, mask)
        return self.norm(x).unflatten(1, (T // 2, 2)).mean(2)


class DecoderLayer(nn.Module):
    def __init__(self, c):
        super().__init__()
        d = c.d_model
        self.heads = c.heads
        self.self_norm, self.cross_norm, self.ffn_norm = nn.LayerNorm(d), nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.q, self.kv, self.cross_out = nn.Linear(d, d), nn.Linear(d, 2 * d), nn.Linear(d, d)
        self.fc1, self.fc2 = nn.Linear(d, c.decoder_ffn), nn.Linear(c.decoder_ffn, d)
        self.drop = nn.Dropout(0)

    def forward(self, x, memory, memory_mask):
        B, T, D = x.shape
        q, k, v = self.qkv(self.self_norm(x)).view(B, T, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(B, T, D))
        q = self.q(self.cross_norm(x)).view(B, T, self.heads, -1).transpose(1, 2)
        k, v = self.kv(memory).view(B, memory.shape[1], 2, self.heads, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=memory_mask)
        x = x + self.cross_out(y.transpose(1, 2).reshape(B, T, D))
        return x + self.fc2(self.drop(F.gelu(self.fc1(self.ffn_norm(x)))))


class Decoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.embed, self.positions = nn.Embedding(c.tokens + 1, c.d_model), nn.Embedding(c.max_tokens, c.d_model)
        self.layers = nn.ModuleList(DecoderLayer(c) for _ in range(c.decoder_layers))
        self.norm = nn.LayerNorm(c.d_model)

    def forward(self, tokens, memory, memory_mask=None):
        """tokens (B, U) starting with sos; memory (B, T, d); memory_mask (B, 1, 1, T) true where valid -> logits (B, U, tokens+1)."""
        return F.linear(self.states(tokens, memory, memory_mask), self.embed.weight)

    def states(self, tokens, memory, memory_mask=None):
        """What the logits are made of, (B, U, d)."""
        x = self.embed(tokens) + self.positions.weight[:tokens.shape[1]]
        for layer in self.layers:
            x = layer(x, memory, memory_mask)
        return self.norm(x)


class Recogniser(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.encoder, self.decoder = Encoder(c), Decoder(c)
        self.phone_ctc, self.piece_ctc = nn.Linear(c.d_model, c.phones), nn.Linear(c.d_model, c.pieces)
        self.written = nn.Linear(2 * c.d_model, len(c.marks) + len(c.cases)) if c.marks else None


def pairs(states, ends):
    """What the head that writes sees of a text: states (U, d), ends the place of each word's last subword -> (words, 2 d): the state there,
    and that of the next word, none after the last."""
    x = states[ends]
    return torch.cat([x, F.pad(x[1:], (0, 0, 0, 1))], 1)


LOG10 = math.log(10)


def from_whisper(model, folder, tokens):
    """Start from a Whisper model of the same width (a folder with model.safetensors and tokenizer.json): its encoder, of its decoder the
    blocks that are evenly spaced (Gandhi et al. 2023, arXiv:2311.00430), and the vectors of tokens, a tokenizer with some of its subwords.
    What Whisper does not have stays random."""
    from safetensors.torch import load_file
    from tokenizers import Tokenizer
    w = {k.removeprefix('model.'): v.float() for k, v in load_file(folder + '/model.safetensors').items()}
    own, c = model.state_dict(), model.c
    copy = lambda mine, theirs: own.update({f'{mine}.{p}': w[f'{theirs}.{p}'] for p in ('weight', 'bias')})
    bias = lambda name: w.get(name + '.bias', torch.zeros(c.d_model))            # keys have none
    def stack(mine, *theirs):
        own[mine + '.weight'] = torch.cat([w[t + '.weight'] for t in theirs])
        own[mine + '.bias'] = torch.cat([bias(t) for t in theirs])
    def block(mine, theirs):
        stack(mine + 'qkv', *(f'{theirs}self_attn.{p}_proj' for p in 'qkv'))
        for a, b in (('out', 'self_attn.out_proj'), ('ffn_norm', 'final_layer_norm'), ('fc1', 'fc1'), ('fc2', 'fc2')):
            copy(mine + a, theirs + b)
    for k in ('conv1', 'conv2'):
        copy('encoder.' + k, 'encoder.' + k)
    for i in range(c.layers):
        mine = theirs = f'encoder.layers.{i}.'
        block(mine, theirs); copy(mine + 'attn_norm', theirs + 'self_attn_layer_norm')
    copy('encoder.norm', 'encoder.layer_norm')
    own['encoder.mean'], own['encoder.istd'] = torch.full((c.mels,), -4 * LOG10), torch.full((c.mels,), 1 / (4 * LOG10))

    depth = 1 + max(int(k.split('.')[2]) for k in w if k.startswith('decoder.layers.'))
    for i in range(c.decoder_layers):
        mine, theirs = f'decoder.layers.{i}.', f'decoder.layers.{round(i * (depth - 1) / max(1, c.decoder_layers - 1))}.'
        block(mine, theirs); copy(mine + 'self_norm', theirs + 'self_attn_layer_norm'); copy(mine + 'cross_norm', theirs + 'encoder_attn_layer_norm')
        copy(mine + 'q', theirs + 'encoder_attn.q_proj'); copy(mine + 'cross_out', theirs + 'encoder_attn.out_proj')
        stack(mine + 'kv', theirs + 'encoder_attn.k_proj', theirs + 'encoder_attn.v_proj')
    copy('decoder.norm', 'decoder.layer_norm')
    words, table = Tokenizer.from_file(folder + '/tokenizer.json'), w['decoder.embed_tokens.weight']
    ids = [words.token_to_id(tokens.id_to_token(i).replace('▁', 'Ġ')) for i in range(c.tokens)]
    own['decoder.embed.weight'] = table[[0 if i is None else i for i in ids] + [words.token_to_id('<|notimestamps|>')]]
    own['decoder.positions.weight'] = w['decoder.embed_positions.weight'][1:1 + c.max_tokens]    # its texts begin after two tokens, ours after one
    model.load_state_dict(own)


def from_export(folder):
    """The weights that export() wrote to a folder, by name, in f32; also where training/cmd/quantize made 8 bits of them, a scale for each output."""
    from safetensors.torch import load_file
    w = load_file(folder + '/model.safetensors')
    return {k: v.float() * w[k + '.scale'].view(-1, *[1] * (v.ndim - 1)) if v.dtype == torch.int8 else v.float()
            for k, v in w.items() if not k.endswith('.scale')}


def export(model, folder, phones):
    """config.json and model.safetensors (f16, buffers f32) as asr.Open reads them. The decoder and heads keep PyTorch's names."""
    from safetensors.torch import save_file
    os.makedirs(folder, exist_ok=True)
    half = lambda k, v: v.contiguous() if k.endswith(('.mean', '.istd')) else v.half().contiguous()
    save_file({k: half(k, v) for k, v in model.state_dict().items()}, folder + '/model.safetensors')
    json.dump({'model_type': 'parley_hybrid', 'sample_rate': 16000, **asdict(model.c), 'phone_units': phones},
              open(folder + '/config.json', 'w'), ensure_ascii=False, indent=1)
