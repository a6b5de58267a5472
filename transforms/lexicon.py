"""Lists of words and phrases, and where they stand in a text: one pass over the words finds the words of all lists.

`air strike`   the words in this order, in any of their forms (compared as stems, `transforms.analysis`)
`=Assad`       this form alone, in capitals or not; `=IS`, all capitals, in capitals only
`bombard*`     words that begin so

Arabic words are compared without the short vowels, with one form for each of alef, ya and ta marbuta, and without the
conjunction, preposition and article that are written as one with them.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import NamedTuple

from transforms.analysis import Known, places, stems, words

#: Every language: for names that are written alike wherever Latin letters are.
ANY = "*"
#: Shorter beginnings of words mean nothing; beside other words of a phrase, two letters are a verb in some languages.
MIN_PREFIX, MIN_PREFIX_IN_PHRASE = 3, 2
_ARABIC = re.compile("[\u0621-\u064a]")
_ONE_FORM = str.maketrans("أإآٱىة", "ااااي" + "ه")
#: Conjunction, preposition, article, each of which may be missing; what follows is a word from three letters on.
_PROCLITICS = re.compile("(?P<conjunction>[وف]?)(?P<preposition>[بلك]?)(?P<article>(?:ال|(?<=ل)ل)?)(?=.{3})")


class Span(NamedTuple):
    """Positions of words, end exclusive."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class WordList:
    """Phrases by language. What stands within one of `excepted` does not count: a `strike` in a `lightning strike`."""

    phrases: Mapping[str, tuple[str, ...]]
    excepted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def languages(self) -> frozenset[str]:
        """The languages it has words in; ANY among them means every one."""
        return frozenset(language for language, listed in self.phrases.items() if listed)

    def speaks(self, language: str) -> bool:
        """Whether it has words in the language; what is in no known language (`und`) is looked through for all."""
        spoken = self.languages()
        return bool(spoken) if language == "und" else language in spoken or ANY in spoken


class _Word(NamedTuple):
    """One word of a phrase: what a word of a text must offer and, where only capitals count, how it is written."""

    key: str
    capitals: str


class _Phrase(NamedTuple):
    """A phrase in a lexicon, which is looked for by its first two words."""

    #: What the third word and those after it must offer.
    rest: tuple[str, ...]
    size: int
    #: Which of its words count in capitals only, and how they are written.
    capitals: tuple[tuple[int, str], ...]
    slots: tuple[int, ...]


def problem(phrase: str) -> str:
    """What is wrong with a phrase as written; empty where nothing is."""
    if "*" in phrase:
        least = MIN_PREFIX_IN_PHRASE if len(phrase.split()) > 1 else MIN_PREFIX
        for written in phrase.split():
            bare = written.removeprefix("=").removesuffix("*")
            if "*" in bare or (written.startswith("=") and written.endswith("*")):
                return "a * stands at the end of a word, and not in an exact one"
            if written.endswith("*") and len(bare) < least:
                return f"at least {least} letters must come before the *"
    return "" if any(letter.isalnum() for letter in phrase) else "there is no word in it"


class Lexicon:
    """Word lists in one language, ready to be found. Lists are numbered as they are given."""

    def __init__(self, lists: Sequence[WordList], language: str) -> None:
        self._language = language
        self._spoken = sorted(set(_spoken(lists))) if language == "und" else [language]
        # `slots` are 2n for list n, and 2n + 1 for what that list excepts. Lists have half their phrases in common.
        written: dict[tuple[str, str], set[int]] = defaultdict(set)
        for number, one in enumerate(lists):
            for slot, listed in ((2 * number, one.phrases), (2 * number + 1, one.excepted)):
                for phrase in self._mine(listed):
                    written[phrase].add(slot)
        slots: dict[tuple[_Word, ...], set[int]] = defaultdict(set)
        for phrase, where in written.items():
            if sought := _phrase(*phrase):
                slots[sought] |= where
        self._excepting = {slot // 2 for found in slots.values() for slot in found if slot % 2}
        #: The slots of phrases of one word, by its key; and phrases, by the keys of their first two words.
        self._words: dict[str, list[int]] = defaultdict(list)
        self._phrases: dict[tuple[str, str], list[_Phrase]] = defaultdict(list)
        for sought, found in slots.items():
            capitals = tuple((k, word.capitals) for k, word in enumerate(sought) if word.capitals)
            first, *others = (word.key for word in sought)
            if not others and not capitals:
                self._words[first] += found
            else:
                second = others[0] if others else ""
                self._phrases[first, second].append(_Phrase(tuple(others[1:]), len(sought), capitals, tuple(found)))
        offers = frozenset(word.key for sought in slots for word in sought)
        prefixes = sorted({len(key) for key in offers if key.endswith("*")})
        self._known = Known(partial(_offered, self._spoken, offers, prefixes))

    def _mine(self, listed: Mapping[str, tuple[str, ...]]) -> Iterable[tuple[str, str]]:
        for language, phrases in listed.items():
            if language in (ANY, self._language) or self._language == "und":
                for spoken in self._spoken if language == ANY else [language]:
                    yield from ((phrase, spoken) for phrase in phrases)

    def find(self, text: str) -> "Found":
        """Where the words of each list stand in a text, which is of the lexicon's language."""
        offered = list(map(self._known.__getitem__, words(text, self._language)))
        at = cache(lambda: places(text, self._language))
        found: dict[int, list[Span]] = defaultdict(list)
        for i, keys in enumerate(offered):
            if not keys:
                continue
            follow = ("", *offered[i + 1]) if i + 1 < len(offered) else ("",)
            for key in keys:
                if slots := self._words.get(key):
                    span = Span(i, i + 1)
                    for slot in slots:
                        found[slot].append(span)
                for other in follow:
                    for phrase in self._phrases.get((key, other), ()):
                        if _stands(phrase, text, at, i, offered):
                            span = Span(i, i + phrase.size)
                            for slot in phrase.slots:
                                found[slot].append(span)
        lists = {slot // 2: _ordered(spans) for slot, spans in found.items() if not slot % 2}
        taken: dict[int, list[tuple[Span, Span]]] = {}
        for number in self._excepting & lists.keys():
            if excepting := found.get(2 * number + 1):
                covered = [
                    (span, next((e for e in excepting if e.first < span.end and span.first < e.end), None))
                    for span in lists[number]
                ]
                lists[number] = [span for span, by in covered if by is None]
                taken[number] = [(span, by) for span, by in covered if by is not None]
        return Found(lists, taken)


def _stands(
    phrase: _Phrase,
    text: str,
    at: Callable[[], Sequence[tuple[int, int]]],
    first: int,
    offered: Sequence[tuple[str, ...]],
) -> bool:
    """Whether a phrase whose first two words are there is there to its end, in capitals where only these count. `at`
    says where the words are in the text, which is asked for as rarely as can be."""
    if phrase.rest:
        if first + phrase.size > len(offered):
            return False
        for key, offers in zip(phrase.rest, offered[first + 2 : first + phrase.size], strict=True):
            if key not in offers:
                return False
    if not all(written in text for _, written in phrase.capitals):  # as a rule, and soon found out
        return False
    return all(text[slice(*at()[first + k])].isupper() for k, _ in phrase.capitals)


def _ordered(spans: list[Span]) -> list[Span]:
    return sorted(set(spans)) if len(spans) > 1 else spans


class Found(NamedTuple):
    """What was found in one text."""

    #: Where the phrases of each list stand, in order.
    lists: Mapping[int, list[Span]]
    #: What was found and does not count, each with what excepts it.
    excepted: Mapping[int, list[tuple[Span, Span]]]


def _offered(languages: Sequence[str], keys: frozenset[str], prefixes: Sequence[int], word: str) -> tuple[str, ...]:
    """Which of the `keys` of phrases a word of a text is."""
    offers: set[str] = set()
    forms = _arabic(word) if _ARABIC.search(word) else [word]
    for form in forms:
        offers.add(f"={form}")
        offers.update(f"{form[: size - 1]}*" for size in prefixes if len(form) >= size - 1)
    for language in languages:
        offers.update(f"{stem}/{language}" for stem in stems(forms, language))
    return tuple(offers & keys)


def _spoken(lists: Iterable[WordList]) -> Iterable[str]:
    for one in lists:
        yield from one.languages() - {ANY}


def _phrase(phrase: str, language: str) -> tuple[_Word, ...]:
    sought: list[_Word] = []
    for written in phrase.split():
        exact, begins = written.startswith("="), written.endswith("*")
        capitals = written[1:] if exact and written.isupper() and sum(map(str.isupper, written)) > 1 else ""
        pieces = [_without_article(piece) for piece in words(written, language)]
        for number, piece in enumerate(pieces):
            if begins and number == len(pieces) - 1:
                key = f"{piece}*"
            else:
                key = f"={piece}" if exact else f"{stems([piece], language)[0]}/{language}"
            sought.append(_Word(key, capitals if any(map(str.isalpha, piece)) else ""))
    return tuple(sought)


def _without_article(word: str) -> str:
    word = word.translate(_ONE_FORM) if _ARABIC.search(word) else word
    return word.removeprefix("ال") if len(word) > 4 else word


def _arabic(word: str) -> list[str]:
    """The forms of an Arabic word: as it is, and without what may be written as one with it."""
    word = word.translate(_ONE_FORM)
    ends = {0}
    if found := _PROCLITICS.match(word):
        ends |= {found.end("conjunction"), found.end("preposition"), found.end("article")}
        for start in (0, found.end("conjunction")):  # a first letter may be the word's own, as in الف and باب
            ends.add(start + 2 if word.startswith("ال", start) and len(word) > start + 4 else start)
    return [word[end:] for end in sorted(ends)]
