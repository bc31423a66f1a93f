"""The voice activity detector: package vad's network."""
import numpy as np, torch, torch.nn as nn

MELS, WIDTH, TAPS = 40, 64, 3
FALL, RISE = 0.2, 0.004                                      # of the way to a band's level, a frame, when it is below or above its floor


def floors(mel):
    """mel (B, T, 40) -> the level of the background in each band (B, T, 40): it follows what is quieter at once, what is louder in
    seconds."""
    out, f = np.empty_like(mel), mel[:, 0].copy()
    for t in range(mel.shape[1]):
        d = mel[:, t] - f
        f += np.where(d < 0, FALL, RISE).astype(np.float32) * d
        out[:, t] = f
    return out


class Network(nn.Module):
    """log-mel and floors (B, T, 40) -> logits (B, T): the one after frame t is about frame t-1."""
    def __init__(self):
        super().__init__()
        self.register_buffer('mean', torch.zeros(2 * MELS)); self.register_buffer('istd', torch.ones(2 * MELS))
        self.conv1 = nn.Linear(TAPS * 2 * MELS, WIDTH)       # frames t-2 .. t, one after the other
        self.conv2 = nn.Linear(TAPS * WIDTH, WIDTH)
        self.gru = nn.GRU(WIDTH, WIDTH, batch_first=True)
        self.head = nn.Linear(WIDTH, 1)

    def forward(self, mel, floor):
        x = (torch.cat([mel, mel - floor], -1) - self.mean) * self.istd
        for conv in self.conv1, self.conv2:
            x = nn.functional.pad(x, (0, 0, TAPS - 1, 0))
            x = conv(torch.cat([x[:, k:k + mel.shape[1]] for k in range(TAPS)], -1)).relu()
        return self.head(self.gru(x)[0])[..., 0]


def export(net, path):
    """A safetensors file, f16 but for the normalisation, as vad.Open reads it."""
    from safetensors.torch import save_file
    save_file({k: v.contiguous() if k in ('mean', 'istd') else v.half().contiguous() for k, v in net.state_dict().items()}, path)


def load(path):
    from safetensors.torch import load_file
    net = Network()
    net.load_state_dict({k: v.float() for k, v in load_file(path).items()})
    return net.eval()
