"""A query's tree as text, for people to read and edit; and trees put together."""

from collections.abc import Iterable
from dataclasses import replace

from transforms.query import Both, Either, Not, Published, Query, Words, written


def spelt_out(query: Query) -> str:
    """A query as one would type it, such that `transforms.query.parse` reads the same tree; a field that all words of a
    group have is named once. Moments are to the second."""
    match query:
        case Words() | Published():
            return written(query)
        case Not(part):
            return f"NOT ({spelt_out(part)})" if isinstance(part, Not) else f"NOT {_part(part)}"
        case Both() | Either():
            field = _field(query)
            return f"{field}:({_joined(_without_field(query))})" if field else _joined(query)


def _joined(query: Query) -> str:
    assert isinstance(query, (Both, Either))
    return (" AND " if isinstance(query, Both) else " OR ").join(map(_part, query.parts))


def _part(query: Query) -> str:
    grouped = isinstance(query, (Both, Either)) and not _field(query)
    return f"({spelt_out(query)})" if grouped else spelt_out(query)


def _field(query: Query) -> str:
    """The field that all words of a query are asked for in; empty where there is none, or more than one."""
    match query:
        case Words():
            return query.field
        case Published():
            return ""
        case Not(part):
            return _field(part)
        case Both(parts) | Either(parts):
            found = {_field(part) for part in parts}
            return found.pop() if len(found) == 1 else ""


def _without_field(query: Query) -> Query:
    match query:
        case Words():
            return replace(query, field="")
        case Published():
            return query
        case Not(part):
            return Not(_without_field(part))
        case Both(parts):
            return Both(tuple(map(_without_field, parts)))
        case Either(parts):
            return Either(tuple(map(_without_field, parts)))


def any_of(parts: Iterable[Query]) -> Query:
    """What is true if one of them is, each said once."""
    return _one_of(Either, parts)


def all_of(parts: Iterable[Query]) -> Query:
    """What is true if all of them are."""
    return _one_of(Both, parts)


def _one_of(kind: type[Both] | type[Either], parts: Iterable[Query]) -> Query:
    flat = dict.fromkeys(one for part in parts for one in (part.parts if isinstance(part, kind) else (part,)))
    return kind(tuple(flat)) if len(flat) > 1 else next(iter(flat))
