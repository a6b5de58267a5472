"""Ledger on Elasticsearch and OpenSearch."""

import hashlib
import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from types import MappingProxyType
from typing import Any, TypeVar

from elasticsearch import Elasticsearch

from connectors.codec import moment, stamp
from connectors.elasticsearch import rows
from connectors.elasticsearch.announcing import Batch, Item, alone
from connectors.elasticsearch.bulk import Operation, write
from connectors.elasticsearch.changing import PAUSE_S, ROUNDS, new_id
from connectors.elasticsearch.reading import PAGE, hits, read
from connectors.elasticsearch.rows import Change, Row
from connectors.elasticsearch.schema import single
from connectors.ports import Announced, Ledger, LedgerRow, Stored
from transforms.errors import Busy, StoreFailed
from transforms.ledger import CHECK_LEASE, feed_key, key_of, story_key
from transforms.records import Entry, Rejected, Visit
from transforms.urls import doc_id

T = TypeVar("T")
#: What a write compares with, so that it overwrites nothing but what was read.
Version = Mapping[str, int]
Query = Mapping[str, Any]

_HAS_ENTRY: Query = {"term": {"has_entry": True}}
_OPEN: Sequence[Query] = [_HAS_ENTRY, {"terms": {"state": ["pending", "rejected"]}}]
#: Pending without a time: the lease was ended, or is of before there were any.
_ANYBODYS: Query = {
    "bool": {"filter": {"term": {"state": "pending"}}, "must_not": {"exists": {"field": "next_try_at"}}}
}
_NEXT_TRY: Query = {"next_try_at": {"order": "asc", "missing": "_first"}}
_NEXT_CHECK: Query = {"check_at": {"order": "asc"}}


class ElasticLedger(Ledger):
    """See `connectors.ports.Ledger`.

    One document holds a row with its appearances and the last of its history. Rows are read by key, in real time, and
    written only over what was read; where another writer was faster, they are read and decided anew. Each row bears the
    name of the call that wrote it: a request whose answer is lost is sent again, and then meets its own rows. Searches
    find the rows to claim, to retry and to show; they refresh first, and what has changed since is not overwritten.
    """

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self._client = client
        self._ledger, self._items = single(prefix, "ledger"), single(prefix, "items")

    def announce(self, entries: Sequence[Entry], *, run_id: str, until: datetime) -> list[Announced]:
        keys = [doc_id(entry.url) for entry in entries]
        settled = alone(zip(entries, keys, strict=True))
        answers: dict[int, Announced] = {}

        def once(todo: Sequence[int], write_id: str) -> list[int]:
            here = [_item(entries[number]) for number in todo if entries[number].item]
            items, found, versions = self._concerned((keys[number] for number in todo), filter(settled.get, here))
            batch = Batch(rows=dict(found), items=dict(items), run_id=run_id, until=stamp(until))
            concerned: dict[int, set[str]] = {}
            given: dict[int, Announced] = {}
            for number in todo:
                entry = entries[number]
                given[number], concerned[number] = batch.announce(
                    entry, keys[number], known_by_item=settled[_item(entry)]
                )
            rows_now = {key: row for key, row in batch.rows.items() if row is not None and row != found[key]}
            items_now = {item: key for item, key in batch.items.items() if key is not None and key != items[item]}
            # In three steps: see Batch. What a step needs of the one before, and did not get, is not written.
            first = [row for key, row in rows_now.items() if key not in batch.left]
            unmoved = {item: key for item, key in items_now.items() if item not in batch.moved}
            lost = self._write(first, versions, write_id, unmoved)
            lost |= _after(lost, concerned.values()) & batch.left
            lost |= self._write([rows_now[key] for key in batch.left - lost if key in rows_now], versions, write_id)
            again = [number for number in todo if concerned[number] & lost]
            waiting = {_item(entries[number]) for number in again}
            self._write([], {}, write_id, {i: items_now[i] for i in batch.moved - waiting if i in items_now})
            for number in todo:
                if keys[number] not in lost:  # its own row is written: that is its answer, whatever else is left to do
                    answers.setdefault(number, given[number])
            return again

        _until_done(range(len(entries)), once)
        return [answers[number] for number in range(len(entries))]

    def claim(self, *, now: datetime, run_id: str, until: datetime, limit: int) -> list[Visit]:
        over = {"lte": stamp(now)}
        take, lease = rows.taken(run_id, now, until), rows.leased(now)
        visits: list[Visit] = []
        write_id = new_id()
        self._refresh()
        for query, order, change, theirs in (
            ([*_OPEN, _either(_ANYBODYS, {"range": {"next_try_at": over}})], _NEXT_TRY, take, until),
            ([_HAS_ENTRY, {"range": {"check_at": over}}], _NEXT_CHECK, lease, now + CHECK_LEASE),
        ):
            waiting = self._found(query, [order], limit=limit)
            while some := list(islice(waiting, min(PAGE, limit - len(visits)))):
                found, versions = _versioned([hit["_id"] for hit in some], some)
                ours = {key: row for key, row in ((key, change(found[key])) for key in found) if row is not None}
                # Where somebody was faster, it is theirs.
                lost = self._write(list(ours.values()), versions, write_id)
                visits += [
                    Visit(entry=rows.entry_of(row), check=change is lease, until=theirs)
                    for key, row in ours.items()
                    if key not in lost
                ]
        return visits

    def postpone(self, entries: Sequence[Entry], *, until: Sequence[datetime]) -> None:
        self._change([(doc_id(entry.url), rows.postponed(at)) for entry, at in zip(entries, until, strict=True)])

    def release(self, owner: str) -> int:
        held = [{"term": {"state": "pending"}}, {"exists": {"field": "next_try_at"}}, {"prefix": {"run_id": owner}}]
        self._refresh()
        return self._change_all(self._found(held, [], source=False), rows.released(owner))

    def next_due(self) -> datetime | None:
        self._refresh()
        found = [
            moment(hit["_source"].get(name)) or datetime.min.replace(tzinfo=UTC)
            for name, query, order in (
                ("next_try_at", [*_OPEN, _either(_ANYBODYS, {"exists": {"field": "next_try_at"}})], _NEXT_TRY),
                ("check_at", [_HAS_ENTRY, {"exists": {"field": "check_at"}}], _NEXT_CHECK),
            )
            for hit in islice(self._found(query, [order], source=[name], limit=1), 1)
        ]
        return min(found, default=None)

    def checked(
        self, entries: Sequence[Entry], *, now: datetime, what: str, check_at: Sequence[datetime | None]
    ) -> None:
        self._change(
            [
                (doc_id(entry.url), rows.checked(now, what, again))
                for entry, again in zip(entries, check_at, strict=True)
            ]
        )

    def stored(self, stored: Sequence[Stored]) -> None:
        self._change([(doc_id(one.entry.url), rows.stored(one)) for one in stored])

    def reject(self, rejected: Sequence[tuple[Rejected, datetime | None]], *, now: datetime) -> None:
        self._change([(key_of(one), rows.rejected(one, key_of(one), again, now)) for one, again in rejected])

    def recovered(self, urls: Sequence[str], *, now: datetime) -> None:
        self._change([(feed_key(url), rows.recovered(now)) for url in urls])

    def attempts(self, subjects: Sequence[Rejected]) -> list[int]:
        found = read(self._client, [(self._ledger, key_of(one)) for one in subjects], ["attempts"])
        return [int(one["_source"]["attempts"]) if one else 0 for one in found]

    def documents(self, entries: Sequence[Entry]) -> list[str]:
        found = read(self._client, [(self._ledger, doc_id(entry.url)) for entry in entries], ["doc_id"])
        return [str(one["_source"]["doc_id"]) if one else "" for one in found]

    def get(self, url: str) -> LedgerRow | None:
        keys = [key for key in (story_key(url), feed_key(url)) if key]
        found = read(self._client, [(self._ledger, key) for key in keys])
        return next((rows.shown(_row(one)) for one in found if one), None)

    def by_document(self, document_id: str) -> list[LedgerRow]:
        self._refresh()
        found = self._found([{"term": {"doc_id": document_id}}], [{"first_seen_at": "asc"}])
        return sorted((rows.shown(_row(hit)) for hit in found), key=lambda row: row.first_seen_at)

    def rejected(
        self, *, stage: str = "", error: str = "", quarantined: bool | None = None, limit: int = 100
    ) -> list[LedgerRow]:
        query = _rejected(stage, error)
        if quarantined is not None:
            alike = {"bool": {"filter": _HAS_ENTRY, "must_not": {"exists": {"field": "next_try_at"}}}}
            query.append(alike if quarantined else {"bool": {"must_not": alike}})
        self._refresh()
        rejected = self._found(
            query, [{"updated_at": "desc"}, {"url": "asc"}], source={"excludes": ["appearances", "history", "entry"]}
        )
        found = sorted((rows.shown(_row(hit)) for hit in islice(rejected, limit)), key=lambda row: row.url)
        return sorted(found, key=lambda row: row.updated_at, reverse=True)

    def retry(self, *, urls: Sequence[str] = (), stage: str = "", error: str = "", now: datetime) -> int:
        change = rows.due_again(now, stage, error)
        if urls:
            return self._change_all(({"_id": key} for key in sorted({story_key(url) for url in urls} - {""})), change)
        self._refresh()
        return self._change_all(self._found([_HAS_ENTRY, *_rejected(stage, error)], [], source=False), change)

    def counts(self) -> Mapping[str, int]:
        self._refresh()
        found = self._client.search(
            index=self._ledger,
            size=0,
            aggregations={"states": {"terms": {"field": "state"}}},
            allow_partial_search_results=False,
        )
        states = {one["key"]: one["doc_count"] for one in found["aggregations"]["states"]["buckets"]}
        return {"pending": 0, "done": 0, "rejected": 0} | states

    def _change_all(self, these: Iterator[Mapping[str, Any]], change: Change) -> int:
        """Make one change of all that was found; of how many rows."""
        count = 0
        while some := list(islice(these, PAGE)):
            count += len(self._change([(hit["_id"], change) for hit in some]))
        return count

    def _change(self, changes: Sequence[tuple[str, Change]]) -> dict[str, Row]:
        """Make changes of rows by key, in order; the rows, as they are now, that a change had something to do with."""
        made: dict[str, Row] = {}

        def once(todo: Sequence[tuple[str, Change]], write_id: str) -> list[tuple[str, Change]]:
            found, versions = self._rows(key for key, _ in todo)
            after: dict[str, Row] = {}
            for key, change in todo:
                row = change(after.get(key, found[key]))
                if row is not None:
                    after[key] = row
            lost = self._write([row for key, row in after.items() if row != found[key]], versions, write_id)
            made.update({key: row for key, row in after.items() if key not in lost})
            return [one for one in todo if one[0] in lost]

        _until_done(changes, once)
        return made

    def _rows(self, keys: Iterable[str]) -> tuple[dict[str, Row | None], dict[str, Version]]:
        wanted = list(dict.fromkeys(keys))
        return _versioned(wanted, read(self._client, [(self._ledger, key) for key in wanted]))

    def _concerned(
        self, keys: Iterable[str], items: Iterable[Item]
    ) -> tuple[dict[Item, str | None], dict[str, Row | None], dict[str, Version]]:
        """The row that each item is, and the rows of these keys and of those."""
        wanted, asked = list(dict.fromkeys(keys)), list(dict.fromkeys(items))
        places = [(self._ledger, key) for key in wanted] + [(self._items, _item_id(item)) for item in asked]
        found = read(self._client, places)
        known = zip(asked, found[len(wanted) :], strict=True)
        now: dict[Item, str | None] = {item: str(one["_source"]["key"]) if one else None for item, one in known}
        here, versions = _versioned(wanted, found[: len(wanted)])
        others, more = self._rows(key for key in now.values() if key is not None and key not in here)
        return now, here | others, versions | more

    def _write(
        self,
        changed: Sequence[Row],
        versions: Mapping[str, Version],
        write_id: str,
        items: Mapping[Item, str] = MappingProxyType({}),
    ) -> set[str]:
        """Write rows over what was read of them, and which rows items are; the keys of those rows where another writer
        was faster."""
        operations = [
            Operation("index", self._ledger, row.key, rows.body(row, write_id), versions[row.key])
            if row.key in versions
            else Operation("create", self._ledger, row.key, rows.body(row, write_id))
            for row in changed
        ]
        operations += [
            Operation("index", self._items, _item_id(item), json.dumps({"feed_id": item[0], "key": key}))
            for item, key in items.items()
        ]
        outcomes = write(self._client, operations)
        for outcome in outcomes:
            if outcome.error is not None:  # our own mapping does not fit our own record
                raise StoreFailed(str(outcome.error))
        met = [one.id for one, outcome in zip(operations, outcomes, strict=True) if outcome.status == 409]
        there = read(self._client, [(self._ledger, key) for key in met], ["write_id"])
        return {
            key
            for key, document in zip(met, there, strict=True)
            if document is None or document["_source"].get("write_id") != write_id
        }

    def _refresh(self) -> None:
        self._client.indices.refresh(index=self._ledger)

    def _found(
        self, query: Sequence[Query], order: Sequence[Query], *, source: Any = None, limit: int | None = None
    ) -> Iterator[Mapping[str, Any]]:
        return hits(self._client, self._ledger, query, [*order, {"key": "asc"}], source=source, limit=limit)


def _until_done(todo: Sequence[T], once: Callable[[Sequence[T], str], list[T]]) -> None:
    """Do `once` with all there is to do, then with what it gives back as lost to other writers, until that is nothing.

    Raises: Busy, where others were faster too often.
    """
    write_id = new_id()
    for number in range(ROUNDS):
        if not todo:
            return
        if number:
            time.sleep(random.uniform(0, PAUSE_S))
        todo = once(todo, write_id)
    if todo:
        raise Busy("store", f"others write the same rows of the ledger at the same time ({len(todo)} are left)")


def _after(lost: set[str], concerned: Iterable[set[str]]) -> set[str]:
    """The rows that have an entry in common with lost ones."""
    return set().union(*(keys for keys in concerned if keys & lost)) if lost else set()


def _versioned(
    keys: Sequence[str], documents: Sequence[Mapping[str, Any] | None]
) -> tuple[dict[str, Row | None], dict[str, Version]]:
    there = {key: one for key, one in zip(keys, documents, strict=True) if one}
    versions: dict[str, Version] = {
        key: {"if_seq_no": one["_seq_no"], "if_primary_term": one["_primary_term"]} for key, one in there.items()
    }
    return {key: _row(there[key]) if key in there else None for key in keys}, versions


def _row(document: Mapping[str, Any]) -> Row:
    return Row(**document["_source"])


def _either(*queries: Query) -> Query:
    return {"bool": {"should": list(queries)}}


def _rejected(stage: str, error: str) -> list[Query]:
    said = {"state": "rejected", "stage": stage, "error": error}
    return [{"term": {name: value}} for name, value in said.items() if value]


def _item(entry: Entry) -> Item:
    return entry.feed_id, entry.item


def _item_id(item: Item) -> str:
    return hashlib.sha256("\0".join(item).encode()).hexdigest()[:32]
