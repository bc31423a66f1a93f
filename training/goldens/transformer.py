"""Golden vectors for package transformer: small random models of torch and transformers, and Parley's own, with their weights, inputs and
what every layer puts out. Run: python training/goldens/transformer.py [FUNCTION ...]   (torch 2.13, transformers 5)

A file holds the model's own state_dict as f16 and, as f32, golden.input, the layers' outputs golden.layer.N, golden.output.
"""
import os, sys
import torch, torch.nn as nn
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, '../../transformer/testdata')
D, HEADS, FFN, VOCAB = 24, 3, 32, 30
torch.backends.mha.set_fastpath_enabled(False)


def shake(model):
    """Random weights far from their usual beginnings: norms that scale and shift, biases that are not zero."""
    with torch.no_grad():
        for p in model.parameters():
            if p.dim() > 1:
                p.copy_(torch.randn_like(p) / p.shape[-1] ** 0.5)
            else:
                p.copy_(1 + 0.3 * torch.randn_like(p) if p.mean() > 0.5 else 0.3 * torch.randn_like(p))
            p.copy_(p.half())                                        # files hold halves, exactly
    return model.eval()


def first(y):
    return y[0] if isinstance(y, tuple) else y


def record(layers, golden, prefix='layer'):
    for i, layer in enumerate(layers):
        layer.register_forward_hook(lambda _, __, y, i=i: golden.__setitem__(f'{prefix}.{i}', first(y)[0]))


def save(name, model, golden, drop=()):
    state = {k: v for k, v in model.state_dict().items() if not any(d in k for d in drop)}
    state = {k: v.clone().half().contiguous() for k, v in state.items()}
    state |= {'golden.' + k: v.detach().clone().float().contiguous() for k, v in golden.items()}
    os.makedirs(OUT, exist_ok=True)
    path = f'{OUT}/{name}.safetensors'
    save_file(state, path)
    print(name, os.path.getsize(path), flush=True)


def tokens(n):
    return torch.randint(0, VOCAB, (1, n))


def torch_models():
    for name, act, pre in (('torch_encoder_post_relu', 'relu', False), ('torch_encoder_pre_gelu', 'gelu', True)):
        layer = nn.TransformerEncoderLayer(D, HEADS, FFN, 0, act, norm_first=pre, batch_first=True)
        m = shake(nn.TransformerEncoder(layer, 2, nn.LayerNorm(D) if pre else None, enable_nested_tensor=False))
        g = {'input': torch.randn(11, D)}
        record(m.layers, g)
        g['output'] = m(g['input'][None])[0]
        mask = nn.Transformer.generate_square_subsequent_mask(11)
        m.layers[0]._forward_hooks.clear(); m.layers[1]._forward_hooks.clear()
        g['causal'] = m(g['input'][None], mask)[0]
        save(name, m, g)
    for name, act, pre in (('torch_pre_relu', 'relu', True), ('torch_post_gelu', 'gelu', False)):
        m = shake(nn.Transformer(D, HEADS, 2, 2, FFN, 0, act, norm_first=pre, batch_first=True))
        g = {'input': torch.randn(9, D), 'target': torch.randn(7, D)}
        record(m.encoder.layers, g, 'encoder.layer'); record(m.decoder.layers, g, 'decoder.layer')
        g['output'] = m(g['input'][None], g['target'][None], tgt_mask=nn.Transformer.generate_square_subsequent_mask(7))[0]
        save(name, m, g)


def bert():
    from transformers import BertConfig, BertModel
    m = shake(BertModel(BertConfig(vocab_size=VOCAB, hidden_size=D, num_hidden_layers=2, num_attention_heads=HEADS, intermediate_size=FFN,
                                   max_position_embeddings=16, hidden_act='gelu'), add_pooling_layer=False))
    x, types = tokens(10), torch.tensor([[0] * 6 + [1] * 4])
    g = {'input': x[0], 'types': types[0]}
    record(m.encoder.layer, g)
    g['output'] = m(x, token_type_ids=types).last_hidden_state[0]
    save('bert', m, g, ('position_ids',))


def gpt2():
    from transformers import GPT2Config, GPT2LMHeadModel
    m = shake(GPT2LMHeadModel(GPT2Config(vocab_size=VOCAB, n_positions=32, n_embd=D, n_layer=2, n_head=HEADS, n_inner=FFN)))
    x = tokens(13)
    g = {'input': x[0]}
    record(m.transformer.h, g)
    g['output'] = m(x).logits[0]
    save('gpt2', m, g, ('lm_head', '.attn.bias', 'masked_bias'))


def t5():
    from transformers import T5Config, T5ForConditionalGeneration
    for name, kind in (('t5_relu', 'relu'), ('t5_gated_gelu', 'gated-gelu')):
        c = T5Config(vocab_size=VOCAB, d_model=D, d_kv=6, d_ff=FFN, num_layers=2, num_heads=HEADS, relative_attention_num_buckets=8,
                     relative_attention_max_distance=20, feed_forward_proj=kind, tie_word_embeddings=kind == 'relu', decoder_start_token_id=0)
        m = shake(T5ForConditionalGeneration(c))
        x, y = tokens(40), tokens(30)
        g = {'input': x[0], 'target': y[0]}
        record(m.encoder.block, g, 'encoder.layer'); record(m.decoder.block, g, 'decoder.layer')
        g['output'] = m(input_ids=x, decoder_input_ids=y).logits[0]
        save(name, m, g, ('encoder.embed_tokens', 'decoder.embed_tokens') + (('lm_head',) if kind == 'relu' else ()))


def llama():
    from transformers import LlamaConfig, LlamaForCausalLM
    m = shake(LlamaForCausalLM(LlamaConfig(vocab_size=VOCAB, hidden_size=32, intermediate_size=FFN, num_hidden_layers=2, num_attention_heads=4,
                                           num_key_value_heads=2, max_position_embeddings=64)))
    x = tokens(40)
    g = {'input': x[0]}
    record(m.model.layers, g)
    g['output'] = m(x).logits[0]
    save('llama', m, g)


def whisper():
    from transformers import WhisperConfig, WhisperForConditionalGeneration
    m = shake(WhisperForConditionalGeneration(WhisperConfig(
        vocab_size=VOCAB, num_mel_bins=8, encoder_layers=2, encoder_attention_heads=HEADS, decoder_layers=2, decoder_attention_heads=HEADS,
        encoder_ffn_dim=FFN, decoder_ffn_dim=FFN, d_model=D, max_source_positions=12, max_target_positions=16, pad_token_id=0, bos_token_id=1,
        eos_token_id=2, decoder_start_token_id=3, suppress_tokens=None, begin_suppress_tokens=None)))
    mel, y = torch.randn(1, 8, 24), tokens(9)
    g = {'input': mel[0].T, 'target': y[0]}
    record(m.model.encoder.layers, g, 'encoder.layer'); record(m.model.decoder.layers, g, 'decoder.layer')
    g['output'] = m(input_features=mel, decoder_input_ids=y).logits[0]
    save('whisper', m, g, ('proj_out',))


def parley():
    """The recogniser, with and without chunks, and the blocks of the acoustic model."""
    sys.path.insert(0, os.path.join(HERE, '../asr'))
    import model
    c = model.Config(mels=8, d_model=D, heads=HEADS, layers=2, ffn=FFN, conv_kernel=5, period=20, phones=7, pieces=5, tokens=VOCAB - 1, decoder_layers=2,
                     decoder_ffn=FFN, max_tokens=16, left_context=8)
    m = shake(model.Recogniser(c))
    g = {'input': torch.randn(90, 8), 'target': tokens(9)[0]}
    with torch.no_grad():
        g['chunk4'] = m.encoder(g['input'][None], 4)[0]
        record(m.encoder.layers, g, 'encoder.layer'); record(m.decoder.layers, g, 'decoder.layer')
        g['encoded'] = m.encoder(g['input'][None], 0)[0]
        g['output'] = m.decoder(g['target'].long()[None], g['encoded'][None])[0]
    save('parley_asr', m, g)
    sys.path.insert(0, os.path.join(HERE, '../acoustic'))
    del sys.modules['model']
    import model
    c = dict(d=D, heads=HEADS, conv=5, ffn=FFN, dropout=0)
    x, valid = torch.randn(1, 21, D), torch.ones(1, 21, dtype=torch.bool)
    for name, causal, mask in (('parley_text', False, model.seen(valid)), ('parley_frames', True, model.chunk_mask(valid, 4, 2))):
        m, g = shake(model.Stack(c, 2, causal, 0)), {'input': x[0]}
        record(m.layers, g)
        g['output'] = m(x, mask, valid[..., None].float())[0]
        save(name, m, g)


def convolutions():
    i, o = 10, 6
    m = nn.ModuleDict({
        'stem': nn.Conv1d(i, o, 3, padding=1), 'strided': nn.Conv1d(i, o, 3, 2, 1), 'dilated': nn.Conv1d(i, o, 7, padding=15, dilation=5),
        'both': nn.Conv1d(i, o, 4, 3, dilation=2), 'up8': nn.ConvTranspose1d(i, o, 16, 8, 4), 'up3': nn.ConvTranspose1d(i, o, 7, 3, 2),
    })
    shake(m)
    x = torch.randn(1, i, 40)
    g = {k: (nn.functional.gelu if k == 'stem' else nn.Identity())(f(x))[0].T for k, f in m.items()} | {'input': x[0].T}
    save('torch_conv', m, g)


def main(names):
    for f in (torch_models, bert, gpt2, t5, llama, whisper, parley, convolutions):
        if names and f.__name__ not in names:
            continue
        torch.manual_seed(7)
        with torch.no_grad():
            f()


main(sys.argv[1:])
