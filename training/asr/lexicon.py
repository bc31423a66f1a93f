#!/usr/bin/env python3
"""Words to phones for the recogniser: lexicon.py DATA OUT.tsv [--plain OUT.txt]

Writes word<TAB>phones (separated by spaces), several lines a word, likeliest first, for every word of DATA/manifest.tsv and of DATA/lm/vocab.txt.
Phones are misaki's US symbols, one character each, without stress; flaps and glottal stops are t, reduced vowels ə and ɪ.
Sources, first that knows the word wins: weak forms below, misaki gold, misaki silver, CMUdict, morphology and compounds, letter-to-sound.
"""
import argparse, collections, csv, json, math, re, sys

PHONES = list('AIOWYbdfhijklmnpstuvwzæðŋɑɔəɛɜɡɪɹʃʊʌʒʤʧθ')   # 41; CTC unit i+1, blank 0
FOLD = str.maketrans({'ɾ': 't', 'ʔ': 't', 'ᵊ': 'ə', 'ᵻ': 'ɪ', 'ˈ': '', 'ˌ': ''})
ARPABET = dict(AA='ɑ', AE='æ', AH='ʌ', AO='ɔ', AW='W', AY='I', B='b', CH='ʧ', D='d', DH='ð', EH='ɛ', ER='ɜɹ', EY='A', F='f', G='ɡ', HH='h', IH='ɪ',
               IY='i', JH='ʤ', K='k', L='l', M='m', N='n', NG='ŋ', OW='O', OY='Y', P='p', R='ɹ', S='s', SH='ʃ', T='t', TH='θ', UH='ʊ', UW='u', V='v',
               W='w', Y='j', Z='z', ZH='ʒ', AH0='ə', ER0='əɹ')
WEAK = {'a': 'ə A', 'an': 'ən æn', 'and': 'ənd ænd ən', 'the': 'ðə ði', 'to': 'tu tə', 'of': 'ʌv əv', 'for': 'fɔɹ fəɹ', 'or': 'ɔɹ əɹ', 'are': 'ɑɹ əɹ',
        'that': 'ðæt ðət', 'as': 'æz əz', 'at': 'æt ət', 'but': 'bʌt bət', 'can': 'kæn kən', 'from': 'fɹʌm fɹəm', 'his': 'hɪz ɪz', 'him': 'hɪm ɪm',
        'her': 'hɜɹ həɹ ɜɹ', 'he': 'hi i', 'was': 'wʌz wəz', 'were': 'wɜɹ wəɹ', 'them': 'ðɛm ðəm', 'you': 'ju jə', 'your': 'jɔɹ jʊɹ jəɹ', 'had': 'hæd həd',
        'have': 'hæv həv', 'has': 'hæz həz', 'than': 'ðæn ðən', 'us': 'ʌs', 'i': 'I', 'o': 'O', 'oh': 'O', "i'm": 'Im', "i'd": 'Id', "i'll": 'Il', "i've": 'Iv',
        'read': 'ɹid ɹɛd', 'mrs': 'mɪsɪz', 'mr': 'mɪstəɹ', 'dr': 'dɑktəɹ', 'st': 'sAnt stɹit', "'em": 'əm', 'hm': 'hm', 'mm': 'm', 'hmm': 'hm', 'uh': 'ʌ', 'um': 'ʌm'}
LETTERS = dict(zip('abcdefghijklmnopqrstuvwxyz', 'A bi si di i ɛf ʤi Aʧ I ʤA kA ɛl ɛm ɛn O pi kju ɑɹ ɛs ti ju vi dʌbəlju ɛks wI zi'.split()))
VOICELESS, SIBILANT = set('pkfθt'), set('szʃʒʧʤ')


def words(text):
    """Words of a transcript: lower case, letters and inner apostrophes; everything else separates."""
    return [w for w in (w.strip("'") if w.strip("'") else '' for w in re.findall(r"[a-z']+", text.lower().replace('’', "'").replace('é', 'e'))) if w]


def fold(phones):
    return phones.translate(FOLD)


def unique(seq):
    return list(dict.fromkeys(seq))


def load(data):
    """The dictionaries, word -> [phones]: misaki gold over silver over CMUdict over letters."""
    lex = {c: [p] for c, p in LETTERS.items()}
    for line in open(data + '/lexicon/cmudict/cmudict.dict'):
        w, *p = line.split('#')[0].split()
        base = re.sub(r'\(\d\)$', '', w)
        ph = ''.join(ARPABET.get(x) or ARPABET[x[:-1]] for x in p)
        lex.setdefault(base, []) if base == w else None
        lex[base] = unique(lex.get(base, []) + [ph])
    for part in ('silver', 'gold'):
        new = collections.defaultdict(list)
        for w, p in json.load(open(f'{data}/lexicon/misaki/us_{part}.json')).items():
            ps = [p] if isinstance(p, str) else [p['DEFAULT']] + list(p.values())
            ps = [fold(x) for x in ps if x]
            key = w.lower()
            if w == key:                                       # lower-case entries before capitalised ones
                new[key] = ps + new[key]
            elif not (w.isupper() and len(w) > 1 and key in lex):
                new[key] += ps
        for w, ps in new.items():
            lex[w] = unique(x for x in ps if x and set(x) <= set(PHONES)) or lex.get(w, [])
    lex.update({w: p.split() for w, p in WEAK.items()})
    return {w: p for w, p in lex.items() if p}


def plural(p):
    return p + ('ɪz' if p[-1] in SIBILANT else 's' if p[-1] in VOICELESS else 'z')


def past(p):
    return p + ('ɪd' if p[-1] in 'td' else 't' if p[-1] in VOICELESS | SIBILANT - set('zʒʤ') else 'd')


SUFFIXES = [("'ll", lambda p: p + 'əl'), ("'ve", lambda p: p + 'əv'), ("'d", lambda p: p + ('ɪd' if p[-1] in 'td' else 'd')), ("'re", lambda p: p + 'əɹ'), ("'m", lambda p: p + 'm'),
            ("'s", plural), ("s'", plural), ("'", lambda p: p), ("s", plural), ("es", plural), ("ed", past), ("d", past), ("ing", lambda p: p + 'ɪŋ'), ("in'", lambda p: p + 'ɪn'),
            ("er", lambda p: p + 'əɹ'), ("r", lambda p: p + 'əɹ'), ("est", lambda p: p + 'əst'), ("eth", lambda p: p + 'əθ'),
            ("ly", lambda p: p + ('i' if p.endswith('l') else 'li')), ("ness", lambda p: p + 'nəs'), ("less", lambda p: p + 'ləs'), ("ful", lambda p: p + 'fəl'),
            ("ment", lambda p: p + 'mənt'),
            ("ish", lambda p: p + 'ɪʃ'), ("like", lambda p: p + 'lIk'), ("y", lambda p: p + 'i'),
            ("man", lambda p: p + 'mən'), ("men", lambda p: p + 'mən'), ("ism", lambda p: p + 'ɪzəm'), ("ist", lambda p: p + 'ɪst')]
PREFIXES = dict(un='ʌn', re='ɹi', non='nɑn', over='Ovəɹ', under='ʌndəɹ', out='Wt', mis='mɪs', dis='dɪs', pre='pɹi', sub='sʌb', inter='ɪntəɹ', self='sɛlf', anti='ænti', mc='mək')


def stems(w, suffix):
    """Spellings of the stem of w: hoped -> hop, hope; stopped -> stop; cities -> city."""
    s = w[:-len(suffix)]
    yield s
    if suffix[0] in 'ei' and suffix != 'es':
        yield s + 'e'
        if len(s) > 2 and s[-1] == s[-2]:
            yield s[:-1]
    if s.endswith('i') and suffix[0] in 'elnr':
        yield s[:-1] + 'y'


def derive(w, lex, depth=2):
    """Pronunciations of w by suffix, prefix or compound, or []."""
    for suffix, rule in SUFFIXES:
        if w.endswith(suffix) and len(w) > len(suffix) + (0 if "'" in suffix else 2):
            for s in stems(w, suffix):
                ps = lex.get(s) or (derive(s, lex, depth - 1) if depth and len(s) > 3 else [])
                if ps:
                    return [rule(p) for p in ps[:2]]
    for prefix, p in PREFIXES.items():
        if w.startswith(prefix) and len(w) > len(prefix) + 3 and w[len(prefix):] in lex:
            return [p + q for q in lex[w[len(prefix):]][:1]]
    for i in range(len(w) - 4, 3, -1):
        if w[:i] in lex and w[i:] in lex:
            return [lex[w[:i]][0] + lex[w[i:]][0]]
    if len(w) < 6 and not set(w) & set("aeiouy'"):              # letters: css, html
        return [''.join(LETTERS[c] for c in w)]
    return []


class LetterToSound:
    """Joint n-gram of letters with the 0 to 2 phones they stand for (Bisani and Ney 2008, one letter a unit), aligned by Viterbi EM."""
    N, BEAM = 6, 24

    def __init__(self, lex, rounds=5):
        pairs = [(w, ps[0]) for w, ps in lex.items() if re.fullmatch(r'[a-z]+', w) and 2 < len(w) < 16 and 0.5 < len(w) / len(ps[0]) < 3]
        cost = collections.defaultdict(lambda: 9.0)
        for w, p in pairs[::5]:                                  # start: phones near the diagonal
            for i, c in enumerate(w):
                k = i * len(p) // len(w)
                for x in (p[k], p[k - 1:k] if k else ''):
                    cost[c, x] = 4.0
        for r in range(rounds):
            counts = collections.Counter()
            for w, p in pairs[::1 if r == rounds - 1 else 5]:
                counts.update(self.align(w, p, cost))
            total = collections.Counter()
            for (c, _), n in counts.items():
                total[c] += n
            cost = collections.defaultdict(lambda: 12.0, {k: -math.log(n / total[k[0]]) for k, n in counts.items()})
        self.units, self.counts, self.totals, self.kinds = collections.defaultdict(list), collections.Counter(), collections.Counter(), collections.Counter()
        for c, x in {k for k, v in counts.items() if v > 20}:
            self.units[c].append(x)
        for w, p in pairs:
            seq = [('^', '')] * (self.N - 1) + self.align(w, p, cost) + [('$', '')]
            for i in range(self.N - 1, len(seq)):
                for n in range(self.N):
                    h = tuple(seq[i - n:i])
                    self.kinds[h] += (h, seq[i]) not in self.counts
                    self.counts[h, seq[i]] += 1
                    self.totals[h] += 1

    @staticmethod
    def align(w, p, cost):
        best = [{0: (0.0, None)}]
        for c in w:
            row = {}
            for j, (s, _) in best[-1].items():
                for k in range(3):
                    if j + k <= len(p):
                        t = s + cost[c, p[j:j + k]]
                        if j + k not in row or t < row[j + k][0]:
                            row[j + k] = (t, j)
            best.append(row)
        j, out = len(p), []
        if j not in best[-1]:
            return []
        for i in range(len(w), 0, -1):
            k = best[i][j][1]
            out.append((w[i - 1], p[k:j])); j = k
        return out[::-1]

    def prob(self, h, u):
        """Witten-Bell smoothed probability of unit u after history h."""
        if h and h not in self.totals:
            return self.prob(h[1:], u)
        lower = self.prob(h[1:], u) if h else 1e-6
        n, k = self.totals[h], self.kinds[h]
        return (self.counts[h, u] + k * lower) / (n + k)

    def __call__(self, w):
        beam = [(0.0, (('^', ''),) * (self.N - 1), '')]
        for c in list(re.sub('[^a-z]', '', w)) + ['$']:
            beam = [(s - math.log(self.prob(h, (c, x))), h[1:] + ((c, x),), out + x) for s, h, out in beam for x in (self.units[c] if c != '$' else [''])]
            beam = sorted(beam)[:self.BEAM]
        return [beam[0][2]] if beam and beam[0][2] else []


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('data'); a.add_argument('out'); a.add_argument('--skip-lts', action='store_true')
    a = a.parse_args()
    lex = load(a.data)
    want = dict.fromkeys(w.strip() for w in open(a.data + '/lm/vocab.txt'))
    for r in csv.DictReader(open(a.data + '/manifest.tsv'), delimiter='\t', quoting=csv.QUOTE_NONE):
        if r['corpus'] != 'lsdev':
            want.update(dict.fromkeys(words(r['text'])))
    found, derived, rest = {}, {}, []
    for w in want:
        if w in lex:
            found[w] = lex[w]
        elif d := derive(w, lex):
            derived[w] = d
        else:
            rest.append(w)
    print(f'{len(found)} in dictionaries, {len(derived)} derived, {len(rest)} by letter-to-sound', file=sys.stderr)
    lts = None if a.skip_lts else LetterToSound(lex)
    with open(a.out, 'w') as f:
        for w in want:
            for p in found.get(w) or derived.get(w) or (lts(w) if lts else []):
                print(w, ' '.join(p), sep='\t', file=f)
    return rest, derived


if __name__ == '__main__':
    main()
