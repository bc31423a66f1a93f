"""The harmonic-plus-noise vocoder: log-mel and F0, 80 frames a second, to 24 kHz sound. The Go twin is vocoder/harmonic.go.

A sine bank in closed form (all harmonics of F0, equal amplitudes) is the source of voiced sound, white noise that of the rest. A causal
network at frame rate predicts a complex gain per STFT bin for the harmonics and two real gains per bin and frame for the noise; overlap-add
makes sound. After Wang et al. 2019 (NSF, arXiv 1904.12088), Agrawal et al. 2024 (DDSP vocoder, 2401.10460), Siuzdak 2023 (Vocos, 2306.00814).
"""
import json, math, os, sys
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'acoustic'))

RATE, HOP, MELS = 24000, 300, 80
LOOK = 2                            # frames of look-ahead
TOP = 11800.0                       # no harmonic above, Hz
MEAN, SCALE = -5.5, 2.5             # normalisation of the log-mel
FLOOR = math.log(1e-5)
BASE = 200.0                        # Hz; log(F0 / BASE) is an input


class Config:
    def __init__(self, mels=MELS, width=192, hidden=384, blocks=5, kernel=7, fft=1024, noise_fft=512, hop=HOP, rate=RATE):
        self.mels, self.width, self.hidden, self.blocks, self.kernel = mels, width, hidden, blocks, kernel
        self.fft, self.noise_fft, self.hop, self.rate = fft, noise_fft, hop, rate


def phases(f0, cfg):
    """f0 (B, T) Hz, 0 unvoiced -> phase of the fundamental at each frame's centre (B, T), cycles: piecewise constant frequency."""
    last = F.pad(f0, (1, 0))[:, :-1]
    q = torch.where(f0 > 0, f0, last).double()
    return torch.cumsum(q * cfg.hop / cfg.rate, 1)


def excitation(f0, phase, cfg):
    """f0 (B, T), phase (B, T) cycles at the centres -> (B, T hop): all harmonics of F0. Row t is the segment from centre t-1 to centre t.

    Its frequency is f0[t], or f0[t-1] where only that is voiced; its amplitude goes linearly from a[t-1] to a[t], a = sqrt(2 f0 / rate).
    """
    last, start = F.pad(f0, (1, 0))[:, :-1], F.pad(phase, (1, 0))[:, :-1]
    q = torch.where(f0 > 0, f0, last)
    s = torch.arange(cfg.hop, device=f0.device) / cfg.hop
    p = start[..., None] + (q.double() * cfg.hop / cfg.rate)[..., None] * s
    p = (p - p.round()).float()                                                       # cycles, -0.5 .. 0.5
    n = torch.floor(TOP * cfg.rate / RATE / q.clamp(min=1))[..., None]                 # harmonics
    den = 2 * torch.sin(math.pi * p)
    flat = den.abs() < 1e-5
    d = torch.where(flat, n, torch.sin(math.pi * (2 * n + 1) * p) / torch.where(flat, torch.ones_like(den), den) - 0.5)
    a, b = (2 * last / cfg.rate).sqrt()[..., None], (2 * f0 / cfg.rate).sqrt()[..., None]
    return ((a + (b - a) * s) * d).flatten(1)


class Block(nn.Module):
    """ConvNeXt, causal: depthwise convolution, LayerNorm, GELU bottleneck turned outwards, residual."""
    def __init__(self, d, hidden, kernel):
        super().__init__()
        self.kernel = kernel
        self.dw = nn.Conv1d(d, d, kernel, groups=d)
        self.norm = nn.LayerNorm(d)
        self.up, self.down = nn.Linear(d, hidden), nn.Linear(hidden, d)
        self.down.weight.data *= 0.3

    def forward(self, x):                                        # (B, T, D)
        y = self.dw(F.pad(x.mT, (self.kernel - 1, 0))).mT
        return x + self.down(F.gelu(self.up(self.norm(y))))


def prior(cfg, bins):
    """(bins, mels): linear interpolation of the mel bands' values at the bins' frequencies."""
    from mel import mel_filters
    filters = mel_filters(cfg.rate, 1024, cfg.mels)
    centre = (filters * np.arange(513)).sum(1) / np.maximum(filters.sum(1), 1e-9) / 512
    return np.stack([np.interp(np.arange(bins) / (bins - 1), centre, row) for row in np.eye(cfg.mels)], 1).astype(np.float32)


class Vocoder(nn.Module):
    def __init__(self, cfg=None):
        super().__init__()
        self.cfg = cfg = cfg or Config()
        self.bins, self.noise_bins = cfg.fft // 2 + 1, cfg.noise_fft // 2 + 1
        inputs = cfg.mels + 2
        self.inp = nn.Conv1d(inputs, cfg.width, 2 * LOOK + 1)
        self.norm = nn.LayerNorm(cfg.width)
        self.blocks = nn.ModuleList(Block(cfg.width, cfg.hidden, cfg.kernel) for _ in range(cfg.blocks))
        self.out_norm = nn.LayerNorm(cfg.width)
        self.out = nn.Linear(cfg.width + inputs, 3 * self.bins + 2 * self.noise_bins)
        w, b, k, m = self.out.weight.data, self.out.bias.data, self.bins, self.noise_bins
        w *= 0.1
        w[:, cfg.width:] = 0
        w[:k, cfg.width:-2] = torch.from_numpy(prior(cfg, k)) * SCALE                 # so that the untrained model already speaks
        w[3 * k:, cfg.width:-2] = torch.from_numpy(np.tile(prior(cfg, m), (2, 1))) * SCALE
        b[:k], b[k:2 * k], b[2 * k:3 * k], b[3 * k:] = MEAN + 0.5, 1, 0, MEAN + 1.5
        self.register_buffer('window', torch.hann_window(cfg.fft), persistent=False)
        self.register_buffer('noise_window', torch.hann_window(cfg.noise_fft), persistent=False)

    def gains(self, mel, f0):
        """mel (B, T+LOOK, mels), f0 (B, T+LOOK) -> log-magnitude, cosine-like, sine-like (B, T, bins), noise log-gains (B, T, 2, noise bins)."""
        v = (f0 > 0).float()
        pitch = torch.where(f0 > 0, torch.log(f0.clamp(min=1) / BASE), torch.zeros_like(f0))
        x = torch.cat([(mel - MEAN) / SCALE, pitch[..., None], v[..., None]], -1)
        h = self.norm(self.inp(F.pad(x.mT, (LOOK, 0))).mT)
        for block in self.blocks:
            h = block(h)
        y = self.out(torch.cat([self.out_norm(h), x[:, :h.shape[1]]], -1))
        a, p, q, n = y.split([self.bins] * 3 + [2 * self.noise_bins], -1)
        return a, p, q, n.unflatten(-1, (2, self.noise_bins))

    def forward(self, mel, f0, phase=None, noise=None):
        """mel (B, T+LOOK, mels) natural log, f0 (B, T+LOOK) Hz -> sound (B, T hop). noise (B, T, 2, noise bins, 2): white, unit variance."""
        a, p, q, n = self.gains(mel, f0)
        return self.voiced(a, p, q, f0, phase) + self.noise(n, noise)

    def voiced(self, a, p, q, f0, phase=None):
        """Filters all harmonics of f0 (B, T+LOOK) by gains (B, T, bins) -> (B, T hop)."""
        cfg, frames = self.cfg, a.shape[1]
        e = excitation(f0, phases(f0, cfg) if phase is None else phase, cfg)           # from sample -hop/2
        e = F.pad(e, (cfg.fft, cfg.fft))
        first = cfg.fft + cfg.hop - cfg.fft // 2                                       # frame 0 is centred on the end of segment 0
        spec = torch.fft.rfft(e[:, first:].unfold(1, cfg.fft, cfg.hop)[:, :frames] * self.window)
        gain = a.clamp(-20, 8).exp() * torch.rsqrt(p * p + q * q + 1e-8)
        p, q, sr, si = p * gain, q * gain, spec.real, spec.imag                          # real arithmetic: complex is slow on CPUs
        y = torch.fft.irfft(torch.complex(sr * p - si * q, sr * q + si * p), cfg.fft) * self.window
        y = overlap(y, cfg.hop) / norm(self.window, cfg.hop, frames)
        start = cfg.fft // 2 - cfg.hop // 2
        return y[:, start:start + frames * cfg.hop]

    def noise(self, n, noise=None):
        """Filters noise by log-gains n (B, T, 2, noise bins) -> (B, T hop)."""
        cfg, frames = self.cfg, n.shape[1]
        if noise is None:
            noise = (torch.rand(*n.shape, 2, device=n.device) * 2 - 1) * math.sqrt(3)
        z = torch.fft.irfft(torch.view_as_complex(noise * n.clamp(-20, 8).exp()[..., None]), cfg.noise_fft) * self.noise_window
        z = overlap(z.flatten(1, 2), cfg.hop // 2)
        start = cfg.noise_fft // 2 - cfg.hop // 4
        return z[:, start:start + frames * cfg.hop]


def overlap(y, hop):
    """Overlap-add of frames y (B, T, N) -> (B, (T-1) hop + N)."""
    b, t, n = y.shape
    return F.fold(y.mT, (1, (t - 1) * hop + n), (1, n), stride=(1, hop)).view(b, -1)


def norm(window, hop, frames):
    """The sum of shifted squared windows in the steady state, periodic in hop, ((frames-1) hop + N,): edges are not compensated."""
    n = len(window)
    s = F.pad(window * window, (0, -n % hop)).view(-1, hop).sum(0)
    return s.repeat(frames + n // hop + 1)[:(frames - 1) * hop + n]


def export(model, folder, half=True, extra=None):
    """Writes FOLDER/vocoder.json and vocoder.safetensors (the names and shapes of this module)."""
    from safetensors.torch import save_file
    os.makedirs(folder, exist_ok=True)
    c = model.cfg
    json.dump(dict(kind='harmonic-noise', rate=c.rate, hop=c.hop, mels=c.mels, fft=c.fft, noise_fft=c.noise_fft, width=c.width, hidden=c.hidden,
                   blocks=c.blocks, kernel=c.kernel, look_ahead=LOOK, mel_mean=MEAN, mel_scale=SCALE, mel_floor=FLOOR, pitch_base=BASE,
                   top=TOP * c.rate / RATE,
                   **(extra or {})), open(f'{folder}/vocoder.json', 'w'), indent=1)
    save_file({k: (v.half() if half else v.float()).contiguous() for k, v in model.state_dict().items()}, f'{folder}/vocoder.safetensors')
