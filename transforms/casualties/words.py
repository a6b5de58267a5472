"""Text into tokens with the parts they play in counting the dead and wounded, by `words.yaml`."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

import yaml

#: A word that no list knows; longer ones are not looked up.
UNKNOWN = ""
MAX_WORD = 40
MAX_KNOWN = 50_000
#: Of a phrase, a longer word than this says that it may be there.
MIN_STEM = 3

_MARKS = "\u0300-\u036f\u064b-\u065f\u0670\u0640"
_LETTERS = rf"[^\W\d_]++(?:[{_MARKS}]++[^\W\d_]*+)*+"
#: Words first, as most are, and those of ASCII quickest; one that goes on in digits is a name.
_TOKEN = re.compile(
    rf"""(?P<plain>[A-Za-z]++(?![\w{_MARKS}-]))
    |(?P<word>{_LETTERS}(?![\d-]))
    |(?P<count>\d{{1,3}}(?:[.,٬'’\u00a0\u202f\ ]\d{{3}})+(?![.,:/-]?\d))
    |(?P<date>\d+(?:[:/]\d+)+|\d+(?:[.-]\d+){{2,}})
    |(?P<name>\d+[^\W\d_]\w*|[^\W\d_\u0600-\u06ff]++-?\d[\w-]*)
    |(?P<number>\d+(?:[.,٫]\d+)?)
    |(?P<part>{_LETTERS})
    |(?P<suffix>(?<=\w)['’][^\W\d_]{{1,5}}(?!\w))
    |(?P<mark>[,،]|[:;؛!?؟…—–|]|\.\.|["“”«»„]|[()\[\]]|[%٪$€£]|\+|-)""",
    re.VERBOSE,
)
_MARK_ROLES = dict.fromkeys(":;؛!?؟…—–|", "stop") | {"..": "stop", "+": "least"}
_MARK_ROLES |= dict.fromkeys(",،()[]", "comma") | dict.fromkeys('"“”«»„', "quote")
_MARK_ROLES |= dict.fromkeys("%٪", "unit") | dict.fromkeys("$€£", "label")
#: A `replace` for each is far quicker than `str.translate`: most texts have none of them.
_SPELT = tuple(zip("ıёأإآٱىة", "iеاااايه", strict=True))
_ENDING = re.compile(r"['’]([^\W\d_]{1,5})(?!\w)")
_MARK = re.compile(f"[{_MARKS}]")
#: Only these write an ending behind an apostrophe; French and Italian write an article before it.
_SUFFIXES = frozenset(["en", "tr"])
#: "5'i" is five of them.
_OF_THEM = frozenset("i u ü si su sü inin unun ünün sinin".split())  # noqa: SIM905
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


_ENCLITICS = ("هم", "ها", "هن", "ه")


#: Lists of words that matter beside others only.
_SETS = ("takes", "giver", "apart", "speaks", "relative", "pronoun")


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


_new = tuple.__new__


class _Entry(NamedTuple):
    rest: tuple[str, ...]
    role: str
    name: str = ""
    number: float = 0
    side: str = ""


class Vocabulary:
    """The words of one language."""

    def __init__(self, table: dict[str, str]) -> None:
        self._entries: dict[str, list[_Entry]] = {}
        self._known: dict[str, list[_Entry]] = {}
        self.sets = {role: frozenset(table.get(role, "").split()) for role in _SETS}
        for key, words in table.items():
            for entry in words.split() if key not in self.sets else ():
                phrase, _, number = entry.partition("=")
                first, *rest = phrase.split("_")
                self._entries.setdefault(first, []).append(_entry(key, tuple(filter(None, rest)), number))
        self._harm = self._stems_of("harm")
        self._parts = self._stems_of("among", "of them")

    def _stems_of(self, *roles: str) -> tuple[str, ...]:
        entries = [(first, one) for first, found in self._entries.items() for one in found if one.role in roles]
        return _stems([(first, *one.rest) for first, one in entries])

    def is_harmful(self, text: str) -> bool:
        """Whether a text may have a word of harm."""
        return _has(spelt(text), self._harm)

    def tells_of_parts(self, text: str) -> bool:
        """Whether a text may have a word that tells of some of those before."""
        return _has(spelt(text), self._parts)

    def lookup(self, word: str) -> list[_Entry]:
        """What begins with `word`, the longest phrase first; whole words before beginnings of words."""
        if (found := self._known.get(word)) is None:
            found = list(self._entries.get(word, ()))
            for end in range(len(word), 1, -1):
                found += self._entries.get(f"{word[:end]}*", ())
            found.sort(key=lambda one: -len(one.rest))
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


def _has(text: str, stems: Sequence[str]) -> bool:
    for stem in stems:  # noqa: SIM110 - half the time of `any`
        if stem in text:
            return True
    return False


def _stems(phrases: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """What to look for in a text that may have one of `phrases`: few, and parts of words where that serves several."""
    often = Counter(word for phrase in phrases for word in phrase)
    kept: list[str] = []
    for phrase in sorted(phrases, key=lambda one: (len(one), len(one[0]))):
        if not any(stem in word for word in phrase for stem in kept):
            word = max(phrase, key=lambda one: (len(one) > MIN_STEM, often[one], len(one))).rstrip("*")
            kept = [stem for stem in kept if word not in stem] + [word]
    return tuple(kept)


@lru_cache(maxsize=1)
def vocabularies() -> dict[str, Vocabulary]:
    """By language."""
    tables = yaml.safe_load(resources.files("transforms.casualties").joinpath("words.yaml").read_text("utf-8"))
    return {language: Vocabulary(table) for language, table in tables.items()}


def spelt(text: str) -> str:
    """Lower case, without what the spelling of one word may vary in."""
    text = text.lower()
    if text.isascii():
        return text
    for written, plain in _SPELT:
        text = text.replace(written, plain)
    return _MARK.sub("", text)


@lru_cache(maxsize=MAX_KNOWN)
def _spelt(word: str) -> str:
    return spelt(word)


def tokens(text: str, start: int, end: int, language: str) -> list[Token]:
    """The tokens of a stretch of `text` in a language there is a vocabulary for, phrases as one."""
    vocabulary = vocabularies()[language]
    words = _words(text, start, end, language)
    found: list[Token] = []
    at = 0
    while at < len(words):
        token = words[at]
        at += 1
        if token.role == UNKNOWN and len(token.text) <= MAX_WORD:
            following = words[at].text if at < len(words) else ""
            for entry in vocabulary.lookup(token.text):
                rest = entry.rest
                if not rest or ((rest[0] == following or rest[0][-1] == "*") and _continues(words, at, rest)):
                    at += len(rest)
                    end = words[at - 1].end
                    token = _new(
                        Token, (entry.role, token.text, token.start, end, entry.name, entry.number, entry.side)
                    )
                    break
        found.append(token)
    if vocabulary.sets["apart"]:
        _join_apart(found, vocabulary)
    return found


def _continues(words: list[Token], at: int, rest: tuple[str, ...]) -> bool:
    """Whether the words of a phrase follow."""
    if len(words) - at < len(rest):
        return False
    for i, word in enumerate(rest, at):
        if words[i].text != word and not (word[-1] == "*" and words[i].text.startswith(word[:-1])):
            return False
    return True


def _join_apart(row: list[Token], vocabulary: Vocabulary) -> None:
    """German verbs whose last part ends the clause: "kamen in Idlib 23 Menschen um"."""
    begun = False
    for at, token in enumerate(row):
        if f"{token.text}_" in vocabulary.sets["apart"]:
            begun = True
        elif token.role == "stop":
            begun = False
        elif begun and f"_{token.text}" in vocabulary.sets["apart"]:
            after = row[at + 1] if at + 1 < len(row) else None
            if after is None or after.role in ("comma", "stop", "and", "quote") or after.start > token.end + 1:
                row[at], begun = token._replace(role="harm", name="killed", side="<"), False


def _words(text: str, start: int, end: int, language: str) -> list[Token]:
    found: list[Token] = []
    joined = language == "ar"
    for match in _TOKEN.finditer(text, start, end):
        first, last = match.span()
        written = match[0]
        match match.lastgroup:
            case "plain" | "word" | "part":
                word = _spelt(written) if last - first <= MAX_WORD else spelt(written)
                if joined and last - first <= MAX_WORD:
                    found += [
                        Token(role, part, first + i, first + j) for role, part, i, j in _clitics(word, last - first)
                    ]
                else:  # most tokens are made here, in half the time that `Token()` takes
                    found.append(_new(Token, (UNKNOWN, word, first, last, "", 0, "")))
            case "count":
                found.append(Token("number", written, first, last, "", float(re.sub(r"\D", "", written))))
            case "number":
                value = float(written.replace(",", ".").replace("٫", "."))
                found.append(Token("number", written, first, last, "", value, _side(text, last, language)))
            case "suffix":
                if language not in _SUFFIXES:
                    found.append(Token(UNKNOWN, spelt(written[1:]), first + 1, last))
            case "mark" if written == "-":
                if text[first - 1 : first].isdecimal() and text[last : last + 1].isdecimal():
                    found.append(Token("to", "-", first, last))
                elif text[first - 1 : first].isspace() or text[last : last + 1].isspace():
                    found.append(Token("stop", "-", first, last))
            case "mark":
                found.append(Token(_MARK_ROLES[written], written, first, last))
            case _:
                found.append(Token(UNKNOWN, spelt(written), first, last))
    return found


def _side(text: str, at: int, language: str) -> str:
    """Turkish writes "five of them" as one with the number."""
    ending = _ENDING.match(text, at) if language == "tr" else None
    return "of" if ending and spelt(ending[1]) in _OF_THEM else ""


@lru_cache(maxsize=MAX_KNOWN)
def _clitics(word: str, length: int) -> tuple[tuple[str, str, int, int], ...]:
    """An Arabic word of so many characters without what is written as one with it, where that makes it known.

    Each part with its role, and where it begins and ends.
    """
    vocabulary = vocabularies()["ar"]
    found: list[tuple[str, str, int, int]] = []
    first = 0
    if not vocabulary.lookup(word):
        if word == "و":
            return (("and", word, 0, length),)
        if word[0] == "و" and (_stem(word[1:], vocabulary) or word[1:3] in ("ال", "لل")):
            found.append(("and", "و", 0, 1))
            word, first = word[1:], 1
        for clitic in ("", *_PROCLITICS):
            if word.startswith(clitic) and (stem := _stem(word[len(clitic) :], vocabulary)):
                if "ل" in clitic[-1:] and len(clitic) > 1:
                    found.append(("the", clitic, first, first))
                elif clitic == "ب":
                    found.append(("that", clitic, first, first))
                word = stem
                break
    return (*found, (UNKNOWN, word, first, length))


def _stem(word: str, vocabulary: Vocabulary) -> str:
    """An Arabic word as a list has it, without "his" or "their" if need be; empty where none has it."""
    if vocabulary.lookup(word):
        return word
    for ending in _ENCLITICS:
        if word.endswith(ending) and vocabulary.lookup(plain := word[: -len(ending)]):
            return plain
    return ""
