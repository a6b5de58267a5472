"""What is particular to the ledger on servers: several writers, answers that are lost, calls that end halfway, and that
it says what the embedded one says."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from connectors.elasticsearch import ledger as module
from connectors.elasticsearch import schema
from connectors.elasticsearch.bulk import Operation, Written, write
from connectors.elasticsearch.client import ElasticsearchSpec, open_client
from connectors.elasticsearch.ledger import ElasticLedger
from connectors.elasticsearch.rows import HISTORY
from connectors.opening import SqliteSpec, open_store
from connectors.ports import Announced, Ledger, LedgerRow, Stored
from tests.contract.requests_made import asked
from tests.contract.together import at_once
from tests.factories import FEED_URL, NOON, make_entry, make_feed
from transforms.errors import Busy, StoreFailed
from transforms.records import Entry, Rejected, Visit
from transforms.urls import doc_id

pytestmark = pytest.mark.servers

HOUR = timedelta(hours=1)
ITEM = make_entry(item="tag:wire.example,2026:1")
MOVED = replace(ITEM, url="https://wire.example/world/quiet-day-ends", title="Quiet day ends", seen_at=NOON + HOUR)
Writer = Callable[[Elasticsearch, list[Operation]], list[Written]]


@pytest.fixture
def opened(shared_server: str, prefix: Callable[[], str]) -> Iterator[Callable[[], ElasticLedger]]:
    """Ledgers on the same indices, each with a client of its own."""
    spec = ElasticsearchSpec(urls=(shared_server,), prefix=prefix(), patience_s=0)
    with ExitStack() as stack:
        templates = schema.index_templates(spec.prefix, lifecycle=False)  # of all the store has, what this is about
        for name in (schema.single(spec.prefix, kind) for kind in ("ledger", "items")):
            stack.enter_context(open_client(spec)).indices.create(index=name, **templates[name]["template"])
        yield lambda: ElasticLedger(stack.enter_context(open_client(spec)), spec.prefix)


@pytest.fixture
def ledger(opened: Callable[[], ElasticLedger]) -> ElasticLedger:
    return opened()


def client_of(ledger: ElasticLedger) -> Elasticsearch:
    return ledger._client


def index_of(ledger: ElasticLedger) -> str:
    return ledger._ledger


def many(count: int, **overrides: Any) -> list[Entry]:
    return [make_entry(url=f"https://wire.example/{i}", item=f"{i}", **overrides) for i in range(count)]


def failed(entry: Entry, reason: str = "HTTP 502", **overrides: Any) -> Rejected:
    return Rejected(
        **{
            "stage": "fetch",
            "subject": entry.url,
            "error": "Unreachable",
            "reason": reason,
            "retryable": True,
            "payload": entry,
            **overrides,
        }
    )


def done(entry: Entry, **overrides: Any) -> Stored:
    return Stored(
        **{
            "entry": entry,
            "doc_id": doc_id(entry.url),
            "revision": 1,
            "content_hash": "1c",
            "month": "2026-11",
            "written": "new",
            "settled": True,
            "at": NOON,
            **overrides,
        }
    )


def row(ledger: Ledger, url: str) -> LedgerRow:
    found = ledger.get(url)
    assert found is not None, f"{url} is not in the ledger"
    return found


def announce(ledger: Ledger, entries: list[Entry], run_id: str = "run-1") -> list[Announced]:
    """What is announced is on lease for an hour."""
    return ledger.announce(entries, run_id=run_id, until=NOON + HOUR)


def claim(ledger: Ledger, run_id: str = "run-2", now: datetime = NOON + HOUR, limit: int = 999) -> list[Visit]:
    return ledger.claim(now=now, run_id=run_id, until=now + HOUR, limit=limit)


def intervene(monkeypatch: pytest.MonkeyPatch, number: int, instead: Writer) -> None:
    """Have the `number`th bulk of operations from now on, from 1, done by `instead`."""
    numbers = iter(range(1, 1_000))

    def writer(client: Elasticsearch, operations: list[Operation]) -> list[Written]:
        this = next(numbers) if operations else 0
        return (instead if this == number else write)(client, operations)

    monkeypatch.setattr(module, "write", writer)


# Several writers


def test_what_two_announce_at_once_is_new_once(opened: Callable[[], ElasticLedger]) -> None:
    entries = many(300)
    backwards = entries[::-1]
    one, other = opened(), opened()
    answers = at_once(lambda: announce(one, entries), lambda: announce(other, backwards, "run-2"))
    news = {entry.url: [] for entry in entries}
    for answer in (*answers[0], *answers[1]):
        news[answer.entry.url].append((answer.news, answer.fetch))
    assert {url: sorted(said) for url, said in news.items()} == {
        entry.url: [("known", False), ("new", True)] for entry in entries
    }
    assert one.counts() == {"pending": 300, "done": 0, "rejected": 0}
    assert all(len(row(one, entry.url).history) == 1 for entry in entries[::50])


def test_what_two_workers_claim_at_once_is_visited_once(opened: Callable[[], ElasticLedger]) -> None:
    entries = many(200)
    one, other = opened(), opened()
    announce(one, entries)
    one.stored([done(entry, check_at=NOON) for entry in entries[:60]])
    one.reject([(failed(entry), NOON) for entry in entries[60:120]], now=NOON)
    claims = at_once(*[partial(claim, ledger) for ledger in (one, other)])
    assert sorted(visit.entry.url for claim in claims for visit in claim) == sorted(entry.url for entry in entries)


@pytest.mark.parametrize("run_id", ["run-2", "run-3"], ids=["the same run", "another run"])
def test_a_claim_that_somebody_was_faster_with_is_theirs(
    opened: Callable[[], ElasticLedger], monkeypatch: pytest.MonkeyPatch, run_id: str
) -> None:
    one, other = opened(), opened()
    entries = many(3)
    announce(one, entries)
    theirs: list[Visit] = []

    def after_them(client: Elasticsearch, operations: list[Operation]) -> list[Written]:
        theirs.extend(claim(other, run_id, limit=2))
        return write(client, operations)

    intervene(monkeypatch, 1, after_them)
    ours = claim(one)
    assert (len(theirs), len(ours)) == (2, 1)
    assert {visit.entry.url for visit in (*theirs, *ours)} == {entry.url for entry in entries}


@pytest.mark.parametrize("what", ["stored", "claimed"])
def test_what_somebody_else_has_by_now_is_not_released(
    opened: Callable[[], ElasticLedger], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    one, other = opened(), opened()
    announce(one, [ITEM, *many(2)])

    def after_them(client: Elasticsearch, operations: list[Operation]) -> list[Written]:
        if what == "stored":
            other.stored([done(ITEM)])
        else:
            claim(other, limit=1)
        return write(client, operations)

    intervene(monkeypatch, 1, after_them)
    assert one.release("run-1") == 2
    theirs = [row(one, entry.url) for entry in (ITEM, *many(2)) if row(one, entry.url).next_try_at is not None]
    assert row(one, ITEM.url).state == ("done" if what == "stored" else "pending")
    assert [found.next_try_at for found in theirs] == ([] if what == "stored" else [NOON + 2 * HOUR])


def test_what_happens_between_reading_and_writing_is_not_overwritten(
    opened: Callable[[], ElasticLedger], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = opened(), opened()
    announce(one, [ITEM])

    def after_them(client: Elasticsearch, operations: list[Operation]) -> list[Written]:
        other.stored([done(ITEM)])
        return write(client, operations)

    intervene(monkeypatch, 1, after_them)
    (answer,) = announce(one, [replace(ITEM, feed_id="mirror")], "run-2")
    assert answer.news == "known"
    found = row(one, ITEM.url)
    assert (found.state, found.revision, len(found.appearances)) == ("done", 1, 2)
    assert [event.stage for event in found.history] == ["entry", "store", "entry"]


def test_failures_that_several_report_at_once_are_all_counted(opened: Callable[[], ElasticLedger]) -> None:
    ledgers = [opened() for _ in range(3)]
    announce(ledgers[0], [ITEM])

    def report(number: int) -> Callable[[], None]:
        def job() -> None:
            for time in range(5):
                ledgers[number].reject([(failed(ITEM, f"{number}-{time}"), None)], now=NOON)

        return job

    at_once(*map(report, range(3)))
    assert row(ledgers[0], ITEM.url).attempts == 15


def test_an_item_that_two_see_moving_moves_once(opened: Callable[[], ElasticLedger]) -> None:
    one, other = opened(), opened()
    announce(one, many(50))
    moved = [replace(entry, url=f"{entry.url}/moved", seen_at=NOON + HOUR) for entry in many(50)]
    answers = at_once(lambda: announce(one, moved, "run-2"), lambda: announce(other, moved[::-1], "run-3"))
    news = [sorted([first.news, second.news]) for first, second in zip(answers[0], answers[1][::-1], strict=True)]
    assert news == [["changed", "known"]] * 50
    assert one.counts() == {"pending": 50, "done": 50, "rejected": 0}
    assert one.documents(moved) == [doc_id(entry.url) for entry in many(50)]
    assert len(row(one, moved[0].url).history) == 1


# Answers that are lost, calls that end halfway


def _twice(client: Elasticsearch, operations: list[Operation]) -> list[Written]:
    """As the transport does where the answer to the first is lost."""
    write(client, operations)
    return write(client, operations)


def test_a_call_knows_its_own_writes_when_they_are_sent_again(
    ledger: ElasticLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    intervene(monkeypatch, 1, _twice)
    assert [(one.news, one.fetch) for one in announce(ledger, [ITEM])] == [("new", True)]
    intervene(monkeypatch, 1, _twice)
    ledger.reject([(failed(ITEM), NOON)], now=NOON)
    assert ledger.attempts([failed(ITEM)]) == [1]
    intervene(monkeypatch, 1, _twice)
    assert [visit.entry for visit in claim(ledger)] == [ITEM]
    assert len(row(ledger, ITEM.url).history) == 2


@pytest.mark.parametrize("carried_out", [False, True], ids=["not written", "written"])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_move_that_ends_halfway_is_healed_by_the_same_call(
    ledger: ElasticLedger, monkeypatch: pytest.MonkeyPatch, step: int, carried_out: bool
) -> None:
    announce(ledger, [ITEM])

    def killed(client: Elasticsearch, operations: list[Operation]) -> list[Written]:
        if carried_out:
            write(client, operations)
        raise KeyboardInterrupt

    intervene(monkeypatch, step, killed)
    with pytest.raises(KeyboardInterrupt):
        announce(ledger, [MOVED], "run-2")
    first_written = step > 1 or carried_out
    (answer,) = announce(ledger, [MOVED], "run-2")
    assert answer.news == ("known" if first_written else "changed")
    assert (row(ledger, ITEM.url).state, row(ledger, MOVED.url).state) == ("done", "pending")
    assert [len(row(ledger, url).history) for url in (ITEM.url, MOVED.url)] == [2, 1]
    assert ledger.documents([ITEM, MOVED]) == [doc_id(ITEM.url)] * 2
    before = row(ledger, ITEM.url), row(ledger, MOVED.url)
    assert [one.news for one in announce(ledger, [MOVED], "run-3")] == ["known"]
    assert (row(ledger, ITEM.url), row(ledger, MOVED.url)) == before
    assert [visit.entry.url for visit in claim(ledger, "run-3")] == [MOVED.url]
    again = replace(MOVED, url="https://wire.example/third", seen_at=NOON + 2 * HOUR)
    assert [one.news for one in announce(ledger, [again], "run-3")] == ["changed"]
    assert row(ledger, MOVED.url).state == "done"


def test_half_a_batch_is_healed_by_the_same_call(ledger: ElasticLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = many(40)

    def killed(client: Elasticsearch, operations: list[Operation]) -> list[Written]:
        write(client, operations[20:55])  # rows without their items, items without their rows, and neither
        raise KeyboardInterrupt

    intervene(monkeypatch, 1, killed)
    with pytest.raises(KeyboardInterrupt):
        announce(ledger, entries)
    assert [one.news for one in announce(ledger, entries)] == ["new"] * 20 + ["known"] * 20
    assert ledger.counts()["pending"] == 40
    moved = [replace(entry, url=f"{entry.url}/moved") for entry in entries]
    assert [one.news for one in announce(ledger, moved, "run-2")] == ["changed"] * 40


# What it costs


def test_a_batch_is_one_mget_and_one_bulk_and_never_a_refresh(
    ledger: ElasticLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = many(400)
    for job, expected in (
        (lambda: announce(ledger, entries), ["_mget", "_bulk"]),
        (lambda: announce(ledger, entries), ["_mget"]),
        (lambda: ledger.documents(entries), ["_mget"]),
        (lambda: ledger.attempts([failed(entry) for entry in entries]), ["_mget"]),
        (lambda: ledger.stored([done(entry) for entry in entries]), ["_mget", "_bulk"]),
        (lambda: ledger.reject([(failed(entry), None) for entry in entries], now=NOON), ["_mget", "_bulk"]),
        (lambda: announce(ledger, []), []),
    ):
        assert asked(client_of(ledger), monkeypatch, job) == expected


def test_what_is_due_next_is_asked_as_of_now(ledger: ElasticLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    announce(ledger, many(9))
    assert asked(client_of(ledger), monkeypatch, ledger.next_due) == ["_refresh", "_search", "_search"]
    claim(ledger)
    assert asked(client_of(ledger), monkeypatch, lambda: claim(ledger)) == ["_refresh", "_search", "_search"]


def test_what_is_found_is_found_page_by_page(ledger: ElasticLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 3)
    entries = many(10)
    announce(ledger, entries)
    ledger.reject([(failed(entry), NOON + i * HOUR) for i, entry in enumerate(entries)], now=NOON)
    assert [one.url for one in ledger.rejected()] == [entry.url for entry in entries]
    assert [one.url for one in ledger.rejected(limit=4)] == [entry.url for entry in entries[:4]]
    late = NOON + 99 * HOUR
    claims = [claim(ledger, now=late, limit=7) for _ in range(3)]
    assert [[visit.entry.url for visit in some] for some in claims] == [
        [entry.url for entry in entries[:7]],
        [entry.url for entry in entries[7:]],
        [],
    ]
    assert ledger.release("run") == 10
    assert {visit.entry.url for visit in claim(ledger, now=late)} == {entry.url for entry in entries}, "without a time"
    ledger.reject([(failed(entry), None) for entry in entries], now=NOON)
    assert ledger.retry(now=NOON) == 10
    ledger.stored([done(entry, doc_id="1a") for entry in entries])
    assert len(ledger.by_document("1a")) == 10


def test_only_the_last_of_a_history_is_kept(ledger: ElasticLedger) -> None:
    announce(ledger, [ITEM])
    ledger.reject([(failed(ITEM, f"{i}"), None) for i in range(HISTORY + 5)], now=NOON)
    found = row(ledger, ITEM.url)
    assert found.attempts == HISTORY + 5
    assert [event.what for event in found.history] == [f"Unreachable: {i}" for i in range(5, HISTORY + 5)]


# Servers in trouble


def test_what_a_server_cannot_read_now_is_not_taken_for_unknown(ledger: ElasticLedger) -> None:
    announce(ledger, [ITEM])
    ledger.stored([done(ITEM)])
    client_of(ledger).indices.close(index=index_of(ledger))
    with pytest.raises(Busy):
        ledger.documents([ITEM])
    client_of(ledger).indices.open(index=index_of(ledger), wait_for_active_shards="1")
    assert ledger.documents([ITEM]) == [doc_id(ITEM.url)]


def test_a_ledger_that_is_not_there_is_the_operator_s(ledger: ElasticLedger) -> None:
    client_of(ledger).indices.delete(index=index_of(ledger))
    with pytest.raises(StoreFailed):
        ledger.documents([ITEM])


def test_a_read_only_ledger_stops_the_run_and_the_next_one_goes_on(ledger: ElasticLedger) -> None:
    announce(ledger, [ITEM])
    block = {"index.blocks.write": True}
    client_of(ledger).indices.put_settings(index=index_of(ledger), settings=block)
    for job in (
        lambda: announce(ledger, many(2)),
        lambda: ledger.stored([done(ITEM)]),
        lambda: claim(ledger),
    ):
        with pytest.raises(StoreFailed):
            job()
    client_of(ledger).indices.put_settings(index=index_of(ledger), settings={"index.blocks.write": None})
    assert [one.news for one in announce(ledger, many(2))] == ["new", "new"]
    assert [visit.entry.url for visit in claim(ledger, limit=1)] == [ITEM.url]


# The embedded ledger as the measure

URLS = [f"https://wire.example/{name}" for name in "abcde"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_it_says_what_the_embedded_one_says(ledger: ElasticLedger, tmp_path: Path, seed: int) -> None:
    """The same calls in any order give the same answers and the same rows."""
    dice = random.Random(seed)
    with open_store(SqliteSpec(path=str(tmp_path / "store.db"))) as store:
        announced: list[Entry] = []
        for number in range(40):
            call = _any_call(dice, announced, NOON + number * HOUR)
            said = [call(ledger), call(store.ledger)]
            assert said[0] == said[1], f"call {number}"
            for url in (*URLS, FEED_URL):
                assert _told(ledger.get(url)) == _told(store.ledger.get(url)), f"{url} after call {number}"
        assert ledger.counts() == store.ledger.counts()
        assert ledger.documents(announced) == store.ledger.documents(announced)
        for document in {doc_id(url) for url in URLS}:
            theirs = store.ledger.by_document(document)
            assert {one.url for one in ledger.by_document(document)} == {one.url for one in theirs}


def _told(found: LedgerRow | None) -> LedgerRow | None:
    return replace(found, appearances=tuple(sorted(found.appearances))) if found else None


def _next_due(ledger: Ledger) -> datetime | None:
    ledger.counts()  # sees what was written
    return ledger.next_due()


def _any_call(dice: random.Random, announced: list[Entry], now: Any) -> Callable[[Ledger], Any]:
    """A call that makes sense, with arguments by chance."""
    run_id, until = f"{dice.randrange(2)}-run", now + dice.randrange(1, 9) * HOUR
    known = dice.sample(announced, min(len(announced), 2))
    later = [dice.choice([None, now + dice.randrange(5) * HOUR]) for _ in known]
    trouble = failed(make_entry(), error="Gone", payload=make_feed(), subject=FEED_URL)
    match dice.choice(
        ["announce"] * 4 + ["stored", "stored", "reject", "claim", "claim", "release", "checked", "retry", "feed"]
    ):
        case "announce":
            entries = [
                make_entry(
                    url=dice.choice(URLS),
                    feed_id=dice.choice(["wire", "wire", "mirror"]),
                    item=dice.choice(["1", "1", "2", ""]),
                    title=dice.choice(["Quiet day ends", "Quiet day over", "Floods in the south"]),
                    seen_at=now,
                )
                for _ in range(dice.randrange(1, 4))
            ]
            announced += entries
            return lambda ledger: ledger.announce(entries, run_id=run_id, until=until)
        case "stored":
            settled, revision = dice.random() < 0.8, dice.randrange(1, 4)
            stored = [
                done(entry, settled=settled, revision=revision, check_at=again, at=now)
                for entry, again in zip(known, later, strict=True)
            ]
            return lambda ledger: ledger.stored(stored)
        case "reject":
            rejected = [(failed(entry), again) for entry, again in zip(known, later, strict=True)]
            return lambda ledger: ledger.reject(rejected, now=now)
        case "claim":
            return lambda ledger: [ledger.claim(now=now, run_id=run_id, until=until, limit=99), _next_due(ledger)]
        case "release":
            return lambda ledger: [ledger.release(run_id[:2]), _next_due(ledger)]
        case "checked":
            return lambda ledger: ledger.checked(known, now=now, what="HTTP 503", check_at=later)
        case "retry":
            return lambda ledger: ledger.retry(now=now)
        case _:
            if dice.random() < 0.5:
                return lambda ledger: ledger.recovered([FEED_URL], now=now)
            return lambda ledger: ledger.reject([(trouble, None)], now=now)
