"""Golden vectors of internal/wer: Whisper's normalisers (openai-whisper) and jiwer's counts on random texts.

    python training/goldens/wer.py internal/wer/testdata/golden.json [CASES [SEED]]
"""
import json
import random
import sys

import jiwer
from whisper.normalizers import BasicTextNormalizer, EnglishTextNormalizer

NUMBERS = """zero o oh one two three four five six seven eight nine ten eleven twelve thirteen nineteen twenty thirty forty ninety hundred
thousand million billion ones sixes first second third fifth twelfth nineteenth fifties twentieth hundreds thousandth millions minus
negative plus positive pound pounds euro dollars cent cents per percent and double triple point half a 3 14 2.5 3.0 007 $20 €5.5 £7 ¢9
1,000 10th 10km b747 1.2.3 50% % $ . and and""".split()
WORDS = """the cat colour organise mr. mrs dr st. prof. he's she's been it'd gone can't won't ain't y'all i'm wanna gonna um uh hmm café
naïve œuvre straße don't we've they'll 'tis rock 'n' roll [laughs] (coughs) <noise> "quoted" end. end, one-two e.g. U.S.A. 5'10 what?!
travelled centre catalogue … – half per ß １２ ½ don’t Let's ma'am imma rep. gen. col. 3rd of July nineteen ninety nine""".split()


def sentence(rng):
    pool = NUMBERS if rng.random() < 0.6 else NUMBERS + WORDS + WORDS
    return " ".join(rng.choice(pool) for _ in range(rng.randint(0, 9)))


def pair(rng):
    ref = [rng.choice("abcde") for _ in range(rng.randint(1, 12))]
    hyp = [w if rng.random() < 0.6 else rng.choice("abcde") for w in ref if rng.random() < 0.85]
    for _ in range(rng.randint(0, 3)):
        hyp.insert(rng.randint(0, len(hyp)), rng.choice("abcde"))
    return " ".join(ref), " ".join(hyp)


def main():
    cases = int(sys.argv[2]) if len(sys.argv) > 2 else 400
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    english, basic = EnglishTextNormalizer(), BasicTextNormalizer()
    texts = []
    while len(texts) < cases:
        text = sentence(rng)
        try:
            texts.append([text, english(text), basic(text)])
        except (AssertionError, AttributeError, ValueError):
            pass  # the reference fails on some nonsense
    counts = []
    for _ in range(cases):
        ref, hyp = pair(rng)
        o = jiwer.process_words(ref, hyp)
        counts.append([ref, hyp, o.substitutions, o.insertions, o.deletions])
    with open(sys.argv[1], "w") as f:
        json.dump({"texts": texts, "counts": counts}, f, ensure_ascii=False, indent=0)


main()
