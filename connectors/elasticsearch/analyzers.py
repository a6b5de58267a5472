"""`transforms.analysis` in the servers' own terms. tests/contract/test_analyze holds the two against each other."""

import sys
import unicodedata
from functools import cache
from typing import Any

from transforms.analysis import BIGRAMS, MARKS, MAX_TOKEN, SNOWBALL, terms

#: The analyzers of every index: what `terms(text, language)`, `words(text, language)` and `terms(text, "")` do.
WORDS, EXACT, NAMES = "newswire_words", "newswire_exact", "newswire_names"

_LETTER = r"\p{L}\p{N}"
_CJK_RANGES = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_CJK = rf"[{_LETTER}&&[{_CJK_RANGES}]]"
_OTHER = rf"[{_LETTER}&&[^{_CJK_RANGES}]]"
#: Java looks one UTF-16 unit behind, where a letter beyond the basic plane has two.
_AFTER_OTHER = rf"(?<!{_OTHER}[\udc00-\udfff]?)"
#: Looks ahead and takes nothing, so that bigrams overlap: two such letters, one alone, or a run of other letters.
_BIGRAM = rf"(?=({_CJK}{_CJK}|(?<!{_CJK}){_CJK}(?!{_CJK})|{_AFTER_OTHER}{_OTHER}+))"


def analysis(language: str) -> dict[str, Any]:
    """The `analysis` settings of an index whose documents are all in one language, as `index.analysis`.

    A language without a stemmer, such as `und`, has WORDS that equal EXACT.
    """
    filters = ["lowercase", "newswire_cut", "asciifolding", "lowercase"]  # a folded letter may be a capital
    stems: dict[str, Any] = {}
    if language in SNOWBALL:
        stems = {"newswire_stems": {"type": "snowball", "language": SNOWBALL[language].title()}}
    names = {"type": "pattern", "pattern": f"[^{_LETTER}]+"}
    runs = {"type": "pattern", "pattern": _BIGRAM, "group": 1} if language in BIGRAMS else names

    def analyzer(*more: str, tokenizer: str = "newswire_runs") -> dict[str, Any]:
        return {
            "type": "custom",
            "char_filter": ["newswire_plain"],
            "tokenizer": tokenizer,
            "filter": [*filters, *more],
        }

    return {
        "char_filter": {"newswire_plain": {"type": "mapping", "mappings": list(_plain_letters())}},
        "tokenizer": {"newswire_runs": runs, "newswire_whole_runs": names},
        "filter": {"newswire_cut": {"type": "truncate", "length": MAX_TOKEN}} | stems,
        "analyzer": {
            WORDS: analyzer(*stems),
            EXACT: analyzer(),
            NAMES: analyzer(tokenizer="newswire_whole_runs"),
        },
    }


@cache
def _plain_letters() -> tuple[str, ...]:
    """Mappings of the letters that stand for others (𝐁 º ⅷ), which `asciifolding` knows only some of; and of the marks
    that are no letters to us, to nothing."""
    letters = (chr(number) for number in range(sys.maxunicode + 1))
    variants = (one for one in letters if unicodedata.decomposition(one).startswith("<") and one.isalnum())
    plain = ((one, terms(one, "")[0]) for one in variants)
    folded = (f"{one}=>{made}" for one, made in plain if made.isascii() and made.isalnum())
    return (*folded, *(f"{mark}=>" for mark in MARKS))
