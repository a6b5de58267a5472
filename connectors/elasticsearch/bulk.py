"""Many writes in few requests: each with an outcome of its own."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal, NamedTuple, cast

from elasticsearch import ApiError, Elasticsearch

from connectors.elasticsearch.failures import item_failure, told
from connectors.elasticsearch.transport import patience_ends, waited
from transforms.errors import StoreFailed, Transient, Unindexable

#: Of one request. Larger ones are not faster, and a server has to hold all of it in memory.
MAX_OPERATIONS, MAX_BYTES = 1_000, 5_000_000
#: Of an answer: what is read here, and no more; the rest of it is as long as the documents' names.
_READ = ("error", "status", "items.*.status", "items.*.error", "items.*._seq_no", "items.*._primary_term")
#: What a server says where there is no index, and where it may not make one more (too many shards).
_NO_INDEX = frozenset({"index_not_found_exception", "validation_exception"})


@dataclass(frozen=True, slots=True)
class Operation:
    """One write."""

    action: Literal["index", "create", "update", "delete"]
    index: str
    #: At most 512 bytes: the server refuses a whole request for a longer one.
    id: str
    #: One line of JSON: the document; of an update, what the API wants there. Empty of a delete.
    body: str = ""
    #: What else the API takes beside the name: `version` and `version_type`, `if_seq_no` and `if_primary_term`.
    more: Mapping[str, Any] = field(default_factory=dict)


class Written(NamedTuple):
    """What became of an operation."""

    #: 200 or 201 when written; 409 when another version is there, 404 when an update or a delete finds nothing; 400
    #: and the like beside `error`.
    status: int
    #: Why the server will never have the document, in its own words.
    error: Unindexable | None = None
    #: What a later write that must not overwrite another's compares with; -1 where nothing was written.
    seq_no: int = -1
    primary_term: int = -1


def write(client: Elasticsearch, operations: Sequence[Operation]) -> list[Written]:
    """Send operations, in order, in requests of bounded size; one outcome each, in order.

    What the server is too busy for is sent again, alone, with growing gaps, for as long as the client has patience. A
    request whose answer is lost is sent again whole (see StoreTransport): a `create` may meet its own document (409),
    and operations on one document may overtake each other unless they carry versions.

    Raises:
        Transient: the server is too busy, or does not answer. Any of the operations may have been carried out.
        StoreFailed, ConfigError: nothing can be written.
    """
    lines = [_lines(one) for one in operations]
    written: list[Written | None] = [None] * len(operations)
    todo = list(range(len(operations)))
    deadline = patience_ends(client)
    for attempt in count():
        busy: list[int] = []
        failed: Transient | None = None
        for part in _parts(todo, lines):
            items = _send(client, [lines[number] for number in part])
            for number, item in zip(part, items, strict=True):
                outcome = _outcome(operations[number], item)
                if isinstance(outcome, Transient):
                    busy.append(number)
                    failed = outcome
                else:
                    written[number] = outcome
        if failed is None:
            return cast(list[Written], written)
        todo = busy
        if not waited(attempt, deadline):
            raise failed
    raise AssertionError("count() never ends")


def _lines(one: Operation) -> bytes:
    action = json.dumps({one.action: {"_index": one.index, "_id": one.id, **one.more}})
    return (f"{action}\n{one.body}" if one.body else action).encode()


def _parts(todo: Sequence[int], lines: Sequence[bytes]) -> Iterator[list[int]]:
    part: list[int] = []
    size = 0
    for number in todo:
        if part and (len(part) == MAX_OPERATIONS or size + len(lines[number]) > MAX_BYTES):
            yield part
            part, size = [], 0
        part.append(number)
        size += len(lines[number])
    if part:
        yield part


def _send(client: Elasticsearch, lines: Sequence[bytes]) -> list[Mapping[str, Any]]:
    """The server's answer to each of the operations."""
    try:
        answer: Any = client.bulk(operations=cast(Any, lines), filter_path=_READ)
    except ApiError as e:
        if e.meta.status != 413:
            raise
        # What is between us and the server takes less at once than we thought.
        if len(lines) == 1:
            reason = f"{len(lines[0]):,} bytes are more than the server takes at once"
            return [{"status": 413, "error": {"type": "too_large", "reason": reason}}]
        half = len(lines) // 2
        return [*_send(client, lines[:half]), *_send(client, lines[half:])]
    return [next(iter(item.values())) for item in answer["items"]]


def _outcome(one: Operation, item: Mapping[str, Any]) -> Written | Transient:
    """Raises: StoreFailed, ConfigError."""
    status, told_error = int(item["status"]), item.get("error")
    kind, reason = told(told_error)
    if kind in _NO_INDEX:  # of the index, which is no fault of the document
        raise StoreFailed(f"the store cannot be written: {reason}")
    if status == 404:
        return Written(status)
    error = item_failure(one.id, status, told_error)
    if isinstance(error, Transient):
        return error
    if error is not None and not isinstance(error, Unindexable):
        raise error
    return Written(status, error, item.get("_seq_no", -1), item.get("_primary_term", -1))
