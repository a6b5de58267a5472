"""Finding the words of `transforms.notices` in titles and texts."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Literal

from transforms.notices import NOTICES

Kind = Literal["challenge", "consent", "login", "paywall", "error", "index", "empty"]

_NOT_WORDS = re.compile(r"\W+")
_APART = re.compile(r"\s*[|｜–—·•»«_…]\s*|\s+[-~]\s+|\.{3}")
_FINER_APART = re.compile(r"[:：!！?？.。()（）]+")
_CODES = re.compile(r"4(?:0[0-9]|10|29|51)|50[0-4]|52[0-6]")
_CODE_WORDS = re.compile("http|error|status|code|fehler|erreur|erro|errore|bład|hata|ошибка|помилка|خطا|エラー|오류")


def plain(text: str) -> str:
    """The words of `text` for comparing notices: no accents, no capitals, one blank between."""
    if not text.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
        text = unicodedata.normalize("NFC", bare).replace("ı", "i")
    return _NOT_WORDS.sub(" ", text).casefold().strip()


def _table() -> Iterator[tuple[Kind, str, str]]:
    """(kind, phrase, mark) of NOTICES; the mark is "~", "*" or nothing."""
    kind: Any = ""
    for line in NOTICES.strip().splitlines():
        if not line.startswith(" "):
            head, _, line = line.partition(": ")
            kind = head.split()[1]
        for phrase in filter(None, map(str.strip, line.split(";"))):
            yield kind, plain(phrase), "~" if phrase[0] == "~" else "*" if phrase[-1] == "*" else ""


_WHOLE: dict[str, Kind] = {phrase: kind for kind, phrase, mark in _table() if (kind, mark) != ("consent", "~")}
_BEGIN = tuple(phrase for kind, phrase, mark in _table() if mark and phrase in _WHOLE)
_TALK: dict[Kind, tuple[str, ...]] = {
    wanted: tuple(dict.fromkeys(phrase for kind, phrase, mark in _table() if (kind, mark) == (wanted, "~")))
    for wanted in ("challenge", "error", "login", "paywall", "consent")
}
_NOTICES: tuple[Kind, ...] = ("challenge", "error", "login", "paywall")
_ASKING = _TALK["login"] + _TALK["paywall"]


def hits(kind: Kind, words: str) -> list[str]:
    """The phrases of a kind that count anywhere (of consent, the words of its talk) and are in `words`, plain text."""
    return [phrase for phrase in _TALK[kind] if phrase in words]


def asks(words: str) -> bool:
    """Whether a plain text asks its reader to subscribe, to log in or to register."""
    return any(phrase in words for phrase in _ASKING)


def notice_of(text: str, *, alone: bool) -> Kind | None:
    """The kind of notice that a title or heading is; None when it is none. Where it stands `alone`, without a story,
    a number before a colon is an error's, too."""
    parts = list(dict.fromkeys(filter(None, map(plain, [text, *_APART.split(text)]))))
    finer = [part for piece in _APART.split(text) for part in map(plain, _FINER_APART.split(piece))]
    # A headline may open with one such word and a colon.
    longer = [part for part in finer if " " in part or (len(part) >= 5 and not part.isascii())]
    for part in (*parts, *longer):
        if kind := _WHOLE.get(part):
            return kind
    for part in (*parts, *(finer if alone else ())):
        if kind := _error_of(part.split()):
            return kind
    for part in parts:
        for kind in _NOTICES:
            if any(2 * len(phrase) >= len(part) for phrase in hits(kind, part)):
                return kind
    for part in parts[:2]:
        for begin in _BEGIN:  # scripts without blanks have no ends of words
            if part.startswith(begin) and (not begin.isascii() or part[len(begin) :][:1] in ("", " ")):
                return _WHOLE[begin]
    return None


def _error_of(words: list[str]) -> Kind | None:
    """Of words with the number of an HTTP error among them: what the others say; None for "404 people rescued"."""
    rest = [word for word in words if not _CODES.fullmatch(word)]
    if len(rest) == len(words):
        return None
    said = " ".join(word for word in rest if not _CODE_WORDS.fullmatch(word))
    return _WHOLE.get(said) if said else "error"
