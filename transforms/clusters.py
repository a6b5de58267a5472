"""Near-identical articles: agency copy that several outlets print, under headlines and bylines of their own.

Each text is known by its shingles, runs of a few stems. MinHash condenses them into bands, opaque terms of which
near-identical texts nearly always share one, so a store finds who may be a reprint; who is one, the texts themselves
decide. A false merge is worse than a miss: figures and names that differ speak against it, however alike the rest.
docs/decisions.md has what the numbers here were chosen on.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise
from struct import pack
from typing import NamedTuple
from zlib import crc32

import rensa

from transforms.analysis import BIGRAMS, MAX_KNOWN, places, terms
from transforms.casualties import words as casualty_words
from transforms.records import Article, dated

#: How far apart reprints are published, at most.
WINDOW = timedelta(hours=120)
#: Stems in a shingle; letters of languages that are read in pairs of them.
SHINGLE, SHINGLE_OF_PAIRS = 4, 7
#: Shorter texts are flashes: a form, a figure and a name, and any two are alike.
LEAST_SHINGLES = 40
#: Of texts with .4 of their shingles in common 9 in 10 share a band, of .5 99 in 100; of .1 3 in 100, and of unrelated
#: ones next to none.
BANDS, ROWS = 32, 3
#: The shorter text has so much of the longer one's length, and so much of it is in the longer one.
LEAST_LENGTH, LEAST_SHARED = 0.35, 0.6
#: So many words are its lead, of which so much is in the other one: background is shared by stories, leads are not.
#: More of it where names cannot be told, of scripts without capitals; less of the longer one's, which may have an
#: introduction of its own.
LEAD, LEAST_LEAD, LEAST_LEAD_UNNAMED, LEAST_LEAD_OF_LONGER = 40, 0.5, 0.8, 0.2
#: Of the shorter one's figures, and of its names, so many are in the longer one.
LEAST_FIGURES, LEAST_NAMES = 0.9, 0.8
#: Raised with every change of what bands are made of, so that those of different making never meet.
_RECIPE = 1_000 + rensa.RMinHash.ALGORITHM_VERSION
#: Texts remembered: one is looked at for its bands, and soon again beside its like.
_KNOWN = 512
#: Marks after which a sentence may begin: a capital there says nothing.
_OPENS = frozenset('.!?…:;"“”„«»‹›‘(–—•*\n')


class _Shingles(NamedTuple):
    """A body as runs of stems."""

    body: str
    all: frozenset[str]
    lead: frozenset[str]


class _Facts(NamedTuple):
    """The words of a body that tell one event from another."""

    #: All of them: stems, with digits in the place of number words.
    words: frozenset[str]
    figures: frozenset[str]
    names: frozenset[str]
    #: Of the lead: its figures, its names, and both by the words around them.
    lead_figures: frozenset[str]
    lead_names: frozenset[str]
    slots: Mapping[tuple[str, str], frozenset[str]]


def bands(article: Article) -> tuple[str, ...]:
    """The terms by which a store finds near-identical articles: BANDS of them, or none of a text that is too short."""
    return _bands(_copy(article), article.language)


def alike(one: Article, other: Article) -> bool:
    """Whether these are the same text, published within WINDOW of each other; the same whichever comes first."""
    if abs(dated(one) - dated(other)) > WINDOW or not bands(one) or not bands(other):
        return False
    if one.language == other.language and _copy(one) == _copy(other):
        return True  # what all that follows would say, after longer
    (shorter, text), (longer, of) = _by_length(one, other)
    return (
        len(text.all) >= LEAST_LENGTH * len(of.all)
        and _share(text.all, of.all) >= LEAST_SHARED
        and _share(text.lead, of.all) >= LEAST_LEAD
        and _share(of.lead, text.all) >= LEAST_LEAD_OF_LONGER
        and _same_facts(_facts(shorter), _facts(longer))
        and (bool(_facts(shorter).names) or _share(text.lead, of.all) >= LEAST_LEAD_UNNAMED)
    )


def cluster(article: Article, others: Iterable[Article]) -> str:
    """The id of the cluster an article belongs to: that of the most similar of `others`, or its own.

    A cluster has the id of the article it began with, which must be among `others` and no more than WINDOW away:
    nothing joins it through a third alone.
    """
    there = {other.id: other for other in others if other.id != article.id}
    found: list[tuple[float, str]] = []
    for other in there.values():
        first = there.get(story_of(other))
        if first and abs(dated(article) - dated(first)) <= WINDOW and alike(article, other):
            (_, text), (_, of) = _by_length(article, other)
            found.append((-_share(text.all, of.all), first.id))
    return min(found)[1] if found else article.id


def keeps_cluster(article: Article) -> bool:
    """Whether later revisions of a stored article stay in its cluster. All do, but where it is alone, and so short that
    no other can have joined it: a feed's summary, until its page is read."""
    return story_of(article) != article.id or bool(bands(article))


def story_of(article: Article) -> str:
    """The cluster an article belongs to; articles that an earlier newswire stored are each their own."""
    return article.cluster_id or article.id


def _same_facts(shorter: _Facts, longer: _Facts) -> bool:
    return (
        _share(shorter.figures, longer.figures) >= LEAST_FIGURES
        and _share(shorter.names, longer.words) >= LEAST_NAMES
        # Each says what the other never says: not the same. If only one does, it may be the fuller one.
        and not (shorter.lead_figures - longer.figures and longer.lead_figures - shorter.figures)
        and not (shorter.lead_names - longer.words and longer.lead_names - shorter.words)
        and not any(words.isdisjoint(longer.slots.get(slot, words)) for slot, words in shorter.slots.items())
    )


def _by_length(one: Article, other: Article) -> list[tuple[Article, _Shingles]]:
    """Both with their shingles, the shorter text first, whichever comes first."""
    both = [(each, _shingled(_copy(each), each.language)) for each in (one, other)]
    return sorted(both, key=lambda each: (len(each[1].all), each[1].body))


def _share(some: frozenset[str], others: frozenset[str]) -> float:
    return len(some & others) / len(some) if some else 1.0


def _copy(article: Article) -> str:
    """The body without its dateline, which outlets write in ways of their own."""
    return article.body.removeprefix(article.dateline)


@lru_cache(maxsize=_KNOWN)
def _bands(body: str, language: str) -> tuple[str, ...]:
    shingles = _shingled(body, language).all
    if len(shingles) < LEAST_SHINGLES * _times(language):
        return ()
    sketch = rensa.RMinHash(num_perm=BANDS * ROWS, seed=1)
    sketch.update(list(shingles))
    least = pack(f">{BANDS * ROWS}I", *sketch.digest())
    size = len(least) // BANDS
    return tuple(f"{at:02x}{crc32(least[at * size : (at + 1) * size], _RECIPE):08x}" for at in range(BANDS))


@lru_cache(maxsize=_KNOWN)
def _stems(body: str, language: str) -> Sequence[str]:
    return terms(body, language)


@lru_cache(maxsize=_KNOWN)
def _shingled(body: str, language: str) -> _Shingles:
    stems = _stems(body, language)
    length = SHINGLE_OF_PAIRS if language in BIGRAMS else SHINGLE
    runs = [" ".join(run) for run in zip(*(stems[at:] for at in range(length)), strict=False)]
    return _Shingles(body, frozenset(runs), frozenset(runs[: LEAD * _times(language)]))


def _times(language: str) -> int:
    """Tokens to a word, about."""
    return 2 if language in BIGRAMS else 1


def _facts(article: Article) -> _Facts:
    # Where its byline or its outlet's name stands in the text, it is not what the story tells of.
    own = " ".join((*article.authors, article.source.name, article.source.agency))
    return _read(_copy(article), article.language, frozenset(terms(own, article.language)))


@lru_cache(maxsize=_KNOWN)
def _read(body: str, language: str, own: frozenset[str]) -> _Facts:
    words, figures, capitals = _words(body, language)
    names = [at for at in capitals if words[at] not in own]
    lead = LEAD * _times(language)
    slots: dict[tuple[str, str], set[str]] = {}
    for at in (*figures, *names):
        if 0 < at < min(lead, len(words) - 1):
            slots.setdefault((words[at - 1], words[at + 1]), set()).add(words[at])
    return _Facts(
        words=frozenset(words),
        figures=frozenset(words[at] for at in figures),
        names=frozenset(words[at] for at in names),
        lead_figures=frozenset(words[at] for at in figures if at < lead),
        lead_names=frozenset(words[at] for at in names if at < lead),
        slots={slot: frozenset(found) for slot, found in slots.items()},
    )


@lru_cache(maxsize=_KNOWN)
def _words(body: str, language: str) -> tuple[Sequence[str], Sequence[int], Sequence[int]]:
    """A body's words, stems with digits in the place of number words; which of them are figures, which have a capital
    inside a sentence."""
    spans = places(body, language)
    stems = _stems(body, language)
    words = [_digits(body[start:end], language) or stem for stem, (start, end) in zip(stems, spans, strict=True)]
    return words, [at for at, word in enumerate(words) if not word.isalpha()], _capitals(body, spans)


@lru_cache(maxsize=MAX_KNOWN)
def _digits(word: str, language: str) -> str:
    """What a number word says, in digits; empty for other words, and in languages that casualty figures are not read
    in."""
    vocabulary = casualty_words.vocabularies().get(language)
    found = vocabulary.lookup(casualty_words.spelt(word)) if vocabulary and len(word) <= casualty_words.MAX_WORD else []
    numbers = [one.number for one in found if one.role == "number" and not one.rest]
    return f"{numbers[0]:g}" if numbers else ""


def _capitals(text: str, spans: Sequence[tuple[int, int]]) -> list[int]:
    """Which tokens begin with a capital inside a sentence; none of scripts that have no capitals."""
    return [
        at
        for at, ((_, before), (start, _)) in enumerate(pairwise(spans), 1)
        if text[start].isupper() and _OPENS.isdisjoint(text[before:start])
    ]
