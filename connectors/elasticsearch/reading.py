"""Reading documents: by id, in real time; or all that a query finds, as of the last refresh."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from elasticsearch import Elasticsearch

#: Documents to a request.
PAGE = 1_000


def by_id(client: Elasticsearch, index: str, ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Those that exist, by id: `_source`, and `_seq_no` and `_primary_term` to write them back by.

    Raises: as `connectors.elasticsearch.transport.StoreTransport` says.
    """
    wanted = list(dict.fromkeys(ids))
    found: dict[str, Mapping[str, Any]] = {}
    for at in range(0, len(wanted), PAGE):
        answer = client.mget(index=index, ids=wanted[at : at + PAGE])
        found |= {row["_id"]: row for row in answer["docs"] if row.get("found")}
    return found


def every(client: Elasticsearch, index: str, query: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    """All documents that a query finds, in the order of the keyword field `key`, which is unique.

    Raises: as `by_id`.
    """
    after: dict[str, Any] = {}
    while True:
        hits = client.search(index=index, query=query, sort=[{key: "asc"}], size=PAGE, track_total_hits=False, **after)[
            "hits"
        ]["hits"]
        yield from (hit["_source"] for hit in hits)
        if len(hits) < PAGE:
            return
        after = {"search_after": hits[-1]["sort"]}
