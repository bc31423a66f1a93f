"""Golden vectors for internal/tokenizer: small vocabularies trained here, and what the tokenizers library makes of hard texts.
Run: python training/goldens/tokenizer.py   (tokenizers 0.22)
"""
import json, os, random
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

OUT = os.path.join(os.path.dirname(__file__), '../../internal/tokenizer/testdata')
CORPUS = [
    'the quick brown fox jumps over the lazy dog', "don't you think it's what we'll say, they're sure I'd come?",
    'she sells sea shells by the sea shore in 1984 and 2025', 'Größe, naïve café: ça va très bien', 'speech is sound, and sound is pressure',
    'the recogniser recognises the speech of the speaker', 'one two three four five six seven eight nine ten', 'привет мир, как дела', '東京 で 会い ましょう',
] * 4
TEXTS = CORPUS[:9] + [
    '', ' ', '  ', 'a', ' a', 'a ', '  two  spaces   three ', 'tab\tnew\nline\r\n\n end\n', "I'M 'S don'tt 'tis 'll", 'x²½Ⅷ٣ 12three',
    'emoji 😀👍🏽 and zero\u200dwidth', 'e\u0301 combining', '…—“quotes”', '\u00a0nbsp\u2003em', 'ﬁ ligature ①', '▁already▁meta ▁x', '<s>special</s> <s> in <mask>text',
    '<unk>', 'zzzqqqxxx', 'ééé ñ', '\x00\x01\x7f', 'a' * 50, 'UPPER lower MiXeD', '<0x41>', "the thethe  the",
]


def bpe_byte():
    t = Tokenizer(models.BPE())
    t.pre_tokenizer, t.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    t.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=400, special_tokens=['<|end|>'], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    return t


def bpe_byte_prefix():
    t = Tokenizer(models.BPE())
    t.pre_tokenizer, t.decoder = pre_tokenizers.ByteLevel(add_prefix_space=True), decoders.ByteLevel()
    t.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    t.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=330, special_tokens=['<s>', '</s>'], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    t.add_special_tokens([AddedToken('<mask>', lstrip=True)])
    t.add_tokens(['zzz'])
    return t


def bpe_metaspace():
    """As training/asr makes it."""
    t = Tokenizer(models.BPE(unk_token='<unk>', fuse_unk=True))
    t.pre_tokenizer, t.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    t.train_from_iterator(CORPUS[:3], trainers.BpeTrainer(vocab_size=120, special_tokens=['<blank>', '<unk>'], show_progress=False))
    return t


def bpe_fallback():
    """As Llama's: no words, spaces in the normalizer, bytes for what is unknown."""
    t = Tokenizer(models.BPE(byte_fallback=True, unk_token='<unk>'))
    t.normalizer = normalizers.Sequence([normalizers.Prepend('▁'), normalizers.Replace(' ', '▁')])
    t.decoder = decoders.Sequence([decoders.Replace('▁', ' '), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(' ', 1, 0)])
    t.train_from_iterator(CORPUS[:3], trainers.BpeTrainer(vocab_size=420, special_tokens=['<unk>', '<s>', '</s>'] + ['<0x%02X>' % i for i in range(256)], show_progress=False))
    return t


def unigram(byte_fallback=False):
    t = Tokenizer(models.Unigram())
    t.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(__import__('tokenizers').Regex(' {2,}'), ' ')])
    t.pre_tokenizer, t.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    special = ['<s>', '</s>', '<unk>'] + (['<0x%02X>' % i for i in range(256)] if byte_fallback else [])
    t.train_from_iterator(CORPUS, trainers.UnigramTrainer(vocab_size=150 + 256 * byte_fallback, special_tokens=special, unk_token='<unk>', show_progress=False))
    if byte_fallback:
        j = json.loads(t.to_str())
        j['model']['byte_fallback'] = True
        j['pre_tokenizer']['prepend_scheme'] = 'first'
        j['added_tokens'] = [a for a in j['added_tokens'] if not a['content'].startswith('<0x')]
        j['decoder'] = {'type': 'Sequence', 'decoders': [{'type': 'ByteFallback'}, j['decoder']]}
        t = Tokenizer.from_str(json.dumps(j))
    return t


def main():
    os.makedirs(OUT, exist_ok=True)
    rng = random.Random(1)
    for name, t in {'bpe_byte': bpe_byte(), 'bpe_byte_prefix': bpe_byte_prefix(), 'bpe_metaspace': bpe_metaspace(), 'bpe_fallback': bpe_fallback(),
                    'unigram': unigram(), 'unigram_bytes': unigram(True)}.items():
        path = f'{OUT}/{name}.json'
        t.save(path, pretty=False)
        cases = []
        for text in TEXTS:
            ids = t.encode(text, add_special_tokens=False).ids
            cases.append({'text': text, 'ids': ids, 'decoded': t.decode(ids)})
        n = t.get_vocab_size()
        random_ids = [[rng.randrange(n) for _ in range(rng.randrange(1, 12))] for _ in range(60)]
        json.dump({'vocab': n, 'encode': cases, 'decode': [{'ids': i, 'decoded': t.decode(i)} for i in random_ids]},
                  open(f'{OUT}/{name}.golden.json', 'w'), ensure_ascii=False)
    t = bpe_byte()
    t.model.save(OUT, 'gpt2')


main()
