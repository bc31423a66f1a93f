"""Words and their phonemes for the letter-to-sound model: misaki's US lexicons first, CMUdict for the words misaki lacks."""
import json, os, random, re

LETTERS = "abcdefghijklmnopqrstuvwxyz'"                              # id 0 is padding, letter i has id i + 1
PHONEMES = 'AIOQWYabdefhijklmnpstuvwzæðŋɑɔəɛɜɡɪɹɾʃʊʌʒʔʤʧˈˌθᵊᵻ'       # id 0 padding, 1 start and end, phoneme i has id i + 2
VOWELS = set('AIOQWYaiuæɑɔəɛɜɪʊʌᵻᵊ')
ARPABET = {'AA': 'ɑ', 'AE': 'æ', 'AH': 'ʌ', 'AO': 'ɔ', 'AW': 'W', 'AY': 'I', 'B': 'b', 'CH': 'ʧ', 'D': 'd', 'DH': 'ð', 'EH': 'ɛ',
           'ER': 'ɜɹ', 'EY': 'A', 'F': 'f', 'G': 'ɡ', 'HH': 'h', 'IH': 'ɪ', 'IY': 'i', 'JH': 'ʤ', 'K': 'k', 'L': 'l', 'M': 'm',
           'N': 'n', 'NG': 'ŋ', 'OW': 'O', 'OY': 'Y', 'P': 'p', 'R': 'ɹ', 'S': 's', 'SH': 'ʃ', 'T': 't', 'TH': 'θ', 'UH': 'ʊ',
           'UW': 'u', 'V': 'v', 'W': 'w', 'Y': 'j', 'Z': 'z', 'ZH': 'ʒ'}


def from_arpabet(phones):
    """['W', 'AO1', 'T', 'ER0'] -> 'wˈɔɾəɹ': schwas, flaps and syllabic consonants as misaki writes them."""
    out = []
    for p in phones:
        base, stress = p.rstrip('012'), p[-1]
        if stress in '12':
            out.append('ˈˌ'[int(stress) - 1])
        reduced = stress == '0'
        out.append({'AH': 'ə', 'ER': 'əɹ'}.get(base, ARPABET[base]) if reduced else ARPABET[base])
    s = ''.join(out)
    s = re.sub('(?<=[AIOWYiuæɑɔəɛɜɪʊʌɹ])t(?=[əɪiOᵻ])', 'ɾ', s)        # flap before an unstressed vowel
    s = re.sub('(?<=[szʃʒʧʤ])[ɪə]z$', 'ᵻz', s)
    s = re.sub('(?<=[tdɾ])[ɪə]d$', 'ᵻd', s)
    s = re.sub('(?<=[^AIOWYiuæɑɔəɛɜɪʊʌɹ])ə(?=l$)', 'ᵊ', s)
    return re.sub('(?<=[tdszʃʒ])ə(?=n(?:$|[^AIOWYiuæɑɔəɛɜɪʊʌˈˌ]))', 'ᵊ', s)


def misaki(folder):
    """Lower-case word -> phonemes (the DEFAULT reading), gold over silver, lower-case entries over names. All-capital keys are left out."""
    words = {}
    for name in ('gold', 'silver'):
        entries = json.load(open(os.path.join(folder, f'us_{name}.json')))
        for key in sorted(entries, key=lambda k: k != k.lower()):
            e = entries[key]
            e = e if isinstance(e, str) else e.get('DEFAULT')
            w = key.lower()
            if e and w not in words and usable(w, e) and not (len(key) > 1 and key == key.upper()):
                words[w] = e
    return words


def cmudict(path, known):
    """Lower-case word -> phonemes for first readings of words not in known."""
    words = {}
    for line in open(path, encoding='utf-8'):
        w, *phones = line.split('#')[0].split()
        if w not in known and '(' not in w:
            e = from_arpabet(phones)
            if usable(w, e):
                words[w] = e
    return words


def usable(w, e):
    return 1 < len(w) <= 24 and len(e) <= 34 and set(w) <= set(LETTERS) and set(e) <= set(PHONEMES)


def load(misaki_folder, cmu_path, held_out, seed):
    """(train, test): lists of (word, phonemes). The test words are drawn from misaki; CMUdict only trains."""
    first = misaki(misaki_folder)
    second = cmudict(cmu_path, first)
    words = sorted(first.items())
    random.Random(seed).shuffle(words)
    return words[held_out:] + sorted(second.items()), words[:held_out]
