"""Golden vectors for internal/wav2vec2: tiny random models of wav2vec 2.0 and HuBERT in the layout of Hugging Face, and what transformers makes
of them. Run: python training/goldens/wav2vec2.py   (torch 2.13, transformers 5)

group: as wav2vec2-base; stable: as wav2vec2-large-lv60, old names of the weight norm, blank not 0; hubert: as hubert-large, odd positions.
"""
import os, shutil
import torch
from safetensors.torch import save_file
from transformers import (AutomaticSpeechRecognitionPipeline, HubertConfig, HubertForCTC, Wav2Vec2Config, Wav2Vec2CTCTokenizer, Wav2Vec2FeatureExtractor,
                          Wav2Vec2ForCTC)
from common import halve, sound, write

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, '../../internal/wav2vec2/testdata')
LETTERS = list("ETAONI'")
OLD = {'parametrizations.weight.original0': 'weight_g', 'parametrizations.weight.original1': 'weight_v'}


def shake(model, g, specials):
    """Random weights far from their usual beginnings; special tokens are never written."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            r = torch.randn(p.shape, generator=g)
            if 'original0' in name:
                p.copy_(1 + r.abs())
            elif p.dim() > 1:
                p.copy_(r * (4 if 'lm_head' in name else 1.5) / p[0].numel() ** 0.5)
            else:
                p.copy_(1 + 0.3 * r if p.mean() > 0.5 else 0.3 * r)
        model.lm_head.bias[specials] = -30
    return halve(model)


def goldens(name, config, model, pieces, normalize, seed, old=False):
    folder = f'{OUT}/{name}'
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    ids = {p: i for i, p in enumerate(pieces)}
    c = config(vocab_size=len(pieces), pad_token_id=ids['<pad>'], hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=32,
               conv_dim=(12,) * 7, **model[1])
    m = shake(model[0](c), torch.Generator().manual_seed(seed), [i for p, i in ids.items() if p in ('<s>', '</s>', '<unk>')])
    extract = Wav2Vec2FeatureExtractor(do_normalize=normalize, return_attention_mask=False)
    x = extract(sound(3), sampling_rate=16000, return_tensors='pt').input_values
    mean = m(x).logits[0].mean(0)
    mean[m.lm_head.bias < -20] = 0
    m.lm_head.bias.copy_((m.lm_head.bias - mean).half())              # all letters come as often
    state = {k: v.clone().half().contiguous() for k, v in m.state_dict().items() if 'masked_spec_embed' not in k}
    if old:
        state = {next((k.replace(a, b) for a, b in OLD.items() if a in k), k): v for k, v in state.items()}
    save_file(state, f'{folder}/model.safetensors')
    keep = ('model_type', 'vocab_size', 'pad_token_id', 'hidden_size', 'num_hidden_layers', 'num_attention_heads', 'intermediate_size', 'hidden_act',
            'layer_norm_eps', 'do_stable_layer_norm', 'feat_extract_norm', 'feat_extract_activation', 'conv_dim', 'conv_stride', 'conv_kernel', 'conv_bias',
            'num_conv_pos_embeddings', 'num_conv_pos_embedding_groups', 'feat_proj_layer_norm')
    write(f'{folder}/config.json', {k: v for k, v in c.to_dict().items() if k in keep})
    write(f'{folder}/vocab.json', ids)
    write(f'{folder}/preprocessor_config.json', dict(do_normalize=normalize, sampling_rate=16000))
    tokenizer = Wav2Vec2CTCTokenizer(f'{folder}/vocab.json')
    base = getattr(m, c.model_type)
    states = base(x).last_hidden_state[0]
    logits = m(x).logits[0]
    best = logits.argmax(-1)
    vectors = dict(stem=base.feature_extractor(x)[0].T[::5], states=states[::5], logits=logits.log_softmax(-1)[::5])
    decoded = tokenizer.decode(best, output_word_offsets=True)
    collapsed = [i for n, i in enumerate(best.tolist()) if i != ids['<pad>'] and (n == 0 or best[n - 1] != i)]
    pipe = AutomaticSpeechRecognitionPipeline(m, tokenizer=tokenizer, feature_extractor=extract)
    long = pipe(sound(10), chunk_length_s=3)
    g = dict(units=collapsed, text=decoded.text, words=[[w['word'], int(w['start_offset']), int(w['end_offset'])] for w in decoded.word_offsets],
             long=long['text'])
    print(name, g['text'], '|', g['long'][:60])
    write(f'{folder}/golden.json', g)
    save_file({k: v.float().contiguous() for k, v in vectors.items()}, f'{folder}/golden.safetensors')


torch.set_grad_enabled(False)
SPECIALS = ['<s>', '</s>', '<unk>']
goldens('group', Wav2Vec2Config, (Wav2Vec2ForCTC, dict(num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4)), ['<pad>', *SPECIALS, '|', *LETTERS], True, 1)
goldens('stable', Wav2Vec2Config, (Wav2Vec2ForCTC, dict(num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=2, feat_extract_norm='layer', conv_bias=True,
                                                        do_stable_layer_norm=True)), ['|', *LETTERS, '<unk>', '<pad>', '<s>', '</s>'], True, 2, old=True)
goldens('hubert', HubertConfig, (HubertForCTC, dict(num_conv_pos_embeddings=9, num_conv_pos_embedding_groups=3, feat_extract_norm='layer', conv_bias=True,
                                                    do_stable_layer_norm=True, feat_proj_layer_norm=False)), ['<pad>', *SPECIALS, '|', *LETTERS], False, 4)
for folder, _, files in os.walk(OUT):
    for f in files:
        print(os.path.join(folder, f), os.path.getsize(os.path.join(folder, f)))
