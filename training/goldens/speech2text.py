"""Golden vectors for internal/speech2text: a tiny random model in the layout of Hugging Face, and what transformers makes of it.
Run: python training/goldens/speech2text.py   (torch 2.13, transformers 5)
"""
import os, shutil
import torch
from safetensors.torch import save_file
from transformers import Speech2TextConfig, Speech2TextFeatureExtractor, Speech2TextForConditionalGeneration
from common import shake, sound, write

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, '../../internal/speech2text/testdata/tiny')
VOCAB = ['<s>', '<pad>', '</s>', '<unk>', '▁'] + list('abcdefghijklmnopqrst') + ['▁a', '▁b', '▁the', 'ing']


torch.set_grad_enabled(False)
shutil.rmtree(OUT, ignore_errors=True)
os.makedirs(OUT)
c = Speech2TextConfig(vocab_size=len(VOCAB), d_model=24, encoder_layers=2, decoder_layers=2, encoder_attention_heads=3, decoder_attention_heads=3,
                      encoder_ffn_dim=32, decoder_ffn_dim=32, conv_channels=20, conv_kernel_sizes=(5, 5), input_feat_per_channel=80,
                      max_source_positions=600, max_target_positions=64, bos_token_id=0, pad_token_id=1, eos_token_id=2, decoder_start_token_id=2)
x = Speech2TextFeatureExtractor()(sound(3, 0.01), sampling_rate=16000, return_tensors='pt')
for seed in range(1, 100):                                            # one that does not only repeat itself
    m = shake(Speech2TextForConditionalGeneration(c), torch.Generator().manual_seed(seed), 0.2, 'encoder_attn.out_proj')
    tokens = m.generate(x.input_features, attention_mask=x.attention_mask, do_sample=False, num_beams=1, max_length=20)[0].tolist()
    if len(set(tokens)) > 7:
        break
save_file({k: v.clone().half().contiguous() for k, v in m.state_dict().items() if 'lm_head' not in k and 'embed_positions' not in k}, f'{OUT}/model.safetensors')
keep = ('model_type', 'vocab_size', 'd_model', 'encoder_layers', 'decoder_layers', 'encoder_attention_heads', 'decoder_attention_heads', 'encoder_ffn_dim',
        'decoder_ffn_dim', 'conv_channels', 'conv_kernel_sizes', 'input_feat_per_channel', 'input_channels', 'max_source_positions', 'max_target_positions',
        'activation_function', 'scale_embedding', 'pad_token_id', 'eos_token_id', 'decoder_start_token_id')
write(f'{OUT}/config.json', {k: v for k, v in c.to_dict().items() if k in keep})
write(f'{OUT}/vocab.json', {p: i for i, p in enumerate(VOCAB)})
states = m.model.encoder(x.input_features, attention_mask=x.attention_mask).last_hidden_state[0]
logits = m(**x, decoder_input_ids=torch.tensor([[2, 7, 12, 25]])).logits[0]
text = ''.join(VOCAB[i] for i in tokens if i > 3).replace('▁', ' ').strip()
print(seed, tokens, text, x.input_features.shape)
write(f'{OUT}/golden.json', dict(tokens=tokens, text=text))
save_file(dict(features=x.input_features[0][::20].contiguous(), states=states[::5].contiguous(), logits=logits.contiguous()), f'{OUT}/golden.safetensors')
for f in os.listdir(OUT):
    print(f, os.path.getsize(f'{OUT}/{f}'))
