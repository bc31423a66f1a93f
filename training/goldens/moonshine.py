"""Golden vectors for internal/moonshine: a tiny random model in the layout of Hugging Face, and what transformers makes of it.
Run: python training/goldens/moonshine.py   (torch 2.13, transformers 5)
"""
import os, shutil
import torch
from safetensors.torch import save_file
from transformers import MoonshineConfig, MoonshineForConditionalGeneration, PreTrainedTokenizerFast
from common import shake, sound, write

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, '../../internal/moonshine/testdata/tiny')
VOCAB = ['<unk>', '<s>', '</s>'] + [f'<0x{b:02X}>' for b in (0x41, 0xC3, 0xA9)] + ['▁'] + list('abcdefghijklmnopqrstuvwxyz') + ['▁a', '▁b', '▁c', '▁d']


torch.set_grad_enabled(False)
shutil.rmtree(OUT, ignore_errors=True)
os.makedirs(OUT)
c = MoonshineConfig(vocab_size=len(VOCAB), hidden_size=30, intermediate_size=40, encoder_num_hidden_layers=2, decoder_num_hidden_layers=2,
                    encoder_num_attention_heads=3, decoder_num_attention_heads=3, max_position_embeddings=48, partial_rotary_factor=0.85)
x = torch.from_numpy(sound(3))[None]
for seed in range(1, 100):                                            # one that does not only repeat itself
    m = shake(MoonshineForConditionalGeneration(c), torch.Generator().manual_seed(seed), 0.4, 'encoder_attn.o_proj')
    tokens = m.generate(x, do_sample=False, num_beams=1, max_length=20, attention_mask=torch.ones_like(x, dtype=torch.long))[0].tolist()
    if len(set(tokens)) > 7:
        break
save_file({k: v.clone().half().contiguous() for k, v in m.state_dict().items() if 'proj_out' not in k}, f'{OUT}/model.safetensors')
keep = ('model_type', 'vocab_size', 'hidden_size', 'intermediate_size', 'encoder_num_hidden_layers', 'decoder_num_hidden_layers', 'encoder_num_attention_heads',
        'decoder_num_attention_heads', 'max_position_embeddings', 'encoder_hidden_act', 'decoder_hidden_act', 'decoder_start_token_id', 'eos_token_id',
        'rope_parameters')
write(f'{OUT}/config.json', {k: v for k, v in c.to_dict().items() if k in keep})
added = [dict(id=i, content=VOCAB[i], special=True, single_word=False, lstrip=False, rstrip=False, normalized=False) for i in range(3)]
write(f'{OUT}/tokenizer.json', dict(
    added_tokens=added, pre_tokenizer=None, post_processor=None,
    normalizer=dict(type='Sequence', normalizers=[dict(type='Prepend', prepend='▁'), dict(type='Replace', pattern=dict(String=' '), content='▁')]),
    decoder=dict(type='Sequence', decoders=[dict(type='Replace', pattern=dict(String='▁'), content=' '), dict(type='ByteFallback'), dict(type='Fuse'),
                                            dict(type='Strip', content=' ', start=1, stop=0)]),
    model=dict(type='BPE', unk_token='<unk>', fuse_unk=True, byte_fallback=True, vocab={p: i for i, p in enumerate(VOCAB)},
               merges=['▁ a', '▁ b', '▁ c', '▁ d'])))
states = m.model.encoder(x).last_hidden_state[0]
prompt = torch.tensor([[1, 7, 12, 35]])
logits = m(input_values=x, decoder_input_ids=prompt).logits[0]
short = m.generate(x[:, :16000], do_sample=False, num_beams=1, max_length=7)[0].tolist()
text = PreTrainedTokenizerFast(tokenizer_file=f'{OUT}/tokenizer.json').decode(tokens, skip_special_tokens=True)
print(seed, tokens, short, text)
write(f'{OUT}/golden.json', dict(tokens=tokens, short=short, text=text))
save_file(dict(states=states[::3].contiguous(), logits=logits.contiguous()), f'{OUT}/golden.safetensors')
for f in os.listdir(OUT):
    print(f, os.path.getsize(f'{OUT}/{f}'))
