"""Records as JSON, moments as text, and back: for stores that keep documents whole."""

import json
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

Record = TypeVar("Record")


_adapters: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def to_json(record: object) -> str:
    """A record as one line of JSON; moments as ISO 8601 with `Z`."""
    return _adapter(type(record)).dump_json(record).decode()


def to_data(record: object) -> dict[str, object]:
    """A record as plain JSON data."""
    return cast(dict[str, object], _adapter(type(record)).dump_python(record, mode="json"))


def from_json(kind: type[Record], text: str | bytes) -> Record:
    """The record that `to_json` wrote. Raises: pydantic.ValidationError for anything else."""
    return cast(Record, _adapter(kind).validate_json(text))


def from_data(kind: type[Record], data: object) -> Record:
    """The record that `to_data` took apart; what it does not know of is left out. Raises: pydantic.ValidationError."""
    return cast(Record, _adapter(kind).validate_json(json.dumps(data)))


def stamp(moment: datetime) -> str:
    """A moment as text that sorts in time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str | None) -> datetime | None:
    """The moment that `stamp` wrote."""
    return datetime.fromisoformat(text) if text else None
