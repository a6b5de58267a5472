"""Text into tokens with the parts they play in counting the dead and wounded, by `casualty_words.yaml`."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

import yaml

from transforms.months import fold, month_of

#: A word that no list knows; longer ones are not looked up.
UNKNOWN = ""
MAX_WORD = 40
MAX_KNOWN = 50_000

_MARKS = "\u0300-\u036f\u064b-\u065f\u0670\u0640"
_TOKEN = re.compile(
    rf"""(?P<count>\d{{1,3}}(?:[.,٬'’\u00a0\u202f\ ]\d{{3}})+(?![.,:/-]?\d))
    |(?P<date>\d+(?:[:/]\d+)+|\d+(?:[.-]\d+){{2,}})
    |(?P<name>\d+[^\W\d_]\w*|[^\W\d_\u0600-\u06ff]+-?\d[\w-]*)
    |(?P<number>\d+(?:[.,٫]\d+)?)
    |(?P<word>[^\W\d_](?:[^\W\d_]|[{_MARKS}])*)
    |(?P<suffix>(?<=\w)['’][^\W\d_]{{1,4}}(?!\w))
    |(?P<mark>[,،]|[:;؛!?؟…—–|]|\.\.|["“”«»„]|[()\[\]]|[%٪$€£]|\+|-)""",
    re.VERBOSE,
)
_MARK_ROLES = dict.fromkeys(":;؛!?؟…—–|", "stop") | {"..": "stop", "+": "least"}
_MARK_ROLES |= dict.fromkeys(",،()[]", "comma") | dict.fromkeys('"“”«»„', "quote")
_MARK_ROLES |= dict.fromkeys("%٪", "unit") | dict.fromkeys("$€£", "label")
_SPELT = str.maketrans("ıёأإآٱىة", "iеاااايه", "\u0307")
_ENDING = re.compile(r"['’]([^\W\d_]{1,3})(?!\w)")
_MARK = re.compile(f"[{_MARKS}]")
#: Only these write an ending behind an apostrophe; French and Italian write an article before it.
_SUFFIXES = frozenset(["en", "tr"])
#: "5'i" is five of them.
_OF_THEM = frozenset("i u ü si su sü".split())  # noqa: SIM905
#: The groups of `tags.Casualty.who`.
WHO = frozenset(
    [
        "civilians",
        "children",
        "women",
        "men",
        "medics",
        "journalists",
        "aid workers",
        "soldiers",
        "fighters",
        "police",
        "people",
    ]
)
#: Conjunctions, prepositions and the article that Arabic writes as one with the next word.
_PROCLITICS = ("وال", "فال", "بال", "وب", "ول", "لل", "ال", "ف", "ب", "ل", "ك")


class Token(NamedTuple):
    """A word, number or mark, and the part it plays."""

    role: str
    #: As `spelt` makes it.
    text: str
    start: int
    end: int
    #: Of harm: killed or injured; of people: who.
    name: str = ""
    #: Of a number: what it says; of people and harm: how many one such word means.
    number: float = 0
    #: Of harm: where its figure stands ("<", ">", "toll", "lives" or either); of a number: "x" multiplies, "of" is part
    side: str = ""


class _Entry(NamedTuple):
    rest: tuple[str, ...]
    role: str
    name: str = ""
    number: float = 0
    side: str = ""


class Vocabulary:
    """The words of one language."""

    def __init__(self, language: str, table: dict[str, str]) -> None:
        self._language = language
        self._entries: dict[str, list[_Entry]] = {}
        self._known: dict[str, list[_Entry]] = {}
        #: Words that matter beside others only.
        self.sets = {role: frozenset(table.get(role, "").split()) for role in ("takes", "giver")}
        for key, words in table.items():
            for entry in words.split() if key not in self.sets else ():
                phrase, _, number = entry.partition("=")
                first, *rest = phrase.split("_")
                self._entries.setdefault(first, []).append(_entry(key, tuple(filter(None, rest)), number))
        #: A text without all of these has no word of harm.
        self.stems = _stems(
            [(first, *one.rest) for first, found in self._entries.items() for one in found if one.role == "harm"]
        )

    def lookup(self, word: str) -> list[_Entry]:
        """What begins with `word`, the longest phrase first; whole words before beginnings of words."""
        if (found := self._known.get(word)) is None:
            found = list(self._entries.get(word, ()))
            for end in range(len(word), 1, -1):
                found += self._entries.get(f"{word[:end]}*", ())
            found.sort(key=lambda one: -len(one.rest))
            if not found and month_of(fold(word), self._language):
                found.append(_Entry((), "month"))
            if len(self._known) > MAX_KNOWN:
                self._known.clear()
            self._known[word] = found
        return found


def _entry(key: str, rest: tuple[str, ...], number: str) -> _Entry:
    """The entry that a list called `key` makes of a word."""
    times = float(number.lstrip("x") or 0)
    head, _, tail = key.partition(" ")
    if head.isdecimal():
        head, times = tail, float(head)
    if key in ("toll", "injured toll"):
        return _Entry(rest, "harm", "injured" if head == "injured" else "killed", 0, "toll")
    if key == "lives":
        return _Entry(rest, "harm", "killed", 0, "lives")
    if (bare := head.strip("<>")) in ("killed", "injured"):
        return _Entry(rest, "harm", bare, times, head.replace(bare, ""))
    if (who := tail if times and tail in WHO else key) in WHO:
        return _Entry(rest, "who", who, times)
    if key in ("number", "number of"):
        return _Entry(rest, "number", "", times, "of" if tail else "x" if number.startswith("x") else "")
    return _Entry(rest, key, "", times)


def _stems(phrases: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """What to look for in a text that may have one of `phrases`: few, and parts of words where that serves several."""
    single = {phrase[0] for phrase in phrases if len(phrase) == 1}
    longest = {max(phrase, key=len) for phrase in phrases if single.isdisjoint(phrase)}
    kept: list[str] = []
    for word in sorted((word.rstrip("*") for word in single | longest), key=len):
        if not any(one in word for one in kept):
            kept.append(word)
    return tuple(kept)


@lru_cache(maxsize=1)
def vocabularies() -> dict[str, Vocabulary]:
    """By language."""
    tables = yaml.safe_load(resources.files("transforms").joinpath("casualty_words.yaml").read_text("utf-8"))
    return {language: Vocabulary(language, table) for language, table in tables.items()}


def spelt(text: str) -> str:
    """Lower case, without what the spelling of one word may vary in."""
    text = text.lower()
    return text if text.isascii() else _MARK.sub("", text.translate(_SPELT))


def tokens(text: str, start: int, end: int, language: str) -> list[Token]:
    """The tokens of a stretch of `text` in a language there is a vocabulary for, phrases as one."""
    words = list(_words(text, start, end, language))
    vocabulary = vocabularies()[language]
    found: list[Token] = []
    at = 0
    while at < len(words):
        token = words[at]
        length = 1
        if token.role == UNKNOWN and len(token.text) <= MAX_WORD:
            for entry in vocabulary.lookup(token.text):
                if not entry.rest or _continues(words, at + 1, entry.rest):
                    length += len(entry.rest)
                    last = words[at + length - 1].end
                    token = Token(entry.role, token.text, token.start, last, entry.name, entry.number, entry.side)
                    break
        found.append(token)
        at += length
    return found


def _continues(words: list[Token], at: int, rest: tuple[str, ...]) -> bool:
    """Whether the words of a phrase follow."""
    if len(words) - at < len(rest):
        return False
    return all(
        words[at + i].text.startswith(word[:-1]) if word[-1] == "*" else words[at + i].text == word
        for i, word in enumerate(rest)
    )


def _words(text: str, start: int, end: int, language: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text, start, end):
        first, last = match.span()
        written = match[0]
        match match.lastgroup:
            case "count":
                yield Token("number", written, first, last, "", float(re.sub(r"\D", "", written)))
            case "number":
                value = float(written.replace(",", ".").replace("٫", "."))
                yield Token("number", written, first, last, "", value, _side(text, last, language))
            case "suffix":
                if language not in _SUFFIXES:
                    yield Token(UNKNOWN, spelt(written[1:]), first + 1, last)
            case "word":
                yield from _clitics(spelt(written), first, last, language)
            case "mark" if written == "-":
                if text[first - 1 : first].isdecimal() and text[last : last + 1].isdecimal():
                    yield Token("to", "-", first, last)
                elif text[first - 1 : first].isspace() or text[last : last + 1].isspace():
                    yield Token("stop", "-", first, last)
            case "mark":
                yield Token(_MARK_ROLES[written], written, first, last)
            case _:
                yield Token(UNKNOWN, spelt(written), first, last)


def _side(text: str, at: int, language: str) -> str:
    """Turkish writes "five of them" as one with the number."""
    ending = _ENDING.match(text, at) if language == "tr" else None
    return "of" if ending and spelt(ending[1]) in _OF_THEM else ""


def _clitics(word: str, first: int, last: int, language: str) -> Iterator[Token]:
    """An Arabic word without what is written as one with it, where that makes it known."""
    vocabulary = vocabularies()[language] if language == "ar" else None
    if vocabulary and not vocabulary.lookup(word):
        if word == "و":
            yield Token("and", word, first, last)
            return
        if word[0] == "و" and (vocabulary.lookup(word[1:]) or word[1:3] in ("ال", "لل")):
            yield Token("and", "و", first, first + 1)
            word, first = word[1:], first + 1
        for clitic in _PROCLITICS:
            if word.startswith(clitic) and vocabulary.lookup(word[len(clitic) :]):
                if "ل" in clitic[-1:] and len(clitic) > 1:
                    yield Token("the", clitic, first, first)
                elif clitic == "ب":
                    yield Token("that", clitic, first, first)
                word = word[len(clitic) :]
                break
    yield Token(UNKNOWN, word, first, last)
