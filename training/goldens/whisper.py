"""Golden vectors for internal/whisper: two tiny random models in the layout of Hugging Face, and what openai/whisper and transformers make
of them. Run: python training/goldens/whisper.py   (torch 2.13, transformers 5, openai-whisper 20250625)

multilingual: 80 mels, 4 languages, tokenizer.json. english: 128 mels, vocab.json and merges.txt. A window is 2 s, so that everything stays small.
"""
import json, os, sys, shutil
sys.path.pop(0)                                                       # this file is not openai/whisper
import numpy as np, torch, tiktoken, whisper
from safetensors.torch import save_file
from transformers import WhisperConfig, WhisperForConditionalGeneration, WhisperFeatureExtractor
from whisper.model import ModelDimensions, Whisper
from whisper.tokenizer import LANGUAGES, Tokenizer
import whisper.decoding, whisper.timing

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, '../../internal/whisper/testdata')
END = 256 + 20                                                        # after the bytes and the merges
D, HEADS, LAYERS, FFN, AUDIO, TEXT = 24, 3, 2, 96, 100, 64
FRAMES = 2 * AUDIO
transcribe = sys.modules['whisper.transcribe']
transcribe.N_FRAMES, transcribe.N_SAMPLES = FRAMES, FRAMES * 160


def sound(seconds):
    """A sound that Go makes again (whisper_test.go): two gliding tones, bursts of noise from a linear congruential generator."""
    n = int(16000 * seconds)
    t = np.arange(n) / 16000
    x = 0.3 * np.sin(2 * np.pi * (200 + 40 * t) * t) + 0.2 * np.sin(2 * np.pi * (900 - 30 * t) * t) * (np.floor(3 * t) % 2)
    state, noise = 1, np.empty(n)
    for i in range(n):
        state = (1664525 * state + 1013904223) % 2**32
        noise[i] = state / 2**31 - 1
    return ((x + 0.1 * noise * (np.floor(5 * t) % 3 == 0)) * np.where(t < 0.2, 2.5, 1)).astype(np.float32)  # loudest at first: features.go


MERGES = [('Ġ', 't'), ('h', 'e'), ('i', 'n'), ('Ġ', 'a'), ('e', 'r'), ('Ġt', 'he'), ('o', 'n'), ('Ġ', 's'), ('Ġ', '-'), ("Ġ", "'"), ('r', 'e'), ('Ġ', '"'),
          ('Ġ', '('), ('n', 'd'), ('a', 't'), ('Ġa', 'nd'), ('-', '-'), ('à', '¤'), ('â', 'Ļ'), ('Ġ', 'â')]


def byte_chars():
    """GPT-2's spelling of bytes, in the order of its vocabulary."""
    shown = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    spell, n = {b: chr(b) for b in shown}, 0
    for b in range(256):
        if b not in spell:
            spell[b] = chr(256 + n)
            n += 1
    order = shown + [b for b in range(256) if b not in shown]
    return spell, order


def vocabulary():
    spell, order = byte_chars()
    pieces = [spell[b] for b in order] + [a + b for a, b in MERGES]
    back = {c: b for b, c in spell.items()}
    return pieces, {bytes(back[c] for c in p): i for i, p in enumerate(pieces)}


def shake(model, g, text):
    """Random weights far from their usual beginnings. Letters and timestamps are likelier than other bytes, what comes depends on the sound
    and the place more than on the last token, and texts end after a while."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            r = torch.randn(p.shape, generator=g)
            if 'embed_tokens' in name:
                r[94:text] *= 0.5
                p.copy_(0.8 * r)
            elif 'decoder.embed_positions' in name:
                p.copy_(2 * r)
            elif p.dim() > 1:
                p.copy_(r * (3 if 'encoder_attn.out_proj' in name or 'fc2' in name else 1.2) / p[0].numel() ** 0.5)
            else:
                p.copy_(1 + 0.3 * r if p.mean() > 0.5 else 0.3 * r)
        table, place = model.model.decoder.embed_tokens.weight, model.model.decoder.embed_positions.weight
        place[16:] += 6 * table[END]
        for p in model.parameters():
            p.copy_(p.half())                                         # files hold halves, exactly
    return model.eval()


RENAME = [('layers.', 'blocks.'), ('encoder_attn_layer_norm', 'cross_attn_ln'), ('encoder_attn.', 'cross_attn.'), ('self_attn_layer_norm', 'attn_ln'),
          ('self_attn.', 'attn.'), ('q_proj', 'query'), ('k_proj', 'key'), ('v_proj', 'value'), ('out_proj', 'out'), ('fc1', 'mlp.0'), ('fc2', 'mlp.2'),
          ('final_layer_norm', 'mlp_ln'), ('embed_positions.weight', 'positional_embedding'), ('embed_tokens', 'token_embedding')]


def openai(state, dims, heads):
    m, new = Whisper(dims), {}
    for k, v in state.items():
        k = k.removeprefix('model.')
        for a, b in RENAME:
            k = k.replace(a, b)
        k = k.replace('encoder.layer_norm', 'encoder.ln_post').replace('decoder.layer_norm', 'decoder.ln')
        new[k] = v.float()
    missing = m.load_state_dict(new, strict=False)
    assert not missing.missing_keys and not missing.unexpected_keys, missing
    mask = torch.zeros(LAYERS, HEADS, dtype=torch.bool)
    for l, h in heads:
        mask[l, h] = True
    m.register_buffer('alignment_heads', mask.to_sparse(), persistent=False)
    return m.eval()


def build(name, mels, languages, seed):
    pieces, ranks = vocabulary()
    langs = list(LANGUAGES)[:languages]
    specials = ['<|endoftext|>', '<|startoftranscript|>', *[f'<|{l}|>' for l in langs], '<|translate|>', '<|transcribe|>', '<|startoflm|>',
                '<|startofprev|>', '<|nospeech|>', '<|notimestamps|>']
    stamps = [f'<|{i * 0.02:.2f}|>' for i in range(AUDIO + 1)]
    ids = {s: len(pieces) + i for i, s in enumerate(specials + stamps)}
    assert ids['<|endoftext|>'] == END
    vocab = len(pieces) + len(specials) + len(stamps)
    c = WhisperConfig(vocab_size=vocab, num_mel_bins=mels, d_model=D, encoder_layers=LAYERS, decoder_layers=LAYERS, encoder_attention_heads=HEADS,
                      decoder_attention_heads=HEADS, encoder_ffn_dim=FFN, decoder_ffn_dim=FFN, max_source_positions=AUDIO, max_target_positions=TEXT,
                      pad_token_id=ids['<|endoftext|>'], bos_token_id=ids['<|endoftext|>'], eos_token_id=ids['<|endoftext|>'],
                      decoder_start_token_id=ids['<|startoftranscript|>'])
    m = shake(WhisperForConditionalGeneration(c), torch.Generator().manual_seed(seed), 256)
    state = {k: v.clone().half().contiguous() for k, v in m.state_dict().items() if 'proj_out' not in k}
    folder = f'{OUT}/{name}'
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    save_file(state, f'{folder}/model.safetensors')
    keep = ('model_type', 'vocab_size', 'num_mel_bins', 'd_model', 'encoder_layers', 'encoder_attention_heads', 'encoder_ffn_dim', 'decoder_layers',
            'decoder_attention_heads', 'decoder_ffn_dim', 'max_source_positions', 'max_target_positions', 'activation_function', 'scale_embedding')
    write(f'{folder}/config.json', {k: c.to_dict()[k] for k in keep})
    heads = [[0, 1], [1, 0], [1, 2]]
    added = [dict(id=ids[s], content=s, special=True, single_word=False, lstrip=False, rstrip=False, normalized=False) for s in specials]
    level = dict(type='ByteLevel', add_prefix_space=False, trim_offsets=True, use_regex=True)
    write(f'{folder}/generation_config.json', dict(is_multilingual=languages > 0, alignment_heads=heads))
    if languages > 0:
        write(f'{folder}/tokenizer.json', dict(added_tokens=added, normalizer=None, pre_tokenizer=level, decoder=level, model=dict(
            type='BPE', vocab={p: i for i, p in enumerate(pieces)}, merges=[f'{a} {b}' for a, b in MERGES])))
    else:
        write(f'{folder}/vocab.json', {p: i for i, p in enumerate(pieces)} | {s: ids[s] for s in specials})
        open(f'{folder}/merges.txt', 'w').write('#version: 0.2\n' + ''.join(f'{a} {b}\n' for a, b in MERGES))
    encoding = tiktoken.Encoding(name, explicit_n_vocab=vocab, mergeable_ranks=ranks, special_tokens=ids,
                                 pat_str=r"""'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+""")

    def tokenizer(multilingual, *, num_languages=languages, language=None, task=None):
        if languages == 0:
            language = task = None
        else:
            language, task = language or 'en', task or 'transcribe'
        return Tokenizer(encoding=encoding, num_languages=languages, language=language, task=task)
    whisper.decoding.get_tokenizer = transcribe.get_tokenizer = tokenizer
    Whisper.is_multilingual = property(lambda self: languages > 0)
    Whisper.num_languages = property(lambda self: languages)
    dims = ModelDimensions(mels, AUDIO, D, HEADS, LAYERS, vocab, TEXT, D, HEADS, LAYERS)
    return m, openai(state, dims, heads), tokenizer


def write(path, data):
    with open(path, 'w') as f:
        json.dump(data, f, ensure_ascii=False, indent=None, separators=(',', ':'))


def log_mel(x, mels):
    """openai/whisper's log_mel_spectrogram in double precision, (mels, T): its own f32 is off by 1e-5, which these models make 1e-3."""
    window = torch.hann_window(400, dtype=torch.float64)
    power = torch.stft(torch.from_numpy(x).double(), 400, 160, window=window, return_complex=True)[..., :-1].abs() ** 2
    v = (whisper.audio.mel_filters('cpu', mels).double() @ power).clamp(min=1e-10).log10()
    return ((v.maximum(v.max() - 8) + 4) / 4).float()


def decoded(r):
    return dict(tokens=r.tokens, text=r.text, avg=r.avg_logprob, no_speech=r.no_speech_prob, compression=r.compression_ratio)


def goldens(name, mels, languages, seed):
    hf, m, tokenizer = build(name, mels, languages, seed)
    g, vectors = {}, {}
    x = sound(2)
    mel = log_mel(np.pad(x, (0, 400)), mels)[:, :FRAMES]               # silence after the sound, as transcribe has it
    assert (whisper.log_mel_spectrogram(x, mels, padding=400)[:, :FRAMES] - mel).abs().max() < 1e-4
    assert mel.shape[1] == FRAMES
    theirs = WhisperFeatureExtractor(feature_size=mels, chunk_length=2)(x, sampling_rate=16000, return_tensors='pt').input_features[0]
    assert (theirs - mel)[:, :-2].abs().max() < 1e-4                   # transformers mirrors the end of a full window
    with torch.no_grad():
        states = m.encoder(mel[None])[0]
        other = hf.model.encoder(mel[None]).last_hidden_state[0]
        assert (states - other).abs().max() < 1e-4
    vectors['mel'] = mel.T[::20].clone()                             # (10, mels)
    vectors['states'] = states[::5].clone()                          # (20, D)
    base = dict(fp16=False, temperature=0.0, max_initial_timestamp=15.0)  # 50 steps: the 30 s of the reference are 2 s here
    lang = dict(language='en')
    cases = dict(greedy={}, plain=dict(without_timestamps=True), prompt=dict(prompt='the rain and other things', without_timestamps=True),
                 beam=dict(beam_size=5), patient=dict(beam_size=3, patience=2.0, length_penalty=0.6), blank=dict(suppress_blank=False, suppress_tokens="0"))
    if languages:
        cases |= dict(german=dict(language='de'), translate=dict(language='es', task='translate'), detected=dict(language=None))
    for k, o in cases.items():
        g[k] = decoded(whisper.decode(m, mel, whisper.DecodingOptions(**(base | lang | o))))
    t = tokenizer(languages > 0, language='en', task='transcribe')
    with torch.no_grad():
        prompt = torch.tensor([[*t.sot_sequence, t.no_timestamps]])
        logits = m.decoder(prompt, states[None])[0, -1]
        vectors['logits'] = logits.clone()
        out = hf(input_features=mel[None], decoder_input_ids=prompt).logits[0, -1]
        assert (out - logits).abs().max() < 1e-3
    if languages:
        _, probs = m.detect_language(mel, t)
        g['languages'] = probs
    g['suppressed'] = list(t.non_speech_tokens)
    text = t.encode(' the rain and then (nothing) at all é')
    g['words'] = [dict(word=w.word, n=len(w.tokens), start=w.start, end=w.end, prob=float(w.probability))
                  for w in whisper.timing.find_alignment(m, t, text, mel, FRAMES - 30)]
    g['aligned'] = text
    long = sound(7)
    for k, o in dict(long={}, words=dict(word_timestamps=True), clips=dict(clip_timestamps=[1.0, 2.5, 4.0, 6.2]),
                     prompted=dict(initial_prompt='the rain', carry_initial_prompt=True)).items():
        y = m.transcribe(long, temperature=0.0, fp16=False, logprob_threshold=None, compression_ratio_threshold=None, no_speech_threshold=None,
                         max_initial_timestamp=15.0, **lang, **o)
        g['transcribe.' + k] = [dict(start=s['start'], end=s['end'], text=s['text'], tokens=s['tokens'],
                                     words=[[w['word'], w['start'], w['end'], float(w['probability'])] for w in s.get('words', [])])
                                for s in y['segments'] if s['text']]
    write(f'{OUT}/{name}/golden.json', g)
    save_file({k: v.float().contiguous() for k, v in vectors.items()}, f'{OUT}/{name}/golden.safetensors')
    return tokenizer


def warping():
    """A path of dynamic time warping and a median filter of openai/whisper."""
    g = torch.Generator().manual_seed(5)
    x = torch.randn(9, 31, generator=g)
    rows, columns = whisper.timing.dtw(-x)
    y = whisper.timing.median_filter(x, 7)
    save_file({'x': x, 'median': y.contiguous(), 'rows': torch.tensor(rows.copy()).float(), 'columns': torch.tensor(columns.copy()).float()}, f'{OUT}/warp.safetensors')


def splitting(tokenizer):
    """Words of token sequences with the punctuation that belongs to them, as openai/whisper cuts them: by characters in languages without spaces
    between words, else at spaces."""
    out = []
    for language, text in [('zh', '你好,世界。「是」 abc“x” 1！'), ('zh', ' 好 吗?'), ('zh', '好'), ('en', ' Well-known: "$5.20," (he\'s) said -- 你好吗 …'),
                           ('en', 'no space; ¿qué? “x”'), ('de', ' straße — ‘x’'), ('es', '')]:
        t = tokenizer(True, language=language, task='transcribe')
        for ids in (t.encode(text), t.encode(text)[1:], t.encode(text)[:-1]):
            if t.decode(ids).endswith('\ufffd'):                      # half a character: the reference stumbles
                continue
            words, tokens = t.split_to_word_tokens(ids + [t.eot])
            words = [whisper.timing.WordTiming(w, n, 0, 0, 0) for w, n in zip(words[:-1], tokens[:-1])]
            whisper.timing.merge_punctuations(words, "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、")
            out.append(dict(language=language, tokens=ids, words=[w.word for w in words], n=[len(w.tokens) for w in words]))
    write(f'{OUT}/splits.json', out)


torch.set_grad_enabled(False)
os.makedirs(OUT, exist_ok=True)
splitting(goldens('multilingual', 80, 4, 1))
goldens('english', 128, 0, 2)
warping()
for folder, _, files in os.walk(OUT):
    for f in files:
        print(os.path.join(folder, f), os.path.getsize(os.path.join(folder, f)))
