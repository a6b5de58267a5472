"""FeedRegistry on Elasticsearch and OpenSearch: a feed and its history are one document, and change together."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from elasticsearch import Elasticsearch

from connectors.codec import from_data, moment, stamp, to_data
from connectors.elasticsearch.bulk import Operation, Written, write
from connectors.elasticsearch.reading import by_id, every, hits
from connectors.elasticsearch.schema import single
from connectors.feed_ports import FeedRegistry, Polled
from transforms.errors import Busy, StoreFailed
from transforms.habits import DAYS, POLLS, FeedHistory, PollNote
from transforms.records import Feed
from transforms.schedule import as_said_now, resumed

Document = dict[str, Any]
Hit = Mapping[str, Any]
#: How often a change is made anew when somebody else was faster.
TRIES = 10


class ElasticFeeds(FeedRegistry):
    """See `connectors.feed_ports.FeedRegistry`.

    Feeds are found by a search, which first refreshes: once a run, and in commands. Changes read by id, and are made
    anew where another writer came in between.
    """

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self._client, self._index = client, single(prefix, "feeds")

    def add(self, feeds: Sequence[Feed]) -> int:
        said: dict[str, Feed] = {}
        for feed in feeds:
            said[feed.id] = as_said_now(said[feed.id], feed) if feed.id in said else feed
        known = set(by_id(self._client, self._index, said))

        def change(feed_id: str, document: Document | None) -> Document | None:
            if document is None:
                return {**to_data(said[feed_id]), "polls": [], "days": []}
            before = _feed(document)
            after = as_said_now(before, said[feed_id])
            return {**document, **to_data(after)} if after != before else None

        self._change(list(said), change)
        return len(said.keys() - known)

    def remove(self, feed_id: str) -> bool:
        return self._forget([feed_id]) > 0

    def retire(self, *, origin: str, keep: Iterable[str]) -> int:
        kept = set(keep)
        listed = [row["id"] for row in self._found({"term": {"origin": origin}})]
        return self._forget([name for name in listed if name not in kept])

    def all(self) -> list[Feed]:
        return [_feed(row) for row in self._found({"match_all": {}})]

    def claim(self, *, by: datetime, until: datetime) -> list[Feed]:
        never = {"bool": {"must_not": {"exists": {"field": "next_poll_at"}}}}
        waited = {"range": {"next_poll_at": {"lte": stamp(by)}}}
        self._client.indices.refresh(index=self._index)
        due = list(self._longest_due({"bool": {"should": [never, waited]}}))
        body = json.dumps({"doc": {"next_poll_at": stamp(until)}})
        operations = [
            Operation(
                "update", self._index, hit["_id"], body,
                {"if_seq_no": hit["_seq_no"], "if_primary_term": hit["_primary_term"]},
            )
            for hit in due
        ]  # fmt: skip
        outcomes = self._written(operations)
        # What somebody else has changed since is theirs. So is, by mistake, what we did and got no answer about: like
        # the feeds of a worker that dies, it comes round again.
        return [_feed(hit["_source"]) for hit, done in zip(due, outcomes, strict=True) if done.status == 200]

    def next_due(self) -> datetime | None:
        self._client.indices.refresh(index=self._index)
        for hit in islice(self._longest_due({"match_all": {}}, limit=1, source=["next_poll_at"]), 1):
            return moment(hit["_source"].get("next_poll_at")) or datetime.min.replace(tzinfo=UTC)
        return None

    def _longest_due(self, query: Mapping[str, Any], *, limit: int | None = None, source: Any = None) -> Iterator[Hit]:
        """The feeds that are not paused and that a query finds, as of the last refresh."""
        order: list[Mapping[str, Any]] = [{"next_poll_at": {"order": "asc", "missing": "_first"}}, {"id": "asc"}]
        wanted = [{"term": {"paused": False}}, query]
        return hits(self._client, self._index, wanted, order, source=source, limit=limit)

    def pause(self, feed_id: str, *, paused: bool) -> bool:
        def change(_: str, document: Document | None) -> Document | None:
            if document is None:
                return None
            feed = _feed(document)
            return {**document, **to_data(replace(feed, paused=True) if paused else resumed(feed))}

        return self._change([feed_id], change) > 0

    def polled(self, polled: Sequence[Polled]) -> None:
        by_feed: dict[str, list[Polled]] = {}
        for one in polled:
            by_feed.setdefault(one.feed.id, []).append(one)

        def change(feed_id: str, document: Document | None) -> Document | None:
            before = document
            for one in by_feed[feed_id]:
                if document is not None:
                    document = _after(document, one)
            return document if document is not before else None

        self._change(list(by_feed), change)

    def history(self, feed_ids: Iterable[str]) -> Mapping[str, FeedHistory]:
        wanted = list(feed_ids)
        found = by_id(self._client, self._index, wanted)
        return {
            feed_id: _history(found[feed_id]["_source"]) if feed_id in found else FeedHistory() for feed_id in wanted
        }

    def _found(self, query: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
        self._client.indices.refresh(index=self._index)
        return every(self._client, self._index, query, "id")

    def _forget(self, ids: Sequence[str]) -> int:
        there = by_id(self._client, self._index, ids)
        write(self._client, [Operation("delete", self._index, name) for name in there])
        return len(there)

    def _change(self, ids: Sequence[str], change: Callable[[str, Document | None], Document | None]) -> int:
        """Write what `change` makes of each document as it is now (None: leave it); how many there were.

        Raises: Busy, where others were faster too often.
        """
        waiting = list(ids)
        there = 0
        for _ in range(TRIES):
            found = by_id(self._client, self._index, waiting)
            there = max(there, len(found))
            operations = []
            for name in waiting:
                row = found.get(name)
                document = change(name, dict(row["_source"]) if row else None)
                if document is not None:
                    body = json.dumps(document)
                    if row is None:
                        operations.append(Operation("create", self._index, name, body))
                    else:
                        unchanged = {"if_seq_no": row["_seq_no"], "if_primary_term": row["_primary_term"]}
                        operations.append(Operation("index", self._index, name, body, unchanged))
            outcomes = self._written(operations)
            waiting = [one.id for one, outcome in zip(operations, outcomes, strict=True) if outcome.status == 409]
            if not waiting:
                return there
        raise Busy("store", f"others write the same feeds at the same time ({', '.join(waiting[:3])})")

    def _written(self, operations: Sequence[Operation]) -> list[Written]:
        outcomes = write(self._client, operations)
        for outcome in outcomes:
            if outcome.error is not None:  # our own mapping does not fit our own record
                raise StoreFailed(f"{outcome.error}")
        return outcomes


def _feed(document: Mapping[str, Any]) -> Feed:
    return from_data(Feed, {name: value for name, value in document.items() if name not in ("polls", "days")})


def _history(document: Mapping[str, Any]) -> FeedHistory:
    return FeedHistory(
        polls=tuple(from_data(PollNote, note) for note in document.get("polls", ())),
        days=tuple((date.fromisoformat(day), new) for day, new in document.get("days", ())),
    )


def _after(document: Document, one: Polled) -> Document:
    """The document after a poll; the same one, where the poll is recorded already or was of another address."""
    feed, note = _feed(document), to_data(one.note)
    if feed.address != one.feed.address or any(known["at"] == note["at"] for known in document["polls"]):
        return document
    polls = sorted([*document["polls"], note], key=lambda known: str(known["at"]))[-POLLS:]
    today = one.note.at.astimezone(UTC).date()
    days = dict(document["days"])
    if one.note.new:
        days[today.isoformat()] = days.get(today.isoformat(), 0) + one.note.new
    oldest = (today - timedelta(days=DAYS)).isoformat()
    kept = sorted([day, new] for day, new in days.items() if day > oldest)
    return {**document, **to_data(one.change(feed)), "polls": polls, "days": kept}
