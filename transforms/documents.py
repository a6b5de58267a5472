"""An article as queries read it: which texts its fields are, and where the terms stand in them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from transforms.analysis import Token, terms, tokens, unstemmed
from transforms.query import TEXT_FIELDS, Words
from transforms.records import Article


def texts(article: Article, field: str) -> tuple[str, ...]:
    """The texts of a field; no phrase goes from one into the next.

    Raises:
        KeyError: there is no such field.
    """
    match field:
        case "title" | "description" | "body" | "language" | "status":
            return (getattr(article, field),)
        case "keywords":
            return (", ".join(article.keywords),)
        case "author":
            return (", ".join(article.authors),)
        case "source":
            return (article.source.name, article.source.domain, article.source.feed_id)
        case "agency":
            return (article.source.agency,)
        case "topic":
            return (", ".join(tag.id for tag in article.topics),)
        case _:
            raise KeyError(field)


def read_as(words: Words, field: str, language: str) -> str:
    """The language to analyse these words, and this field of an article in `language`, as."""
    if field not in TEXT_FIELDS:  # a name is itself in every language
        return ""
    return unstemmed(language) if words.prefix else language


class Text:
    """A text of an article, analysed."""

    def __init__(self, field: str, text: str, language: str) -> None:
        self.field = field
        self.text = text
        self.tokens: list[Token] = tokens(text, language)

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """The terms, and at which tokens each stands."""
        found: dict[str, list[int]] = defaultdict(list)
        for place, token in enumerate(self.tokens):
            found[token.term].append(place)
        return dict(found)


class Document:
    """An article and what was read of it so far."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self._read: dict[tuple[str, str], list[Text]] = {}

    def occurrences(self, words: Words) -> Iterator[tuple[Text, int, int]]:
        """Where the words stand: the text, and the characters of it from the first of them to the last."""
        for field in (words.field,) if words.field else TEXT_FIELDS:
            language = read_as(words, field, self.article.language)
            sought = terms(words.text, language)
            for text in self._texts(field, language):
                for first, last in occurrences(sought, text, prefix=words.prefix, slop=words.slop):
                    yield text, text.tokens[first].start, text.tokens[last].end

    def _texts(self, field: str, language: str) -> list[Text]:
        if (read := self._read.get((field, language))) is None:
            read = [Text(field, text, language) for text in texts(self.article, field) if text]
            self._read[field, language] = read
        return read


def occurrences(sought: Sequence[str], text: Text, *, prefix: bool = False, slop: int = 0) -> Iterator[tuple[int, int]]:
    """The first and the last token of each occurrence of `sought` in a text, by their numbers."""
    if not sought:
        return
    *head, last = sought
    if prefix and not head:
        for term, places in text.places.items():
            if term.startswith(last):
                yield from zip(places, places, strict=True)
    elif slop and head:
        yield from near([text.places.get(term, ()) for term in sought], slop, repeats(sought))
    else:
        ends = len(head)
        for first in text.places.get(sought[0], ()):
            if first + ends < len(text.tokens):
                end = text.tokens[first + ends].term
                if (end.startswith(last) if prefix else end == last) and all(
                    text.tokens[first + n].term == term for n, term in enumerate(head)
                ):
                    yield first, first + ends


def repeats(sought: Sequence[str]) -> list[int]:
    """For each term the number of the one before it that is the same; -1 where there is none."""
    return [max((n for n in range(number) if sought[n] == term), default=-1) for number, term in enumerate(sought)]


def near(places: Sequence[Sequence[int]], slop: int, repeats: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Lucene's sloppy phrase: where terms stand together that are at `places` each. See `transforms.query.Words.slop`.

    Terms that are the same stand at different places, in order. Yields the first and last place of each occurrence that
    ends otherwise than the one before. (Lucene 10's SloppyPhraseMatcher finds the same documents; tried on 12,000.)
    """
    at = [0] * len(places)

    def settle() -> bool:
        """Moves repeats on behind what they repeat; False at an end."""
        for number, before in enumerate(repeats):
            mine = places[number]
            if before >= 0:
                behind = places[before][at[before]]
                while at[number] < len(mine) and mine[at[number]] <= behind:
                    at[number] += 1
            if at[number] >= len(mine):
                return False
        return True

    while settle():
        found = [mine[at[number]] for number, mine in enumerate(places)]
        shifts = [place - number for number, place in enumerate(found)]
        least = min(shifts)
        if max(shifts) - least <= slop:
            yield min(found), max(found)
        at[shifts.index(least)] += 1
