"""Kibana's query language as queries of Elasticsearch: what a query in KQL asks for, where no Kibana runs.

    query   := and ("or" and)*
    and     := not ("and" not)*
    not     := "not" not | "(" query ")" | field (":" values | range) | value
    values  := value | "(" value (("and" | "or") value)* ")"
    range   := ("<=" | ">=" | "<" | ">") value
    value   := "quoted words" | words and * up to the next operator

Operators may be written in capitals. There is no fuzzy search, no proximity, no boost, no regular expression and no
range in brackets: their signs are refused, since in KQL they would be letters that nobody means.
"""

import re
from collections.abc import Collection
from typing import Any

Dsl = dict[str, Any]

_TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|(<=|>=|[<>():])|((?:[^\s"<>():\\]|\\.)+))')
_RANGES = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
#: Lucene's, with no meaning in KQL.
_FOREIGN = re.compile(r"[~^\[\]{}/+!]|&&|\|\||^-|^(?:AND|OR|NOT|TO)$|_exists_")


class NotKql(ValueError):
    """The message says what is wrong."""


def parse(query: str, fields: Collection[str]) -> Dsl:
    """What the query asks for. `fields` are those that the index has: a query on another one finds nothing in Kibana,
    without a word.

    Raises: NotKql.
    """
    if not query.strip():
        return {"match_all": {}}
    reader = _Reader(query, fields)
    found = reader.query()
    if reader.rest:
        raise NotKql(f"{query!r}: {reader.rest[0]!r} is too much")
    return found


class _Reader:
    def __init__(self, query: str, fields: Collection[str]) -> None:
        self.rest = [found[0].strip() for found in _TOKEN.finditer(query)]
        if "".join(self.rest) != re.sub(r'\s+(?=(?:[^"]*"[^"]*")*[^"]*$)', "", query):
            raise NotKql(f"{query!r} cannot be read")
        self._fields = fields
        self._query = query

    def query(self) -> Dsl:
        return self._joined("or", "should", lambda: self._joined("and", "filter", self._negated))

    def _joined(self, word: str, clause: str, part: Any) -> Dsl:
        parts = [part()]
        while self._next_is(word):
            self.rest.pop(0)
            parts.append(part())
        least = {"minimum_should_match": 1} if clause == "should" else {}
        return parts[0] if len(parts) == 1 else {"bool": {clause: parts, **least}}

    def _negated(self) -> Dsl:
        if self._next_is("not"):
            self.rest.pop(0)
            return {"bool": {"must_not": [self._negated()]}}
        if self._next_is("("):
            return self._grouped(self.query)
        if len(self.rest) > 1 and self.rest[1] in (":", *_RANGES):
            field, operator = self._field(), self.rest.pop(0)
            if operator != ":":
                return {"range": {field: {_RANGES[operator]: self._value().strip('"')}}}
            return self._values(field)
        value = self._value()
        if value.startswith('"'):
            return {"multi_match": {"query": value[1:-1], "type": "phrase", "lenient": True}}
        return {"multi_match": {"query": value, "type": "best_fields", "lenient": True}}

    def _values(self, field: str) -> Dsl:
        if not self._next_is("("):
            return self._one(field)
        inner = lambda: self._values(field)  # noqa: E731
        return self._grouped(lambda: self._joined("or", "should", lambda: self._joined("and", "filter", inner)))

    def _one(self, field: str) -> Dsl:
        value = self._value()
        if value == "*":
            return {"exists": {"field": field}}
        if value.startswith('"'):
            return {"match_phrase": {field: value[1:-1]}}
        if "*" in value:
            return {"query_string": {"fields": [field], "query": value.replace(" ", r"\ ")}}
        return {"match": {field: value}}

    def _grouped(self, inside: Any) -> Dsl:
        self.rest.pop(0)
        found: Dsl = inside()
        if not self._next_is(")"):
            raise NotKql(f"{self._query!r}: a parenthesis is not closed")
        self.rest.pop(0)
        return found

    def _field(self) -> str:
        field = self.rest.pop(0)
        if field not in self._fields:
            raise NotKql(f"{self._query!r}: there is no field {field}")
        return field

    def _value(self) -> str:
        """A quoted value as it is, or the words up to the next operator."""
        words: list[str] = []
        while self.rest and self.rest[0].lower() not in ("and", "or", "not", "(", ")", ":", *_RANGES):
            word = self.rest.pop(0)
            if word.startswith('"'):
                if words:
                    raise NotKql(f"{self._query!r}: an operator is missing before {word}")
                return word
            if _FOREIGN.search(word):
                raise NotKql(f"{self._query!r}: {word!r} is Lucene's, and means nothing in KQL")
            words.append(word)
        if not words:
            raise NotKql(f"{self._query!r}: a value is missing")
        return " ".join(words)

    def _next_is(self, word: str) -> bool:
        return bool(self.rest) and self.rest[0].lower() == word
