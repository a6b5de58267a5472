"""The query language of searches and subscriptions: Lucene syntax, parsed by luqum into a small tree.

drone strike            both words (stemmed), anywhere in headline, standfirst, keywords or body
"cluster bomb"          the words in this order
idlib OR aleppo         either;  AND, NOT, +, - and ( ) as in Lucene
title:idlib             title, description, body, keywords, author, source, language, topic, status
displace*               words beginning so (at least 3 letters)
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from luqum import tree as lucene
from luqum.exceptions import ParseError
from luqum.thread import parse as parse_lucene
from luqum.utils import UnknownOperationResolver

from transforms.errors import QueryError

TEXT_FIELDS = ("title", "description", "keywords", "body")
FIELDS = (*TEXT_FIELDS, "author", "source", "language", "topic", "status")
_ALIASES = {"topics": "topic", "authors": "author", "headline": "title", "lang": "language", "keyword": "keywords"}
#: A shorter prefix matches so many words that it means nothing (shared SEARCH.md).
MIN_PREFIX = 3
#: Longer queries are refused before they are parsed.
MAX_QUERY = 4_000
#: SQLite's parser gives up somewhat above; one limit for every store keeps the answers the same.
MAX_DEPTH = 25
_WILD = re.compile(r"(?<!\\)[*?]")
_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Words:
    """Adjacent words, one or many, still as written: analysis depends on the document's language."""

    text: str
    #: Empty: any of TEXT_FIELDS.
    field: str = ""
    prefix: bool = False


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


Query = Words | Both | Either | Not


def parse(text: str) -> Query:
    """The tree of a query. Words without an operator between them must all occur.

    Raises:
        QueryError: with the position, where the parser knows it.
    """
    text = unicodedata.normalize("NFC", text)  # as all stored text is; some keyboards send letters and marks apart
    if not text.strip():
        raise QueryError(text, "the query is empty")
    if len(text) > MAX_QUERY:
        raise QueryError(text[:60] + "…", f"the query is longer than {MAX_QUERY} characters")
    try:
        parsed = UnknownOperationResolver(resolve_to=lucene.AndOperation)(parse_lucene(text))
    except ParseError as e:
        raise QueryError(text, _said(e), _position(e, text)) from e
    except RecursionError as e:
        raise QueryError(text[:60], "the query is nested too deeply") from e
    query = _Reader(text).read(parsed, "")
    if not any(True for _ in positive(query)):
        raise QueryError(text, "the query only says what must not occur; add what must")
    return query


def positive(query: Query) -> Iterator[Words]:
    """The words that can make a document match: what is highlighted, and what NOT leaves."""
    match query:
        case Words():
            yield query
        case Both(parts) | Either(parts):
            for part in parts:
                yield from positive(part)
        case Not():
            return


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, node: lucene.Item, field: str, depth: int = 0) -> Query:
        if depth > MAX_DEPTH:
            raise QueryError(self._text, f"the query is nested more than {MAX_DEPTH} deep", node.pos)
        match node:
            case lucene.AndOperation() | lucene.BoolOperation():
                return Both(tuple(self.read(child, field, depth + 1) for child in node.children))
            case lucene.OrOperation():
                return Either(tuple(self.read(child, field, depth + 1) for child in node.children))
            case lucene.Not() | lucene.Prohibit():
                return Not(self.read(node.children[0], field, depth + 1))
            case lucene.Plus() | lucene.Group() | lucene.FieldGroup() | lucene.Boost():
                return self.read(node.children[0], field, depth + 1)
            case lucene.SearchField():
                return self.read(node.expr, self._field(node), depth + 1)
            case lucene.Phrase() if _WILD.search(node.value):
                raise QueryError(self._text, "a * or ? within quotation marks is not supported", node.pos)
            case lucene.Phrase():
                return self._words(node, node.value[1:-1], field)
            case lucene.Word():
                return self._word(node, field)
            case _:
                kind = type(node).__name__.lower()
                raise QueryError(
                    self._text, f"{kind} queries are not supported; use words, phrases and prefixes", node.pos
                )

    def _field(self, node: lucene.SearchField) -> str:
        name = _ALIASES.get(node.name, node.name)
        if name not in FIELDS:
            raise QueryError(self._text, f"there is no field {node.name!r}; known are {', '.join(FIELDS)}", node.pos)
        return cast(str, name)

    def _word(self, node: lucene.Word, field: str) -> Words:
        value: str = node.value
        if value.startswith("!"):  # Lucene's NOT, which luqum reads as part of the word
            raise QueryError(self._text, "write NOT or - instead of !", node.pos)
        wild = _WILD.search(value)
        if wild is None:
            return self._words(node, value, field)
        if wild.end() != len(value) or value[-1] != "*":
            raise QueryError(self._text, "only a * at the end of a word is supported", node.pos)
        if len(value) - 1 < MIN_PREFIX:
            raise QueryError(self._text, f"at least {MIN_PREFIX} letters must come before the *", node.pos)
        words = self._words(node, value[:-1], field)
        return Words(words.text, field, prefix=True)

    def _words(self, node: lucene.Item, value: str, field: str) -> Words:
        text = _ESCAPE.sub(r"\1", value)
        if not any(letter.isalnum() for letter in text):
            raise QueryError(self._text, f"there is no word in {value!r}", node.pos)
        return Words(text, field)


def _said(error: ParseError) -> str:
    return "the query ends too early" if "unexpected end" in str(error).lower() else "the query cannot be read"


def _position(error: ParseError, text: str) -> int | None:
    found = re.search(r"position (\d+)", str(error))
    return int(found[1]) if found else len(text)
