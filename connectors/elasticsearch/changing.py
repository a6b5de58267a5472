"""Documents that several write: each is written only over what was read of it, and decided anew where another writer
was faster. Each bears the name of the call that wrote it last: a request whose answer is lost is sent again, and then
meets its own writes."""

import json
import random
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch

from connectors.elasticsearch.bulk import Operation, write
from connectors.elasticsearch.reading import by_id, read
from transforms.errors import Busy, StoreFailed

Document = Mapping[str, Any]
#: What becomes of a document (pure); None: nothing. Without a document, there is none yet.
Change = Callable[[Document | None], Document | None]
#: How often what other writers were faster with is decided anew. Each time somebody gets on, so few are needed.
ROUNDS = 20
#: Up to so long is waited in between, by chance.
PAUSE_S = 0.2
#: The field with the name of the call that wrote a document.
WRITE_ID = "write_id"


@dataclass(frozen=True, slots=True)
class Read:
    """A document as it was read, and what a write over it compares with."""

    document: Document
    version: Mapping[str, int]


def new_id() -> str:
    """A name that nothing else has."""
    return uuid.uuid4().hex


def unmarked(source: Document) -> Document:
    """A document as it was written, without the name of the call that wrote it."""
    return {field: value for field, value in source.items() if field != WRITE_ID}


def as_read(client: Elasticsearch, index: str, ids: Iterable[str]) -> dict[str, Read]:
    """Those that exist, by id, in real time. Raises: as `connectors.elasticsearch.reading.by_id`."""
    return {
        name: Read(
            unmarked(found["_source"]),
            {"if_seq_no": found["_seq_no"], "if_primary_term": found["_primary_term"]},
        )
        for name, found in by_id(client, index, ids).items()
    }


def write_over(
    client: Elasticsearch, index: str, documents: Mapping[str, Document], known: Mapping[str, Read], write_id: str
) -> set[str]:
    """Write documents over what is `known` of them, and where there was none; the ids of those where another writer was
    faster.

    Raises: Transient, StoreFailed, ConfigError: as `connectors.elasticsearch.bulk.write`.
    """
    operations = []
    for name, document in documents.items():
        body = json.dumps({**document, WRITE_ID: write_id}, ensure_ascii=False)
        there = known.get(name)
        action, version = ("index", there.version) if there else ("create", {})
        operations.append(Operation(action, index, name, body, version))  # type: ignore[arg-type]
    outcomes = write(client, operations)
    for outcome in outcomes:
        if outcome.error is not None:  # our own mapping does not fit our own record
            raise StoreFailed(str(outcome.error))
    met = [one.id for one, outcome in zip(operations, outcomes, strict=True) if outcome.status == 409]
    there_now = read(client, [(index, name) for name in met], [WRITE_ID])
    return {
        name
        for name, found in zip(met, there_now, strict=True)
        if found is None or found["_source"].get(WRITE_ID) != write_id
    }


def change(client: Elasticsearch, index: str, changes: Sequence[tuple[str, Change]]) -> dict[str, Document]:
    """Make changes of documents by id, in order; the documents, as they are now, that a change had something to do
    with. What is as it was is not written.

    Raises: as `write_over`; Busy, where others were faster too often.
    """
    made: dict[str, Document] = {}
    todo, write_id = list(changes), new_id()
    for number in range(ROUNDS):
        if not todo:
            return made
        if number:
            time.sleep(random.uniform(0, PAUSE_S))
        known = as_read(client, index, (name for name, _ in todo))
        before = {name: one.document for name, one in known.items()}
        after: dict[str, Document] = {}
        for name, decide in todo:
            document = decide(after.get(name, before.get(name)))
            if document is not None:
                after[name] = document
        changed = {name: document for name, document in after.items() if document != before.get(name)}
        lost = write_over(client, index, changed, known, write_id)
        made |= {name: document for name, document in after.items() if name not in lost}
        todo = [one for one in todo if one[0] in lost]
    if todo:
        raise Busy("store", f"others write the same documents at the same time ({len(todo)} are left)")
    return made
