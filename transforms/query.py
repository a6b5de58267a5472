"""The query language of searches and subscriptions: Lucene syntax, parsed by luqum into a small tree.

drone strike            both words (stemmed), anywhere in headline, standfirst, keywords or body
"cluster bomb"          the words in this order
"drone strike"~4        the words near each other: moving them to stand so takes at most 4 steps in all
idlib OR aleppo         either;  AND, NOT, +, -, &&, ||, ! and ( ) as in Lucene
title:idlib             title, description, body, keywords, topic, source, language, author, agency, status
displace*               words beginning so (at least 3 letters)
published:[2026-01-01 TO 2026-02-01}    also published:2026-01, published:>2026-01-01, published:<=2026-01-01T12:30

A query is true or false of an article; nothing in it only raises a score. Words without an operator must all occur, and
that binds least of all: `syria idlib OR aleppo` is syria with either, as search engines on the web read it,
`idlib OR aleppo -sport` is either without sport, and `a AND b OR c` is `(a AND b) OR c`. Each alternative must say of
something that it occurs: a subscription to whatever lacks a word is a mistake.
"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import cast

from luqum import tree as lucene
from luqum.exceptions import ParseError
from luqum.thread import parse as parse_lucene

from transforms.errors import QueryError
from transforms.periods import period
from transforms.shapes import PLUS, SLOT, shape_of, spelt

TEXT_FIELDS = ("title", "description", "keywords", "body")
FIELDS = (*TEXT_FIELDS, "author", "source", "agency", "language", "topic", "status")
#: Beside those, which have words: when.
PUBLISHED = "published"
_ALIASES = {"topics": "topic", "authors": "author", "headline": "title", "lang": "language", "keyword": "keywords"} | {
    "published_at": PUBLISHED,
    "date": PUBLISHED,
}
#: A shorter prefix matches so many words that it means nothing (shared SEARCH.md).
MIN_PREFIX = 3
#: Words further apart have nothing to do with each other, and every store counts so far.
MAX_SLOP = 1_000
#: Longer queries are refused before they are parsed.
MAX_QUERY = 4_000
#: SQLite's parser gives up somewhat above; one limit for every store keeps the answers the same.
MAX_DEPTH = 25
_WILD = re.compile(r"(?<!\\)(?:\\\\)*[*?]")
#: Within quotation marks, what ends a word is the mark of a question: headlines are pasted there.
_WILD_IN_PHRASE = re.compile(r"(?<!\\)(?:\\\\)*(?:\*|\?(?=\w))")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
#: Why what Lucene's syntax has besides is refused.
_REFUSED = {
    "fuzzy": "fuzzy queries are not supported: no index finds them fast; write a prefix (displac*), or both spellings",
    "regex": "regex queries are not supported: no index finds them fast; write words, or escape the / as \\/",
    "range": "range queries are not supported but for published:[2026-01-01 TO 2026-02-01}",
    "from": "queries with > are not supported but for published:>2026-01-01; within words, escape it as \\>",
    "to": "queries with < are not supported but for published:<2026-01-01; within words, escape it as \\<",
}
_SPACE, _RESERVED, _ESCAPED = re.compile(r"\s"), ("AND", "OR", "NOT", "TO"), r"\\\g<0>"
_IN_QUOTES, _IN_WORDS = re.compile(r'[\\"*?]'), re.compile(r"""[\\+!():^\[\]"{}~*?/&|<>\s]|^['-]""")
_DATES = "write 2026, 2026-01, 2026-01-31 or 2026-01-31T12:30, in UTC"


@dataclass(frozen=True, slots=True)
class Words:
    """Adjacent words, one or many, still as written: analysis depends on the document's language."""

    text: str
    #: Empty: any of TEXT_FIELDS.
    field: str = ""
    #: Whether the last word may go on.
    prefix: bool = False
    #: How far from their places the words may be: Lucene's sloppy phrase. Subtract from the place of each word in the
    #: document its place in the phrase; the largest and the smallest of the differences are at most this far apart.
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Published:
    """Published at `since` or later and before `until`; without a date of its own, first seen then. None is open."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Both:
    """Every part must be true."""

    parts: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part must be true."""

    parts: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part must not be true."""

    part: "Query"


Query = Words | Published | Both | Either | Not


def parse(text: str) -> Query:
    """The tree of a query. Words without an operator between them must all occur.

    Raises:
        QueryError: with the position, where the parser knows it.
    """
    if len(text) > MAX_QUERY:
        raise QueryError(text[:60] + "…", f"the query is longer than {MAX_QUERY} characters")
    text = unicodedata.normalize("NFC", text)  # as all stored text is; some keyboards send letters and marks apart
    if not text.strip():
        raise QueryError(text, "the query is empty")
    if (alike := shape_of(text)) is not None:
        shape, words = alike
        with suppress(QueryError):  # said again below, of the text itself
            return _filled(_parsed(shape), iter(words))
    return _read(text)


def positive(query: Query) -> Iterator[Words]:
    """The words that can make a document match: what is highlighted, and what NOT leaves."""
    match query:
        case Words():
            yield query
        case Both(parts) | Either(parts):
            for part in parts:
                yield from positive(part)
        case Published() | Not():
            return


def written(query: Words | Published) -> str:
    """A part of a query as one would type it: `title:"drone strike"~4`, `published:[2026-01-01T00:00:00 TO *}`."""
    if isinstance(query, Published):
        since, until = (f"{bound:%Y-%m-%dT%H:%M:%S}" if bound else "*" for bound in (query.since, query.until))
        return f"{PUBLISHED}:[{since} TO {until}}}"
    text, end = query.text, f"~{query.slop}" if query.slop else "*" if query.prefix else ""
    if not query.prefix and (query.slop or _SPACE.search(text) or text in _RESERVED):
        text = f'"{_IN_QUOTES.sub(_ESCAPED, text)}"'
    else:
        text = _IN_WORDS.sub(_ESCAPED, text)
    return f"{query.field}:{text}{end}" if query.field else f"{text}{end}"


def _asks(query: Query) -> bool:
    """Whether a document must have something for it: only then can those that match be found by what they have."""
    match query:
        case Both(parts):
            return any(map(_asks, parts))
        case Either(parts):
            return all(map(_asks, parts))
        case _:
            return not isinstance(query, Not)


# Thousands of subscriptions differ in nothing but their words, and luqum takes 0.1 ms for each: it reads a shape once.


@lru_cache(maxsize=1024)
def _parsed(shape: str) -> Query:
    return _read(shape)


def _filled(shape: Query, words: Iterator[str]) -> Query:
    kind = type(shape)  # a third faster than `match`, where it counts
    if kind is Words:
        one = cast(Words, shape)
        return Words(next(words), one.field, one.prefix, one.slop) if one.text == SLOT else one
    if kind is Both:
        return Both(tuple([_filled(part, words) for part in cast(Both, shape).parts]))
    if kind is Either:
        return Either(tuple([_filled(part, words) for part in cast(Either, shape).parts]))
    return Not(_filled(cast(Not, shape).part, words)) if kind is Not else shape


def _read(text: str) -> Query:
    in_words, at = spelt(text)
    try:
        parsed = parse_lucene(in_words)
    except ParseError as e:
        raise QueryError(text, _said(e), at[min(_position(e, in_words), len(in_words))]) from e
    except (ValueError, ArithmeticError) as e:  # luqum's numbers, which it does not look at before it uses them
        raise QueryError(text, 'what follows ~ or ^ is no whole number; write "a b"~4') from e
    except RecursionError as e:
        raise QueryError(text[:60], "the query is nested too deeply") from e
    query = _Reader(text, at).read(parsed, "")
    if not _asks(query):
        said = "an alternative" if any(True for _ in positive(query)) else "the query"
        raise QueryError(text, f"{said} only says what must not occur; add what must")
    return query


class _Reader:
    def __init__(self, text: str, at: list[int]) -> None:
        self._text = text
        self._at = at

    def read(self, node: lucene.Item, field: str, depth: int = 0) -> Query:
        if depth > MAX_DEPTH:
            raise self._error(f"the query is nested more than {MAX_DEPTH} deep", node)
        match node:
            case lucene.AndOperation() | lucene.BoolOperation() | lucene.UnknownOperation():
                return Both(tuple(self.read(child, field, depth + 1) for child in node.children))
            case lucene.OrOperation():
                return Either(tuple(self.read(child, field, depth + 1) for child in node.children))
            case lucene.Not():
                part = self.read(node.children[0], field, depth + 1)
                return part if self._text[self._at[node.pos]] == PLUS else Not(part)
            case lucene.Group() | lucene.FieldGroup() | lucene.Boost():
                return self.read(node.children[0], field, depth + 1)
            case lucene.SearchField():
                return self.read(node.expr, self._field(node), depth + 1)
            case lucene.Range() | lucene.From() | lucene.To() | lucene.Word() | lucene.Phrase() if field == PUBLISHED:
                return self._published(node)
            case lucene.Phrase():
                return self._phrase(node, field)
            case lucene.Proximity():
                return self._near(node, field)
            case lucene.Word():
                return self._word(node, field)
            case _:
                kind = type(node).__name__.lower()
                raise self._error(_REFUSED.get(kind, f"{kind} queries are not supported"), node)

    def _error(self, reason: str, node: lucene.Item) -> QueryError:
        return QueryError(self._text, reason, self._at[node.pos])

    def _field(self, node: lucene.SearchField) -> str:
        name = cast(str, _ALIASES.get(node.name, node.name))
        if name not in (*FIELDS, PUBLISHED):
            close = get_close_matches(name.lower(), (*FIELDS, PUBLISHED, *_ALIASES), n=1)
            hint = f"did you mean {close[0]}" if close else f"known are {', '.join((*FIELDS, PUBLISHED))}"
            raise self._error(f"there is no field {node.name!r}; {hint}; a colon in a word is written \\:", node)
        return name

    def _word(self, node: lucene.Word, field: str) -> Words:
        value: str = node.value
        wild = _WILD.search(value)
        if wild is None:
            return self._words(node, value, field)
        if wild.end() == 1 and len(value) > 1:
            raise self._error(
                "a word cannot begin with * or ?, no index finds it fast; only a * at the end of a word is supported",
                node,
            )
        if wild.end() != len(value) or value[-1] != "*":
            raise self._error("only a * at the end of a word is supported", node)
        if len(value) - 1 < MIN_PREFIX:
            raise self._error(f"at least {MIN_PREFIX} letters must come before the *", node)
        return replace(self._words(node, value[:-1], field), prefix=True)

    def _phrase(self, node: lucene.Phrase, field: str) -> Words:
        if _WILD_IN_PHRASE.search(node.value):
            raise self._error("a * or ? within quotation marks is not supported; write the words one by one", node)
        return self._words(node, node.value[1:-1], field)

    def _near(self, node: lucene.Proximity, field: str) -> Words:
        if node._implicit_degree:  # luqum would take 1 for it, Lucene 0
            raise self._error('the ~ does not say how far; write "a b"~4', node)
        if node.degree > MAX_SLOP:
            raise self._error(f"words more than {MAX_SLOP} apart are not near each other; write AND", node)
        return replace(self._phrase(node.term, field), slop=node.degree)

    def _words(self, node: lucene.Item, value: str, field: str) -> Words:
        text = _ESCAPE.sub(r"\1", value)
        if not any(letter.isalnum() for letter in text):
            raise self._error(f"there is no word in {value!r}", node)
        return Words(text, field)

    def _published(self, node: lucene.Item) -> Published:
        match node:
            case lucene.Range():
                (low, after_low), (high, after_high) = self._period(node.low), self._period(node.high)
                found = Published(low if node.include_low else after_low, after_high if node.include_high else high)
            case lucene.From():
                start, end = self._period(node.children[0])
                found = Published(since=start if node.include else end)
            case lucene.To():
                start, end = self._period(node.children[0])
                found = Published(until=end if node.include else start)
            case _:
                found = Published(*self._period(node))
        if found == Published():
            raise self._error(f"the range has no bound; {_DATES}", node)
        if found.since and found.until and found.since >= found.until:
            raise self._error("nothing can be in this range: it ends before it begins", node)
        return found

    def _period(self, node: lucene.Item) -> tuple[datetime | None, datetime | None]:
        value = _ESCAPE.sub(r"\1", str(node)).strip('"')
        if value == "*":
            return None, None
        try:
            return period(value)
        except ValueError as e:
            raise self._error(f"{value!r} is no date; {_DATES}", node) from e


def _said(error: ParseError) -> str:
    return "the query ends too early" if "unexpected end" in str(error).lower() else "the query cannot be read"


def _position(error: ParseError, text: str) -> int:
    found = re.search(r"position (\d+)", str(error))
    return int(found[1]) if found else len(text)
