"""Text into tokens with offsets: one analysis for topics, search and alerts, and the model for the search servers' own.

Runs of letters and digits, lower case, folded to ASCII where Latin, stemmed by language through Snowball 2 (as Lucene
does; shared SEARCH.md has the measurements); Chinese, Japanese and Korean as bigrams.
"""

import re
import threading
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

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

_RUN = re.compile(r"[^\W_]+")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
#: Latin letters that Unicode does not decompose.
_FOLDS = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "ø": "o",
        "œ": "oe",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ı": "i",
        "ħ": "h",
        "ŋ": "n",
        "ſ": "s",
    }
)
_stemmers = threading.local()  # a Stemmer object keeps state between calls and is not safe to share


class Token(NamedTuple):
    """A term and the characters of the text it was made from."""

    term: str
    start: int
    end: int


def tokens(text: str, language: str) -> list[Token]:
    """The tokens of `text` in order. Offsets count characters of `text`; bigrams overlap."""
    runs = [(m.start(), m.end()) for m in _RUN.finditer(text)]
    if language in BIGRAMS:
        runs = [piece for start, end in runs for piece in _bigrams(text, start, end)]
    words = [_fold(text[start:end].lower()[:MAX_TOKEN]) for start, end in runs]
    return [Token(term, start, end) for term, (start, end) in zip(_stem(words, language), runs, strict=True)]


def terms(text: str, language: str) -> list[str]:
    """The tokens' terms alone."""
    return [token.term for token in tokens(text, language)]


def unstemmed(language: str) -> str:
    """The language to analyse as where stems mislead: the prefix `displace*` must find "displaced" (stem displac)."""
    return language if language in BIGRAMS else ""


def _fold(word: str) -> str:
    if word.isascii():
        return word
    return _fold_letters(word)


@lru_cache(maxsize=65_536)
def _fold_letters(word: str) -> str:
    """Latin letters without their marks; letters of other scripts are left alone."""
    out: list[str] = []
    for letter in word.translate(_FOLDS):
        base = unicodedata.normalize("NFKD", letter)
        out.append("".join(c for c in base if not unicodedata.combining(c)) if base[:1].isascii() else letter)
    return "".join(out)


def _stem(words: Sequence[str], language: str) -> Sequence[str]:
    algorithm = SNOWBALL.get(language)
    if algorithm is None or not words:
        return words
    stemmer = getattr(_stemmers, algorithm, None)
    if stemmer is None:
        stemmer = Stemmer.Stemmer(algorithm)
        setattr(_stemmers, algorithm, stemmer)
    stems: Sequence[str] = stemmer.stemWords(words)
    return stems


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
