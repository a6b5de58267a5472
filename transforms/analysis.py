"""Text into tokens with offsets: one analysis for topics, search and alerts, and the model for the search servers' own.

Runs of letters and digits, lower case, folded to ASCII where Latin, stemmed by language through Snowball 2 (as Lucene
does; shared SEARCH.md has the measurements); Chinese, Japanese and Korean as bigrams. The short vowels and other marks
of Arabic are as if they were not there, as most who write it leave them out.
"""

import re
import threading
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

import Stemmer

#: Which Snowball stemmer reads a language. A language that is not here is folded, but not stemmed.
SNOWBALL = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch",
    "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
BIGRAMS = frozenset({"zh", "ja", "ko"})
#: A longer run is no word anybody searches for, and would be an oversized term in any index.
MAX_TOKEN = 100
#: Words remembered per language: some twenty megabytes.
MAX_KNOWN = 200_000

#: The marks of Arabic that stand over or under a letter.
MARKS = "".join(map(chr, (*range(0x0610, 0x061B), *range(0x064B, 0x0660), 0x0670)))
_MARKS = re.compile(f"[{MARKS}]+")
_RUN = re.compile(r"[^\W_]+")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
#: Latin letters and numbers that Unicode does not decompose, by what Lucene's ASCIIFoldingFilter makes of them.
_FOLDED_AS = """
a:ɐəɚᴀᶏᶕẚₔⱥ aa:ꜳ ae:æǣǽᴁᴂ ao:ꜵ au:ꜷ av:ꜹꜻ ay:ꜽ b:ƀƃɓʙᴃᵬᶀ c:ƈȼɕʗᴄↄꜿ d:ðđƌȡɖɗᴅᴆᵭᶁᶑꝺ db:ȸ dz:ʣʥ e:ǝɇɘɛɜɝɞʚᴇᴈᶒᶓᶔⱸⱻ
f:ƒᵮᶂẛꜰꝼꟻ g:ǥɠɡɢʛᵷᵹᶃꝿ h:ħɥɦʜʮʯⱨⱶ hv:ƕ i:ıɨɪᴉᵻᵼᶖꟾ j:ȷɉɟʄʝᴊ k:ƙʞᴋᶄⱪꝁꝃꝅ l:ŀłƚȴɫɬɭʟᴌᶅⱡꝇꝉꞁ ll:ỻ ls:ʪ lz:ʫ m:ɯɰɱᴍᵯᶆꟽꟿ
n:ŉŋƞȵɲɳɴᴎᵰᶇ o:øǿɔɵᴏᴐᴖᴗᶗⱺꝋꝍ oe:œɶᴔ oo:ꝏ ou:ȣᴕ p:ƥᴘᵱᵽᶈꝑꝓꝕꟼ q:ĸɋʠꝗꝙ qp:ȹ r:ɍɼɽɾɿʀʁᴙᴚᵲᵳᶉꝛꞃ s:ſȿʂᵴᶊẜẝꜱꞅ ss:ß
t:ŧƫƭȶʇʈᴛᵵⱦ tc:ʨ th:þᵺꝧ ts:ʦ tz:ꜩ u:ʉᴜᵾᶙ ue:ᵫ v:ʋʌᴠᶌⱱⱴꝟ vy:ꝡ w:ƿʍᴡⱳ x:ᶍ y:ƴɏʎʏỿ z:ƶȝȥɀʐʑᴢᵶᶎⱬꝣ 0:⓿ 1:⓵❶➀➊ 2:⓶❷➁➋
3:⓷❸➂➌ 4:⓸❹➃➍ 5:⓹❺➄➎ 6:⓺❻➅➏ 7:⓻❼➆➐ 8:⓼❽➇➑ 9:⓽❾➈➒ 10:⓾❿➉➓ 11:⓫ 12:⓬ 13:⓭ 14:⓮ 15:⓯ 16:⓰ 17:⓱ 18:⓲ 19:⓳ 20:⓴
"""
#: And the dot that lower-casing leaves of a Turkish İ.
_FOLDS = str.maketrans(
    {"\u0307": ""}
    | {
        letter: plain
        for plain, _, letters in (part.partition(":") for part in _FOLDED_AS.split())
        for letter in letters
    }
)
#: What Lucene 10 does and Snowball 2.2 does not: "added" is of "add", as "adds" is.
_UNDOUBLED = re.compile(r"([aeo](?:bb|dd|ff|gg|mm|nn|pp|rr|tt))(?:ed|ing)(?:ly)?")
#: A u between vowels is a consonant to the stemmer, and qu is one.
_UMLAUTS = str.maketrans("aou", "äöü")
_SPELT_UMLAUT = re.compile(r"qu|(a|o|(?<![aeiouy])u)e")
Made = TypeVar("Made")
_known = threading.local()  # a Stemmer object keeps state between calls and is not safe to share


class Token(NamedTuple):
    """A term and the characters of the text it was made from."""

    term: str
    start: int
    end: int


def tokens(text: str, language: str) -> list[Token]:
    """The tokens of `text` in order. Offsets count characters of `text`; bigrams overlap."""
    bare = _without_marks(text)
    runs = _runs(bare, language)
    found = stems(_folded([bare[start:end] for start, end in runs]), language)
    return [Token(term, start, end) for term, (start, end) in zip(found, _spans(text, bare, runs), strict=True)]


def places(text: str, language: str) -> list[tuple[int, int]]:
    """The character spans of the tokens of `text`, in order, each with the marks on its last letter."""
    bare = _without_marks(text)
    return _spans(text, bare, _runs(bare, language))


def _without_marks(text: str) -> str:
    return text if text.isascii() else _MARKS.sub("", text)


def _runs(bare: str, language: str) -> list[tuple[int, int]]:
    runs = [m.span() for m in _RUN.finditer(bare)]
    if language in BIGRAMS:
        return [piece for start, end in runs for piece in _bigrams(bare, start, end)]
    return runs


def _spans(text: str, bare: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where in `text` the spans of `bare` are."""
    if len(bare) == len(text):
        return spans
    at: list[int] = []  # of each letter of `bare`, where it is in `text`; and of its end
    done = 0
    for marks in _MARKS.finditer(text):
        at.extend(range(done, marks.start()))
        done = marks.end()
    at.extend(range(done, len(text) + 1))
    return [(at[start], at[end]) for start, end in spans]


def terms(text: str, language: str) -> list[str]:
    """The tokens' terms alone, which is several times faster than `tokens`."""
    return stems(words(text, language), language)


@lru_cache(maxsize=512)
def words(text: str, language: str) -> tuple[str, ...]:
    """The terms before they are stemmed: lower case and folded, one for each token.

    A text is analysed for its topics and soon again for the index, so the last few hundred are remembered.
    """
    if language in BIGRAMS:
        return tuple(token.term for token in tokens(text, language))
    return tuple(_folded(_RUN.findall(_without_marks(text))))


def stems(folded: Sequence[str], language: str) -> list[str]:
    """The stems of what `words` gave; the same words where the language has no stemmer here."""
    known = _stemmed(language)
    return list(folded) if known is None else list(map(known.__getitem__, folded))


def stem(word: str, language: str) -> str:
    """The stem of one word, by itself: half of the time of a list of one."""
    known = _stemmed(language)
    return word if known is None else known[word]


def _stemmed(language: str) -> "Known[str] | None":
    """By word, its stem, in this thread; None where the language has no stemmer here."""
    algorithm = SNOWBALL.get(language)
    if algorithm is None:
        return None
    known: Known[str] | None = getattr(_known, algorithm, None)
    if known is None:
        known = Known(_stemmer(algorithm))
        setattr(_known, algorithm, known)
    return known


def _stemmer(algorithm: str) -> Callable[[str], str]:
    """Snowball 2.2, and what later versions of it, which Lucene 10 carries, have changed (tests/contract/test_analyze
    compares them)."""
    stem: Callable[[str], str] = Stemmer.Stemmer(algorithm, 0).stemWord
    match algorithm:
        case "english":
            return lambda word: short[1] if (short := _UNDOUBLED.fullmatch(word)) else stem(word)
        case "german":
            return lambda word: stem(_german(word))
        case "italian":
            return lambda word: stem("divani" if word == "divano" else word)
        case _:
            return stem


def _german(word: str) -> str:
    """With the umlauts that ae, oe and ue stand for; they are taken off again with the ending. The em of "system" is no
    ending."""
    word = _SPELT_UMLAUT.sub(lambda found: found[1].translate(_UMLAUTS) if found[1] else "qu", word)
    return f"{word}e" if word.endswith("system") else word


def unstemmed(language: str) -> str:
    """The language to analyse as where stems mislead: the prefix `displace*` must find "displaced" (stem displac)."""
    return language if language in BIGRAMS else ""


class Known(dict[str, Made]):
    """What a function makes of a word, remembered: news repeats itself, and a look-up is ten times as fast. Forgets
    everything now and then, so that it stays bounded."""

    def __init__(self, function: Callable[[str], Made]) -> None:
        self._function = function

    def __missing__(self, word: str) -> Made:
        made = self._function(word)
        if len(word) <= MAX_TOKEN:  # nothing hostile is kept
            if len(self) > MAX_KNOWN:
                self.clear()
            self[word] = made
        return made


def _folded(runs: Sequence[str]) -> list[str]:
    known = getattr(_known, "folded", None)
    if known is None:
        known = _known.folded = Known(_fold)
    return list(map(known.__getitem__, runs))


def _fold(run: str) -> str:
    """Lower case, and Latin letters without their marks; letters of other scripts are left alone."""
    word = run.lower()[:MAX_TOKEN]
    if word.isascii():
        return word
    out: list[str] = []
    for letter in word.translate(_FOLDS):
        base = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))
        out.append(base if base.isascii() and base.strip() else letter)
    return "".join(out).lower()  # again: what a decorated letter stands for may be a capital


def _bigrams(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A run cut into bigrams of Chinese, Japanese or Korean letters; other letters in it stay together."""
    pieces: list[tuple[int, int]] = []
    at = start
    for found in _CJK.finditer(text, start, end):
        if found.start() > at:
            pieces.append((at, found.start()))
        first, last = found.span()
        pieces.extend([(i, i + 2) for i in range(first, last - 1)] or [(first, last)])
        at = last
    if at < end:
        pieces.append((at, end))
    return pieces
