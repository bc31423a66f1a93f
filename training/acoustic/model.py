"""The acoustic model: phonemes -> durations, F0, voicing, energy -> log-mel. FastPitch-like (Lancucki 2021) and chunk-causal.

One step of the frame-rate parts is a label frame of 25 ms, two mel frames. A model speaks in several voices: each has a vector that is added to
what the text encoder, the frame encoder and the decoder read (a third of it each).
  phonemes (B, P) -> embedding -> text encoder, bidirectional blocks -> duration (steps a phoneme, log)
  -> repeated by duration, plus the place inside the phoneme (B, T, D) -> frame encoder, bidirectional -> F0, voicing, energy, 2 values a step
  -> plus projected F0 and energy -> decoder, chunk-causal blocks -> (B, 2 T, 80) normalised log-mel
"""
import math
import torch, torch.nn as nn, torch.nn.functional as F

PAIR = 2                                                        # mel frames a step
PROSODY = 3 * PAIR                                              # F0, voicing, energy a step


def rotary(x):
    """x (B, H, T, d): half-split rotary positions, base 10000."""
    t, half = x.shape[2], x.shape[3] // 2
    angle = torch.arange(t, device=x.device)[:, None] * 10000 ** (-torch.arange(half, device=x.device) / half)
    cos, sin, a, b = angle.cos(), angle.sin(), x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


class Block(nn.Module):
    """x + Attention(LN x); x + W SiLU(depthwise(LN x)); x + FFN(LN x) (SiLU). left, right: context rows of the convolution."""

    def __init__(self, c, causal, dropout):
        super().__init__()
        d, k = c['d'], c['conv']
        self.heads, self.pad, self.dropout = c['heads'], (k - 1, 0) if causal else (k // 2, k // 2), dropout
        self.attn_norm, self.conv_norm, self.ffn_norm = nn.LayerNorm(d), nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.depthwise = nn.Conv1d(d, d, k, groups=d)
        self.pointwise = nn.Linear(d, d)
        self.up, self.down = nn.Linear(d, c['ffn']), nn.Linear(c['ffn'], d)

    def forward(self, x, mask, valid):
        """x (B, T, D), mask broadcastable to (B, 1, T, T): True may be seen, valid (B, T, 1)."""
        b, t, d = x.shape
        q, k, v = self.qkv(self.attn_norm(x)).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(rotary(q), rotary(k), v, attn_mask=mask)
        x = x + self.drop(self.out(y.transpose(1, 2).reshape(b, t, d)))
        y = F.pad((self.conv_norm(x) * valid).transpose(1, 2), self.pad)
        x = x + self.drop(self.pointwise(F.silu(self.depthwise(y).transpose(1, 2))))
        return x + self.drop(self.down(F.silu(self.up(self.ffn_norm(x)))))

    def drop(self, x):
        return F.dropout(x, self.dropout, self.training) if self.dropout else x


class Stack(nn.Module):
    def __init__(self, c, layers, causal, dropout):
        super().__init__()
        self.layers = nn.ModuleList(Block(c, causal, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(c['d'])

    def forward(self, x, mask, valid):
        for l in self.layers:
            x = l(x, mask, valid)
        return self.norm(x)


def seen(valid):
    return valid[:, None, None, :]


def chunk_mask(valid, chunk, left):
    """Step i sees its own chunk and the `left` chunks before it."""
    c = torch.arange(valid.shape[1], device=valid.device) // chunk
    gap = c[:, None] - c[None]
    near, self = (gap >= 0) & (gap <= left), torch.eye(len(c), dtype=torch.bool, device=c.device)
    return near[None, None] & seen(valid) | self                # padding sees itself, or its softmax would be empty


def repeat(x, durations, steps):
    """x (B, P, D) by durations (B, P) -> (B, T, D) and the place inside the phoneme (B, T, 4)."""
    end = durations.cumsum(1)
    t = torch.arange(steps, device=x.device).expand(len(x), -1).contiguous()
    p = torch.searchsorted(end, t, right=True).clamp(max=x.shape[1] - 1)
    d = durations.gather(1, p).float()
    k = t - (end.gather(1, p) - durations.gather(1, p))
    place = torch.stack([(k + 0.5) / d.clamp(min=1), k / 10, (d - 1 - k) / 10, d.clamp(min=1).log() / 2], -1)
    return x.gather(1, p[..., None].expand(-1, -1, x.shape[2])), place


class Acoustic(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c, d = c, c['d']
        self.embed = nn.Embedding(len(c['phonemes']) + 1, d, padding_idx=0)   # 0: start, end and padding
        if c.get('speakers'):                                   # a model of one voice needs no vector, but may have one
            self.speaker = nn.Embedding(len(c['speakers']), 3 * d)
            nn.init.zeros_(self.speaker.weight)
        self.text = Stack(c, c['text_layers'], False, c['dropout'])
        self.duration = nn.Sequential(nn.Linear(d, d), nn.SiLU(), nn.Linear(d, 1))
        self.place = nn.Linear(4, d)
        self.frame = Stack(c, c['frame_layers'], False, 0)
        self.prosody = nn.Linear(d, PROSODY)
        self.pitch = nn.Linear(3 * PROSODY, d)                              # of the step before, this one and the next
        self.decoder = Stack(c, c['decoder_layers'], True, 0)
        self.mel = nn.Linear(d, PAIR * c['mels'])

    def voice(self, who, part):
        """who (B,) -> a third of the speakers' vectors (B, 1, D)."""
        return self.speaker(who)[:, None].chunk(3, -1)[part] if self.c.get('speakers') else 0

    def encode(self, ids, valid, who):
        """ids (B, P), who (B,) -> states (B, P, D), log durations in steps (B, P)."""
        x = self.text(self.embed(ids) * math.sqrt(self.c['d']) + self.voice(who, 0), seen(valid), valid[..., None])
        return x, self.duration(x)[..., 0]

    def frames(self, x, durations, valid, who):
        """-> states (B, T, D), prosody (B, T, 6): 2 normalised log-F0, 2 voicing logits, 2 normalised energies."""
        y, place = repeat(x, durations, valid.shape[1])
        y = self.frame(y + self.place(place) + self.voice(who, 1), seen(valid), valid[..., None])
        return y, self.prosody(y)

    def decode(self, y, prosody, valid, who, cut=0):
        """prosody (B, T, 6): 2 normalised log-F0 (0 where unvoiced), 2 voicings 0 or 1, 2 normalised energies -> (B, 2 T, 80).
        The first `cut` steps are left out."""
        p = F.pad(prosody * valid[..., None], (0, 0, 1, 1))
        x = y + self.pitch(torch.cat([p[:, :-2], p[:, 1:-1], p[:, 2:]], -1)) + self.voice(who, 2)
        x, valid = x[:, cut:], valid[:, cut:]
        x = self.decoder(x, chunk_mask(valid, self.c['chunk'], self.c['left_chunks']), valid[..., None])
        return self.mel(x).view(len(x), -1, self.c['mels'])
