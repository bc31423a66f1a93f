"""The default recogniser: two passes (in the manner of U2, Zhang et al. 2020, arXiv:2012.05481, and of cascaded encoders, Narayanan et al. 2020,
arXiv:2010.14606). The first is a chunk-causal Transformer encoder with phone and subword CTC. It has the shape of Whisper's (Radford et al.
2022, arXiv:2212.04356), so that it can start from a Whisper model (from_whisper); it differs in seeing no more than a chunk ahead, in
positions that repeat, and in the averaging of pairs of steps after the last block. The second sees whole segments: other blocks upon the
first one's convolutions, and Whisper's decoder with fewer tokens. The Go package asr loads what export() writes, name by name.
"""
import json, math, os, sys
from dataclasses import asdict, dataclass
import torch, torch.nn as nn, torch.nn.functional as F
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))


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
    second_layers: int = 4       # blocks of the second pass
    tokens: int = 24459          # subwords of the decoder, which adds the end of a text and what texts start with: START of them
    decoder_layers: int = 4
    decoder_ffn: int = 1536
    max_tokens: int = 440        # positions of the decoder
    left_context: int = 160      # frames of 40 ms before a chunk that it may attend to
    chunk: int = 16              # default chunk at run time, frames of 40 ms


START = 2                        # Whisper's texts start with <|startoftranscript|> <|notimestamps|>; half of what it knows hangs on both


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

    def steps(self, mel, start=0):
        """mel (B, T, 80) log-mel, already normalised -> (B, 2 T', d), a row each 20 ms: T' = ((T-5)//2 + 1) // 2. The first stands at position start."""
        x = F.gelu(f32(self.conv2, F.gelu(f32(self.conv1, mel.transpose(1, 2))))).transpose(1, 2)
        T = x.shape[1] // 2 * 2
        return x[:, :T] + self.table[(torch.arange(T, device=x.device) + start) % self.c.period]

    def forward(self, mel, chunk, start=0):
        """-> (B, T', d), a row each 40 ms."""
        x = self.steps(mel, start)
        mask = chunk_mask(x.shape[1], 2 * chunk, 2 * self.c.left_context, x.device)
        for layer in self.layers:
            x = layer(x, mask)
        return self.norm(x).unflatten(1, (x.shape[1] // 2, 2)).mean(2)


class Second(nn.Module):
    """The second pass's blocks."""
    def __init__(self, c):
        super().__init__()
        self.layers = nn.ModuleList(EncoderLayer(c) for _ in range(c.second_layers))
        self.norm = nn.LayerNorm(c.d_model)

    def forward(self, x, mask=None):
        """x (B, T, d) steps of 20 ms; mask (B, 1, 1, T) true where valid -> (B, T, d)."""
        for layer in self.layers:
            x = layer(x, mask)
        return self.norm(x)


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
        self.embed, self.positions = nn.Embedding(c.tokens + 1 + START, c.d_model), nn.Embedding(c.max_tokens, c.d_model)
        self.layers = nn.ModuleList(DecoderLayer(c) for _ in range(c.decoder_layers))
        self.norm = nn.LayerNorm(c.d_model)

    def forward(self, tokens, memory, memory_mask=None):
        """tokens (B, U); memory (B, T, d); memory_mask (B, 1, 1, T) true where valid -> logits (B, U, tokens + 1 + START)."""
        x = self.embed(tokens) + self.positions.weight[:tokens.shape[1]]
        for layer in self.layers:
            x = layer(x, memory, memory_mask)
        return F.linear(self.norm(x), self.embed.weight)


class Recogniser(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.encoder, self.second, self.decoder = Encoder(c), Second(c), Decoder(c)
        self.phone_ctc, self.piece_ctc = nn.Linear(c.d_model, c.phones), nn.Linear(c.d_model, c.pieces)


LOG10 = math.log(10)


def from_whisper(model, folder, tokens):
    """Start from a Whisper model of the same width (a folder with model.safetensors and tokenizer.json): its encoder, twice, of its decoder the
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
    for part, layers in (('encoder', c.layers), ('second', c.second_layers)):
        for i in range(layers):
            mine, theirs = f'{part}.layers.{i}.', f'encoder.layers.{i}.'
            block(mine, theirs); copy(mine + 'attn_norm', theirs + 'self_attn_layer_norm')
        copy(part + '.norm', 'encoder.layer_norm')
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
    special = [words.token_to_id(f'<|{s}|>') for s in ('endoftext', 'startoftranscript', 'notimestamps')]
    own['decoder.embed.weight'] = table[[0 if i is None else i for i in ids] + special]
    own['decoder.positions.weight'] = w['decoder.embed_positions.weight'][:c.max_tokens]
    model.load_state_dict(own)


def from_export(folder):
    """The weights that export() wrote to a folder, by name, in f32; also in 8 bits and compressed."""
    import floats
    return floats.load(folder + '/model.safetensors')


def export(model, folder, phones):
    """config.json and model.safetensors (f16, buffers f32) as asr.Open reads them. The decoder and heads keep PyTorch's names."""
    from safetensors.torch import save_file
    os.makedirs(folder, exist_ok=True)
    half = lambda k, v: v.contiguous() if k.endswith(('.mean', '.istd')) else v.half().contiguous()
    save_file({k: half(k, v) for k, v in model.state_dict().items()}, folder + '/model.safetensors')
    json.dump({'model_type': 'parley_hybrid', 'sample_rate': 16000, **asdict(model.c), 'phone_units': phones},
              open(folder + '/config.json', 'w'), ensure_ascii=False, indent=1)
