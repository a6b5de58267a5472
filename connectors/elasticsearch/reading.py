"""Reading documents: by id, in real time; or all that a query finds, as of the last refresh."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from elasticsearch import Elasticsearch

from connectors.elasticsearch.failures import told
from connectors.elasticsearch.transport import patience_ends, waited
from transforms.errors import Busy, StoreFailed

#: Documents to a request.
PAGE = 1_000


def by_id(client: Elasticsearch, index: str, ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Those that exist, by id: `_source`, and `_seq_no` and `_primary_term` to write them back by.

    Raises: as `connectors.elasticsearch.transport.StoreTransport` says.
    """
    wanted = list(dict.fromkeys(ids))
    found = read(client, [(index, name) for name in wanted])
    return {name: document for name, document in zip(wanted, found, strict=True) if document is not None}


def read(
    client: Elasticsearch, wanted: Sequence[tuple[str, str]], fields: Sequence[str] = (), *, sparse: bool = False
) -> list[Mapping[str, Any] | None]:
    """Documents by index and id, in order, as `by_id` gives them; None where there is none. `fields`: these alone.
    `sparse`: an index that does not exist has no documents.

    What a shard that is still starting cannot answer is asked again, for as long as the client has patience.

    Raises: as `by_id`; StoreFailed where there is no such index.
    """
    found: list[Mapping[str, Any] | None] = []
    deadline = patience_ends(client)
    for at in range(0, len(wanted), PAGE):
        docs = [{"_index": index, "_id": name} for index, name in wanted[at : at + PAGE]]
        for attempt in count():
            rows = client.mget(docs=docs, source_includes=list(fields) or None)["docs"]
            # An answer of 200 with errors in it: not to be taken for "there is none".
            kind, reason = next((error for row in rows if (error := _wrong(row, sparse)) != ("", "")), ("", ""))
            if not kind:
                break
            if kind == "index_not_found_exception":
                raise StoreFailed(f"the store cannot be read: {reason}")
            if not waited(attempt, deadline):
                raise Busy("store", reason or kind)
        found += [row if row.get("found") else None for row in rows]
    return found


def _wrong(row: Mapping[str, Any], sparse: bool) -> tuple[str, str]:
    kind, reason = told(row.get("error"))
    return ("", "") if sparse and kind == "index_not_found_exception" else (kind, reason)


def every(client: Elasticsearch, index: str, query: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    """All documents that a query finds, in the order of the keyword field `key`, which is unique.

    Raises: as `by_id`.
    """
    return (hit["_source"] for hit in hits(client, index, [query], [{key: "asc"}]))


def hits(
    client: Elasticsearch,
    index: str,
    query: Sequence[Mapping[str, Any]],
    order: Sequence[Mapping[str, Any]],
    *,
    source: Any = None,
    limit: int | None = None,
) -> Iterator[Mapping[str, Any]]:
    """All hits of which every part of a query is true, a page at a time: the first `limit` with the first request, if
    they are fewer. With what a write over each compares with. `order` ends with a field that is unique; what is
    changed meanwhile keeps its place until a refresh.

    Raises: as `by_id`.
    """
    size = min(PAGE, limit or PAGE)
    after: dict[str, Any] = {}
    while True:
        found = client.search(
            index=index,
            query={"bool": {"filter": query}},
            sort=list(order),
            size=size,
            source=source,
            seq_no_primary_term=True,
            track_total_hits=False,
            allow_partial_search_results=False,
            **after,
        )["hits"]["hits"]
        yield from found
        if len(found) < size:
            return
        after = {"search_after": found[-1]["sort"]}
