"""States of a Whisper encoder (transformers) over sound of any length, for the recipes whose teacher it is."""
import torch, torch.nn.functional as F


def whisper_mel(x, filters):
    """x (B, N) -> (B, 80, N/160), as openai/whisper's log_mel_spectrogram."""
    s = torch.stft(x, 400, 160, window=torch.hann_window(400, device=x.device), return_complex=True)[..., :-1].abs() ** 2
    m = torch.clamp(filters @ s, min=1e-10).log10()
    m = torch.maximum(m, m.amax(dim=(1, 2), keepdim=True) - 8)
    return (m + 4) / 4


@torch.inference_mode()
def encode(enc, mel):
    x = F.gelu(enc.conv2(F.gelu(enc.conv1(mel)))).transpose(1, 2)
    x = x + enc.embed_positions.weight[:x.shape[1]]
    for layer in enc.layers:
        x = layer(x, None)
        x = x[0] if isinstance(x, tuple) else x
    return enc.layer_norm(x)
