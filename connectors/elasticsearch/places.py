"""Where articles are: read by id, in real time, wherever a revision may be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch

from connectors.elasticsearch import schema
from connectors.elasticsearch.reading import by_id, read

#: Articles fetched at once, of which some are long.
CHUNK = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article is, as `places` has it, and its current revision as it is stored there."""

    index: str
    revision: int
    was: tuple[str, ...]
    seq_no: int
    primary_term: int
    #: What the server has of it: `_source`, and `_seq_no` and `_primary_term` to write it back by. None where the first
    #: `put` of the article was interrupted.
    current: Mapping[str, Any] | None
    #: The highest version of its documents, here and where it was before; 0 where there is none.
    version: int

    @property
    def document(self) -> Mapping[str, Any] | None:
        """The document of its current revision."""
        return self.current and self.current["_source"]


def placed(client: Elasticsearch, prefix: str, ids: Iterable[str], fields: Sequence[str] = ()) -> dict[str, Place]:
    """The places of those that exist, by id. `fields`: of the documents these alone, `revision` among them.

    Raises: as `connectors.elasticsearch.reading.by_id` does.
    """
    rows = by_id(client, schema.single(prefix, "places"), ids)
    asked = [(index, name) for name, row in rows.items() for index in _indices(row["_source"])]
    found: dict[str, Mapping[str, Any]] = {}
    versions: dict[str, int] = {}
    for at in range(0, len(asked), CHUNK):
        part = asked[at : at + CHUNK]
        for (_, name), row in zip(part, read(client, part, fields, sparse=True), strict=True):
            if row is None:
                continue
            versions[name] = max(versions.get(name, 0), row["_version"])
            if name not in found or row["_source"]["revision"] > found[name]["_source"]["revision"]:
                found[name] = row
    return {name: _place(row, found.get(name), versions.get(name, 0)) for name, row in rows.items()}


def _indices(place: Mapping[str, Any]) -> list[str]:
    return [place["index"], *place.get("was", ())]


def _place(row: Mapping[str, Any], current: Mapping[str, Any] | None, version: int) -> Place:
    said = row["_source"]
    return Place(
        index=said["index"],
        revision=said["revision"],
        was=tuple(said.get("was", ())),
        seq_no=row["_seq_no"],
        primary_term=row["_primary_term"],
        current=current,
        version=version,
    )
