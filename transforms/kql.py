r"""Kibana's query language (KQL) in ours: what was saved there becomes a subscription here, as text to read and edit.

    query   := and ("or" and)*
    and     := not ("and" not)*
    not     := "not" not | "(" query ")" | field ":" values | field range value | value
    values  := value | "(" list of values with "and", "or" and "not" ")"
    range   := "<=" | ">=" | "<" | ">"
    value   := "quoted words" | words and prefixes* up to the next operator

Words mean what they mean in Kibana (kbn-es-query: `match`, `multi_match` and `match_phrase` of Elasticsearch), where of
several in one value any one is enough: `body: syria idlib` is `body:(syria OR idlib)`, and without a field it is the
same of headline, standfirst, keywords and body. What is quoted is a phrase. Names, topics, languages and states are
kept whole there: `source.name: The Meridian` is the phrase, with or without quotation marks. A prefix of a name is
looked for at each of its words here, and there at its beginning only. Dates without a zone are UTC.

Refused, since a subscription cannot ask for it: `field: *`, a * elsewhere than at the end, nested { }, ranges of
anything but the date, dates that move (`now-7d`), and fields that articles do not have.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any, Literal, NamedTuple, cast

from transforms.analysis import places
from transforms.errors import QueryError
from transforms.periods import period
from transforms.query import (
    FIELDS,
    MAX_DEPTH,
    MAX_QUERY,
    MIN_PREFIX,
    PUBLISHED,
    TEXT_FIELDS,
    Not,
    Published,
    Query,
    Words,
    parse,
)
from transforms.query_text import all_of, any_of, spelt_out
from transforms.tags import topic_of
from transforms.zones import in_utc

#: The fields of articles as the indices name them, and those of queries.
NAMES = {
    **{name: name for name in ("title", "description", "body", "keywords", "language", "status")},
    **{f"{name}.exact": name for name in ("title", "body", "keywords")},
    **{f"{name}.keyword": name for name in ("title", "keywords")},
    **{f"{name}{of}": field for of in ("", ".words") for name, field in (
        ("authors", "author"), ("source.name", "source"), ("source.domain", "source"), ("source.feed_id", "source"),
        ("source.agency", "agency"), ("topics.id", "topic"),
    )},
    "marks": "topic",
    "published_at": PUBLISHED,
    "dated_at": PUBLISHED,
    **{name: name for name in ("author", "source", "agency", "topic", PUBLISHED)},
}  # fmt: skip
_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
    |(?P<quoted>"(?:[^"\\]|\\.)*")
    |(?P<sign><=|>=|[<>():{}])
    |(?P<keyword>(?i:and|or|not)(?=[\s()]|\Z))
    |(?P<word>(?:\\.|[^\s\\():<>"{}])+)
    """,
    re.VERBOSE | re.DOTALL,
)
_STAR = re.compile(r"(?<!\\)(?:\\\\)*\*")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|((?i:and|or|not)\b|.))", re.DOTALL)
_RANGES = ("<", "<=", ">", ">=")
_CONTROLS = {"t": "\t", "r": "\r", "n": "\n"}
#: What Elasticsearch tells apart.
_MILLISECOND = timedelta(milliseconds=1)


class _Token(NamedTuple):
    kind: Literal["quoted", "sign", "keyword", "word", "end"]
    text: str
    at: int


def translated(kql: str) -> str:
    """What a query in KQL asks for, in the language of `transforms.query`.

    Raises: QueryError, with the position where there is one.
    """
    said = spelt_out(read(kql))
    try:
        parse(said)
    except QueryError as e:  # places in what was made of it are of no use
        raise QueryError(kql, e.reason) from e
    return said


def read(kql: str) -> Query:
    """The tree of a query in KQL, which perhaps only says what must not occur. Raises: QueryError."""
    if len(kql) > MAX_QUERY:
        raise QueryError(f"{kql[:60]}…", f"the query is longer than {MAX_QUERY} characters")
    text = unicodedata.normalize("NFC", kql)
    if not text.strip():
        raise QueryError(kql, "the query is empty")
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(self._tokenised())
        self._next = 0
        self._depth = 0

    def read(self) -> Query:
        query = self._either(self._negatable)
        self._expect_end()
        return query

    def _tokenised(self) -> Iterator[_Token]:
        at = 0
        while at < len(self._text):
            if (found := _TOKEN.match(self._text, at)) is None:
                said = "a quotation mark is not closed" if self._text[at] == '"' else "a \\ stands before nothing"
                raise QueryError(self._text, said, at)
            if found.lastgroup != "space":
                yield _Token(cast(Any, found.lastgroup), found[0], at)
            at = found.end()
        yield _Token("end", "", at)

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._token
        self._next += 1
        return token

    def _is(self, kind: str, text: str) -> bool:
        return self._token.kind == kind and self._token.text.lower() == text

    def _error(self, reason: str, token: _Token) -> QueryError:
        return QueryError(self._text, reason, token.at)

    def _expect_end(self) -> None:
        if self._token.kind != "end":
            said = "nothing was opened that ) could close" if self._is("sign", ")") else "an operator is missing here"
            raise self._error(said, self._token)

    def _either(self, part: Callable[[], Query]) -> Query:
        return any_of(self._parts("or", lambda: all_of(self._parts("and", part))))

    def _parts(self, keyword: str, part: Callable[[], Query]) -> list[Query]:
        parts = [part()]
        while self._is("keyword", keyword):
            self._take()
            parts.append(part())
        return parts

    def _negatable(self, inside: Callable[[], Query] | None = None) -> Query:
        """A part of a query, or (`inside` reads what is no group) of a list of values, perhaps with `not`."""
        token = self._token
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                raise self._error(f"the query is nested more than {MAX_DEPTH} deep", token)
            if self._is("keyword", "not"):
                self._take()
                return Not(self._negatable(inside))
            if self._is("sign", "("):
                self._take()
                query = self._either(lambda: self._negatable(inside))
                if not self._is("sign", ")"):
                    raise self._error("a ( is not closed", token)
                self._take()
                return query
            return (inside or self._expression)()
        finally:
            self._depth -= 1

    def _expression(self) -> Query:
        first, words = self._token, self._literal()
        if self._token.kind != "sign" or self._token.text not in (":", *_RANGES):
            return self._meant("", "", words)
        operator = self._take()
        name = " ".join(_ESCAPE.sub(_unescaped, word.text.strip('"')) for word in words)
        field = self._known(name, first)
        if operator.text != ":":
            if field != PUBLISHED:
                raise self._error("a range is only possible of published_at", operator)
            return self._published(operator, self._literal())
        if self._is("sign", "{"):
            raise self._error("nested fields { } are not supported; name the field in full", self._token)
        return self._negatable(lambda: self._meant(name, field, self._literal()))

    def _known(self, name: str, token: _Token) -> str:
        if (field := NAMES.get(name)) is None:
            close = get_close_matches(name.lower(), NAMES, n=1)
            hint = f"did you mean {close[0]}" if close else f"known are {', '.join((*FIELDS, PUBLISHED))}"
            said = f"a subscription cannot ask for the field {name!r}; {hint}; a colon in a value is written \\:"
            raise self._error(said, token)
        return field

    def _literal(self) -> list[_Token]:
        """What is quoted, or the words up to the next operator."""
        if self._token.kind == "quoted":
            return [self._take()]
        words = []
        while self._token.kind == "word":
            words.append(self._take())
        if not words:
            token = self._token
            raise self._error("the query ends too early" if token.kind == "end" else "a value is missing here", token)
        return words

    def _meant(self, name: str, field: str, words: list[_Token]) -> Query:
        """What a value asks of a field; of any text, where there is none."""
        if field == PUBLISHED:
            return self._published(None, words)
        first, last = words[0], words[-1]
        for word in words:
            self._check_star(word)
        whole = " ".join(map(_value, words))
        if name == "marks" and topic_of(whole) != whole:  # a filter of a subscription, and no words
            raise self._error("stances and rules are not words; subscribe to the topic as TOPIC:STANCE, --topic", first)
        kept = field and field not in TEXT_FIELDS and not name.endswith(".words")
        if first.kind == "quoted" or kept or name.endswith(".keyword"):
            return self._words(first, whole, field, prefix=_starred(last))
        parts = [part for word in words for part in self._each(word, field)]
        return any_of(parts) if parts else self._words(first, whole, field)

    def _each(self, word: _Token, field: str) -> list[Words]:
        text = _value(word)
        if _starred(word):
            return [self._words(word, text, field, prefix=True)]
        return [Words(text[start:end], field) for start, end in places(text, "")]

    def _words(self, token: _Token, text: str, field: str, *, prefix: bool = False) -> Words:
        if not any(map(str.isalnum, text)):
            raise self._error(f"there is no word in {text!r}", token)
        if prefix and len(text) < MIN_PREFIX:
            raise self._error(f"at least {MIN_PREFIX} letters must come before the *", token)
        return Words(text, field, prefix=prefix)

    def _check_star(self, word: _Token) -> None:
        if word.kind == "quoted" or (found := _STAR.search(word.text)) is None:
            return
        if word.text == "*":
            raise self._error("a * alone is not supported: it asks for anything; write the words", word)
        if found.end() != len(word.text):
            raise self._error("only a * at the end of a word is supported", word)

    def _published(self, operator: _Token | None, words: list[_Token]) -> Published:
        first = words[0]
        try:
            start, end = _moments(" ".join(map(_value, words)))
        except ValueError as e:
            raise self._error(str(e), first) from e
        match operator.text if operator else ":":
            case "<":
                found = Published(until=start)
            case "<=":
                found = Published(until=end)
            case ">":
                found = Published(since=end)
            case ">=":
                found = Published(since=start)
            case _:
                found = Published(start, end)
        if any(bound and bound.microsecond for bound in (found.since, found.until)):
            raise self._error("dates are only told apart by the second", first)
        if found == Published():
            raise self._error("the range has no bound", first)
        return found


def _moments(text: str) -> tuple[datetime, datetime | None]:
    """The first moment of what a date names, and the first after it, as Elasticsearch rounds. Raises: ValueError."""
    try:
        return period(text)
    except ValueError:
        pass
    try:
        moment = in_utc(datetime.fromisoformat(text)) if "T" in text else None
    except ValueError:
        moment = None
    if moment is None:
        raise ValueError(f"{text!r} is no date; write 2026-01, 2026-01-31 or 2026-01-31T12:30:00Z; none that moves")
    clock = re.split("[+Z-]", text.partition("T")[2])[0]
    length = _MILLISECOND if re.search("[.,]", clock) else timedelta(seconds=1 if clock.count(":") > 1 else 60)
    try:
        return moment, moment + length
    except OverflowError:  # the calendar ends
        return moment, None


def _starred(word: _Token) -> bool:
    found = _STAR.search(word.text) if word.kind == "word" else None
    return found is not None and found.end() == len(word.text)


def _value(token: _Token) -> str:
    """What stands there, without quotation marks, escapes, and the * of a prefix."""
    text = token.text[1:-1] if token.kind == "quoted" else token.text
    return _ESCAPE.sub(_unescaped, text[:-1] if _starred(token) else text)


def _unescaped(found: re.Match[str]) -> str:
    code, letter = found.groups()
    return chr(int(code, 16)) if code else _CONTROLS.get(letter, letter)
