"""The recogniser's phone units: misaki's US alphabet without stress, allophones folded. Unit 0 is the CTC blank, in frame targets silence."""
FOLD = {'ɾ': 't', 'ʔ': 't', 'ᵊ': 'ə', 'ᵻ': 'ɪ', 'ɐ': 'ə', 'a': 'æ', 'ɒ': 'ɑ', 'e': 'ɛ', 'o': 'O', 'r': 'ɹ', 'g': 'ɡ'}
PHONES = ['_'] + list('AIOWYbdfhijklmnpstuvwzæðŋɑɔəɛɜɡɪɹʃʊʌʒʤʧθ')
INDEX = {p: i for i, p in enumerate(PHONES)}


def fold(phonemes):
    """A phoneme string with stress marks and punctuation -> the list of phone units."""
    return [INDEX[q] for q in (FOLD.get(p, p) for p in phonemes) if q in INDEX and q != '_']


def frame_labels(phonemes, durations):
    """One unit (0 for silence) per label frame; durations has start, each character of phonemes, end. A stress mark's frames
    belong to the phone after it."""
    units = [0] * len(durations)
    for i, p in enumerate(phonemes):
        units[i + 1] = INDEX.get(FOLD.get(p, p), 0)
    for i in range(len(phonemes) - 1, -1, -1):
        if phonemes[i] in 'ˈˌ' and i + 1 < len(phonemes):
            units[i + 1] = units[i + 2]
    return [u for u, d in zip(units, durations) for _ in range(d)]
