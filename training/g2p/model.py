"""The letter-to-sound Transformer: pre-norm encoder over letters, pre-norm decoder over phonemes, learned positions."""
import math
import torch
from torch import nn
from torch.nn import functional as F


class Attention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.out = (nn.Linear(d, d) for _ in range(4))

    def forward(self, x, memory, mask=None, causal=False):            # x (B, T, D), memory (B, S, D), mask (B, 1, 1, S) True = attend
        def split(y):
            return y.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        y = F.scaled_dot_product_attention(split(self.q(x)), split(self.k(memory)), split(self.v(memory)), mask, is_causal=causal)
        return self.out(y.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """x += attention(norm x); x += cross attention(norm x, memory) in the decoder; x += ffn(norm x)."""

    def __init__(self, d, heads, ffn, dropout, cross):
        super().__init__()
        self.self_norm, self.self_attn = nn.LayerNorm(d), Attention(d, heads)
        if cross:
            self.cross_norm, self.cross_attn = nn.LayerNorm(d), Attention(d, heads)
        self.ffn_norm, self.up, self.down = nn.LayerNorm(d), nn.Linear(d, ffn), nn.Linear(ffn, d)
        self.drop = nn.Dropout(dropout)

    def forward(self, x, mask=None, memory=None, causal=False):
        y = self.self_norm(x)
        x = x + self.drop(self.self_attn(y, y, None if causal else mask, causal))
        if memory is not None:
            x = x + self.drop(self.cross_attn(self.cross_norm(x), memory, mask))
        return x + self.drop(self.down(F.gelu(self.up(self.ffn_norm(x)))))


class G2P(nn.Module):
    def __init__(self, d=128, heads=4, ffn=512, encoder=3, decoder=2, dropout=0.1, letters=28, phonemes=51, positions=40):
        super().__init__()
        self.config = dict(d=d, heads=heads, ffn=ffn, encoder=encoder, decoder=decoder, letters=letters, phonemes=phonemes, positions=positions)
        self.letters, self.phonemes = nn.Embedding(letters, d), nn.Embedding(phonemes, d)
        self.positions = nn.Embedding(positions, d)                   # one table for both sides, so that the diagonal is easy to find
        self.encoder = nn.ModuleList(Block(d, heads, ffn, dropout, False) for _ in range(encoder))
        self.decoder = nn.ModuleList(Block(d, heads, ffn, dropout, True) for _ in range(decoder))
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(d), nn.LayerNorm(d)
        self.head = nn.Linear(d, phonemes)
        for e in (self.letters, self.phonemes):
            nn.init.normal_(e.weight, std=0.5)
        t = torch.arange(positions)[:, None] * torch.exp(-torch.arange(0, d, 2) * math.log(200) / d)
        self.positions.weight.data = torch.stack([t.sin(), t.cos()], -1).flatten(1) * 0.5

    def encode(self, x):                                              # x (B, S) letter ids
        mask = (x != 0)[:, None, None]
        h = self.letters(x) + self.positions.weight[:x.shape[1]]
        for b in self.encoder:
            h = b(h, mask)
        return self.encoder_norm(h), mask

    def decode(self, y, memory, mask):                                # y (B, T) phoneme ids, starting with 1 -> logits (B, T, phonemes)
        h = self.phonemes(y) + self.positions.weight[:y.shape[1]]
        for b in self.decoder:
            h = b(h, mask, memory, causal=True)
        return self.head(self.decoder_norm(h))

    def forward(self, x, y):
        return self.decode(y, *self.encode(x))

    @torch.no_grad()
    def greedy(self, x, limit=38):                                    # x (B, S) -> lists of phoneme ids
        memory, mask = self.encode(x)
        y = torch.ones(len(x), 1, dtype=torch.long, device=x.device)
        done = torch.zeros(len(x), dtype=torch.bool, device=x.device)
        while y.shape[1] < limit and not done.all():
            nxt = self.decode(y, memory, mask)[:, -1].argmax(-1)
            done |= nxt == 1
            y = torch.cat([y, nxt[:, None]], 1)
        rows = (r[1:].tolist() for r in y)
        return [r[:r.index(1)] if 1 in r else r for r in rows]
