"""The voice activity detector: package vad's network."""
import torch, torch.nn as nn

MELS, WIDTH, TAPS = 40, 64, 3


class Network(nn.Module):
    """log-mel (B, T, 40) -> logits (B, T): the one after frame t is about frame t-1."""
    def __init__(self):
        super().__init__()
        self.register_buffer('mean', torch.zeros(MELS)); self.register_buffer('istd', torch.ones(MELS))
        self.conv = nn.Linear(TAPS * MELS, WIDTH)            # frames t-2 .. t, one after the other
        self.gru = nn.GRU(WIDTH, WIDTH, 2, batch_first=True)
        self.head = nn.Linear(WIDTH, 1)

    def forward(self, mel, state=None):
        x = nn.functional.pad((mel - self.mean) * self.istd, (0, 0, TAPS - 1, 0))
        x = torch.cat([x[:, k:k + mel.shape[1]] for k in range(TAPS)], -1)
        y, _ = self.gru(self.conv(x).relu(), state)
        return self.head(y)[..., 0]


def export(net, path):
    """A safetensors file, f16 but for the normalisation, as vad.Open reads it."""
    from safetensors.torch import save_file
    save_file({k: v.contiguous() if k in ('mean', 'istd') else v.half().contiguous() for k, v in net.state_dict().items()}, path)


def load(path):
    from safetensors.torch import load_file
    net = Network()
    net.load_state_dict({k: v.float() for k, v in load_file(path).items()})
    return net.eval()
