"""Subscriptions on Elasticsearch and OpenSearch."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch

from connectors.alert_ports import Changes, Subscriptions
from connectors.codec import from_data, stamp, to_data
from connectors.elasticsearch import changing
from connectors.elasticsearch.changing import Document
from connectors.elasticsearch.reading import every
from connectors.elasticsearch.schema import single
from transforms.subscriptions import Subscription, as_said_now, named

_REMOVED = "removed_at"
_THERE: Mapping[str, Any] = {"bool": {"must_not": {"exists": {"field": _REMOVED}}}}


class ElasticSubscriptions(Subscriptions):
    """See `connectors.alert_ports.Subscriptions`.

    A document each; of one that was removed, the document says so. Changes read by id, and are made anew where another
    writer came in between; searches refresh first.
    """

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self._client, self._index = client, single(prefix, "subscriptions")

    def put(self, subscriptions: Sequence[Subscription]) -> int:
        new: dict[str, bool] = {}

        def saying(said: Subscription) -> Callable[[Document | None], Document | None]:
            def once(document: Document | None) -> Document | None:
                known = _subscription(document)
                new[said.id] = known is None
                merged = as_said_now(known, said)
                return to_data(merged) if merged != known else None

            return once

        changing.change(self._client, self._index, [(one.id, saying(one)) for one in named(subscriptions).values()])
        return sum(new.values())

    def get(self, ids: Iterable[str]) -> Mapping[str, Subscription]:
        found = changing.as_read(self._client, self._index, ids)
        there = ((name, _subscription(one.document)) for name, one in found.items())
        return {name: one for name, one in there if one is not None}

    def all(self) -> Iterator[Subscription]:
        return (from_data(Subscription, document) for document in self._found(_THERE))

    def change(self, ids: Iterable[str], change: Callable[[Subscription], Subscription]) -> list[Subscription]:
        wanted = list(dict.fromkeys(ids))

        def once(document: Document | None) -> Document | None:
            known = _subscription(document)
            return to_data(change(known)) if known is not None else None

        made = changing.change(self._client, self._index, [(one, once) for one in wanted])
        return [from_data(Subscription, made[one]) for one in wanted if one in made]

    def remove(self, subscription_id: str, *, now: datetime) -> bool:
        def once(document: Document | None) -> Document | None:
            return {"id": subscription_id, _REMOVED: stamp(now)} if _subscription(document) is not None else None

        return bool(changing.change(self._client, self._index, [(subscription_id, once)]))

    def changes(self, since: datetime) -> Changes:
        # The servers' dates end at milliseconds: what is found too much is left out here.
        lately = [{"range": {name: {"gte": stamp(since)}}} for name in ("changed_at", _REMOVED)]
        changed: list[Subscription] = []
        removed: list[tuple[datetime, str]] = []
        for document in self._found({"bool": {"should": lately}}):
            if (known := _subscription(document)) is None:
                removed.append((datetime.fromisoformat(document[_REMOVED]), str(document["id"])))
            elif known.changed_at >= since:
                changed.append(known)
        return Changes(
            changed=tuple(sorted(changed, key=lambda one: (one.changed_at, one.id))),
            removed=tuple(name for at, name in sorted(removed) if at >= since),
        )

    def _found(self, query: Mapping[str, Any]) -> Iterator[Document]:
        self._client.indices.refresh(index=self._index)
        return every(self._client, self._index, query, "id")


def _subscription(document: Document | None) -> Subscription | None:
    return from_data(Subscription, document) if document is not None and _REMOVED not in document else None
