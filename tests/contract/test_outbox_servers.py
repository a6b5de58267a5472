"""What is particular to subscriptions and the outbox on servers: several workers, answers that are lost, calls that end
halfway, what it costs, and that it says what the embedded one says."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from connectors.alert_ports import Addressed, Batch, Delivery, Outbox, Sent, Subscriptions
from connectors.elasticsearch import changing, schema
from connectors.elasticsearch import outbox as module
from connectors.elasticsearch.articles import ElasticArticles
from connectors.elasticsearch.bulk import Operation, Written, write
from connectors.elasticsearch.client import ElasticsearchSpec, open_client
from connectors.elasticsearch.feeds import ElasticFeeds
from connectors.elasticsearch.outbox import ElasticOutbox
from connectors.elasticsearch.sending import HISTORY
from connectors.elasticsearch.subscriptions import ElasticSubscriptions
from connectors.opening import SqliteSpec, init_store, open_store
from tests.contract.requests_made import asked
from tests.factories import NOON, make_alert, make_article, make_feed, make_subscription
from transforms.errors import Busy, ConfigError, StoreFailed
from transforms.subscriptions import Subscription, paused

pytestmark = pytest.mark.servers

MINUTE = timedelta(minutes=1)
LEASE = 2 * MINUTE
HOOK, LOG = "https://desk.example/hook", "log:"
#: Of what is asked of the outbox in these tests, the most.
MANY = 1_000
Writer = Callable[[Elasticsearch, list[Operation]], list[Written]]
Opened = Callable[[], ElasticOutbox]


@pytest.fixture
def spec(shared_server: str, prefix: Callable[[], str]) -> ElasticsearchSpec:
    """Of all that a store has, what alerts need."""
    spec = ElasticsearchSpec(urls=(shared_server,), prefix=prefix(), patience_s=0)
    templates = schema.index_templates(spec.prefix, lifecycle=False)
    with open_client(spec) as client:
        for name in (schema.single(spec.prefix, kind) for kind in ("subscriptions", "outbox", "lanes")):
            client.indices.create(index=name, **templates[name]["template"])
    return spec


@pytest.fixture
def opened(spec: ElasticsearchSpec) -> Iterator[Opened]:
    """Outboxes on the same indices, each with a client of its own."""
    with ExitStack() as stack:
        yield lambda: ElasticOutbox(stack.enter_context(open_client(spec)), spec.prefix)


@pytest.fixture
def outbox(opened: Opened) -> ElasticOutbox:
    return opened()


@pytest.fixture
def subscriptions(outbox: ElasticOutbox, spec: ElasticsearchSpec) -> ElasticSubscriptions:
    return ElasticSubscriptions(client_of(outbox), spec.prefix)


def client_of(outbox: ElasticOutbox) -> Elasticsearch:
    return outbox._client


def addressed(number: int, *channels: str, subscription: str = "desk", due_at: datetime = NOON) -> Addressed:
    alert = make_alert(
        id=f"a{number:04}", story=f"s{number}", subscription=subscription, made_at=NOON + number * timedelta(seconds=1)
    )
    return Addressed(alert=alert, channels=channels or (HOOK,), due_at=due_at)


def claim(outbox: Outbox, worker: str = "one", now: datetime = NOON, **limits: int) -> list[Batch]:
    return outbox.claim(now=now, worker=worker, lease=LEASE, **{"lanes": 1_000, "alerts": 100, **limits})


def ids(batches: Sequence[Batch]) -> list[list[str]]:
    return [[alert.id for alert in batch.alerts] for batch in batches]


def all_sent(batches: Sequence[Batch]) -> list[Sent]:
    return [Sent(batch=batch, delivered=tuple(alert.id for alert in batch.alerts)) for batch in batches]


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """What each gives, in threads of their own that begin together."""
    together = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        together.wait(timeout=30)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(timeout=120) for future in [pool.submit(run, job) for job in jobs]]


def intervene(monkeypatch: pytest.MonkeyPatch, number: int, instead: Writer) -> None:
    """Have the `number`th bulk of operations from now on, from 1, done by `instead`."""
    numbers = iter(range(1, 1_000))

    def writer(client: Elasticsearch, operations: list[Operation]) -> list[Written]:
        this = next(numbers) if operations else 0
        return (instead if this == number else write)(client, operations)

    monkeypatch.setattr(changing, "write", writer)


def twice(client: Elasticsearch, operations: list[Operation]) -> list[Written]:
    """As the transport does where the answer to the first is lost."""
    write(client, operations)
    return write(client, operations)


# Several workers


def test_what_two_workers_claim_at_once_is_sent_once(opened: Opened) -> None:
    """Over and over, until all is delivered: nothing is in two hands at a time, and each lane keeps its order."""
    one, other = opened(), opened()
    alerts = [addressed(n, HOOK, LOG, subscription=f"desk-{n % 20}") for n in range(120)]
    one.add(alerts)
    sent: list[tuple[str, str]] = []
    held: set[tuple[str, str]] = set()
    guard = threading.Lock()

    def work(outbox: ElasticOutbox, worker: str) -> None:
        while batches := claim(outbox, worker, lanes=7, alerts=2):
            lanes = {(batch.lane.subscription, batch.lane.channel) for batch in batches}
            with guard:
                assert held.isdisjoint(lanes)
                held.update(lanes)
                sent.extend((batch.lane.channel, alert.id) for batch in batches for alert in batch.alerts)
            time.sleep(0.02)
            with guard:  # they are free from some moment of the next call on
                held.difference_update(lanes)
            outbox.settle(all_sent(batches), worker=worker, now=NOON)

    at_once(lambda: work(one, "one"), lambda: work(other, "other"))
    assert sorted(sent) == sorted((channel, each.alert.id) for each in alerts for channel in (HOOK, LOG))
    for channel in (HOOK, LOG):
        for desk in range(20):
            mine = [name for where, name in sent if where == channel and int(name[1:]) % 20 == desk]
            assert mine == sorted(mine)
    assert one.status(NOON).deliveries == {"delivered": 240}


def test_a_claim_that_somebody_was_faster_with_is_theirs(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = opened(), opened()
    one.add([addressed(n, subscription=f"desk-{n}") for n in range(5)])
    other.settle(
        all_sent(claim(other, "other", lanes=1)), worker="other", now=NOON
    )  # of one, the lane is there already
    one.add([addressed(9, subscription="desk-0")])
    theirs: list[Batch] = []

    def after_them(client: Elasticsearch, operations: list[Operation]) -> list[Written]:
        theirs.extend(claim(other, "other", lanes=2))
        return write(client, operations)

    intervene(monkeypatch, 1, after_them)
    ours = claim(one)
    assert (len(theirs), len(ours)) == (2, 3)
    assert sorted(name for (name,) in ids(theirs) + ids(ours)) == ["a0001", "a0002", "a0003", "a0004", "a0009"]


def test_what_was_settled_since_the_search_is_not_given_again(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = opened(), opened()
    one.add([addressed(n) for n in range(3)])
    due = one._due

    def while_it_searches(*args: Any) -> dict[str, list[str]]:
        found = due(*args)
        other.settle(all_sent(claim(other, "other", alerts=2)), worker="other", now=NOON)
        return found

    monkeypatch.setattr(one, "_due", while_it_searches)
    assert claim(one) == [], "the lane was read before, and is another one since"
    monkeypatch.undo()
    assert ids(claim(one)) == [["a0002"]]


def test_of_an_alert_that_two_add_at_once_one_is_new_and_no_reprint_is_lost(opened: Opened) -> None:
    outboxes = [opened() for _ in range(3)]
    printed = [
        [replace(each, alert=replace(each.alert, article_id=f"x{n}")) for each in map(addressed, range(60))]
        for n in range(3)
    ]
    new = at_once(*[partial(outbox.add, alerts) for outbox, alerts in zip(outboxes, printed, strict=True)])
    assert [sum(said) for said in zip(*new, strict=True)] == [1] * 60
    told = outboxes[0].told([each.alert.story for each in printed[0]])
    for (alert,) in told.values():
        assert {alert.article_id, *(one.article_id for one in alert.reprints)} == {"x0", "x1", "x2"}


def test_a_reprint_while_it_is_settled_is_kept_and_so_is_the_delivery(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = opened(), opened()
    one.add([addressed(1)])
    batches = claim(one)
    reprinted = replace(addressed(1), alert=replace(addressed(1).alert, article_id="1b"))

    def after_them(client: Elasticsearch, operations: list[Operation]) -> list[Written]:
        assert other.add([reprinted]) == [False]
        return write(client, operations)

    intervene(monkeypatch, 1, after_them)
    one.settle(all_sent(batches), worker="one", now=NOON)
    (found,) = one.deliveries()
    assert (found.state, [each.article_id for each in found.alert.reprints]) == ("delivered", ["1b"])
    assert [event.what for event in found.history] == ["delivered"]


def test_failures_of_several_lanes_of_one_alert_are_all_recorded(opened: Opened) -> None:
    """Each lane is another's, and all write the same document."""
    channels = [f"https://desk.example/{n}" for n in range(4)]
    outboxes = [opened() for _ in channels]
    outboxes[0].add([addressed(1, *channels)])
    batches = [claim(outbox, f"{n}", lanes=1)[0] for n, outbox in enumerate(outboxes)]
    at_once(
        *[
            partial(outbox.settle, [Sent(batch=batch, error="HTTP 500")], worker=f"{n}", now=NOON)
            for n, (outbox, batch) in enumerate(zip(outboxes, batches, strict=True))
        ]
    )
    assert [(one.attempts, one.error) for one in outboxes[0].deliveries()] == [(1, "HTTP 500")] * 4
    assert [lane.attempts for lane in outboxes[0].lanes(failing=True)] == [1] * 4


# Answers that are lost, calls that end halfway


def test_a_call_knows_its_own_writes_when_they_are_sent_again(
    outbox: ElasticOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    intervene(monkeypatch, 1, twice)
    assert outbox.add([addressed(1), addressed(2)]) == [True, True]
    intervene(monkeypatch, 1, twice)
    batches = claim(outbox)
    assert ids(batches) == [["a0001", "a0002"]]
    for number in (1, 2, 3):  # the delivery, the failure, the lane
        intervene(monkeypatch, number, twice)
        outbox.settle([Sent(batch=batches[0], delivered=("a0001",), error="HTTP 500")], worker="one", now=NOON)
    (lane,) = outbox.lanes()
    assert (lane.attempts, [one.attempts for one in outbox.deliveries()]) == (1, [1, 0])
    intervene(monkeypatch, 1, twice)
    assert outbox.readdress("desk", [LOG], due_at=NOON) == 1
    intervene(monkeypatch, 1, twice)
    assert outbox.redeliver(alerts=["a0001"], now=NOON) == 1
    assert len(outbox.deliveries(alert="a0001")[0].history) == 2


@pytest.mark.parametrize("carried_out", [False, True], ids=["not written", "written"])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_settlement_that_ends_halfway_is_made_once_by_the_same_call(
    outbox: ElasticOutbox, monkeypatch: pytest.MonkeyPatch, step: int, carried_out: bool
) -> None:
    outbox.add([addressed(n) for n in range(4)])
    (batch,) = claim(outbox)
    later = NOON + MINUTE
    sent = [Sent(batch=batch, delivered=("a0000",), dead=("a0001",), error="HTTP 500", next_at=later)]

    def killed(client: Elasticsearch, operations: list[Operation]) -> list[Written]:
        if carried_out:
            write(client, operations)
        raise KeyboardInterrupt

    intervene(monkeypatch, step, killed)
    with pytest.raises(KeyboardInterrupt):
        outbox.settle(sent, worker="one", now=NOON)
    monkeypatch.undo()
    freed = step == 3 and carried_out
    assert claim(outbox, "other") == [], "on lease, or to go on later"
    outbox.settle(sent, worker="one", now=NOON)
    found = {one.alert.id: one for one in outbox.deliveries()}
    assert {name: (one.state, one.attempts, len(one.history)) for name, one in found.items()} == {
        "a0000": ("delivered", 0, 1),
        "a0001": ("dead", 0, 1),
        "a0002": ("waiting", 1, 1),
        "a0003": ("waiting", 0, 0),
    }
    (lane,) = outbox.lanes()
    assert (lane.attempts, lane.next_at, lane.failing_since) == (1, later, NOON), f"freed before: {freed}"
    assert ids(claim(outbox, "other", later)) == [["a0002", "a0003"]]


def test_half_of_what_was_added_is_added_by_the_same_call(
    outbox: ElasticOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    alerts = [addressed(n) for n in range(20)]

    def killed(client: Elasticsearch, operations: list[Operation]) -> list[Written]:
        write(client, operations[:7])
        raise KeyboardInterrupt

    intervene(monkeypatch, 1, killed)
    with pytest.raises(KeyboardInterrupt):
        outbox.add(alerts)
    assert outbox.add(alerts) == [False] * 7 + [True] * 13
    assert ids(claim(outbox)) == [[each.alert.id for each in alerts]]


def test_a_batch_whose_worker_died_is_given_as_it_was(outbox: ElasticOutbox) -> None:
    outbox.add([addressed(n) for n in range(1, 3)])
    first = claim(outbox)
    outbox.add([addressed(n) for n in (0, 3)])
    late = NOON + LEASE
    assert claim(outbox, "other", late - timedelta(microseconds=1)) == []
    second = claim(outbox, "other", late)
    assert ids(second) == ids(first) == [["a0001", "a0002"]]
    outbox.settle(all_sent(first), worker="one", now=late)  # it was not dead after all, and the other one has the lane
    assert claim(outbox, "third", late) == []
    outbox.settle(all_sent(second), worker="other", now=late)
    assert [len(one.history) for one in outbox.deliveries(state="delivered")] == [1, 1]
    assert ids(claim(outbox, "other", late)) == [["a0000", "a0003"]]


# What it costs


def test_what_is_asked_of_the_server(outbox: ElasticOutbox, monkeypatch: pytest.MonkeyPatch) -> None:
    alerts = [addressed(n, HOOK, LOG, subscription=f"desk-{n % 5}") for n in range(50)]
    batches: list[Batch] = []
    for job, expected in (
        (lambda: claim(outbox), ["_refresh", "_search"]),
        (lambda: outbox.add(alerts), ["_mget", "_bulk"]),
        (lambda: outbox.add(alerts), ["_mget"]),
        (lambda: outbox.add([]), []),
        (lambda: claim(outbox, now=NOON - MINUTE), ["_refresh", "_search"]),
        (lambda: batches.extend(claim(outbox)), ["_refresh", "_search", "_mget", "_msearch", "_mget", "_bulk"]),
        (lambda: claim(outbox), ["_refresh", "_search", "_mget"]),
        (lambda: outbox.settle(all_sent(batches), worker="one", now=NOON), ["_mget", *["_mget", "_bulk"] * 2]),
        (lambda: outbox.settle([], worker="one", now=NOON), []),
        (lambda: claim(outbox), ["_refresh", "_search"]),
        (lambda: outbox.told(each.alert.story for each in alerts), ["_refresh", "_search"]),
    ):  # fmt: skip
        assert asked(client_of(outbox), monkeypatch, job) == expected


def test_what_is_found_is_found_page_by_page(
    outbox: ElasticOutbox, subscriptions: ElasticSubscriptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 3)
    monkeypatch.setattr(module, "STEP", 2)
    monkeypatch.setattr("connectors.elasticsearch.reading.PAGE", 3)
    alerts = [addressed(n, subscription=f"desk-{n}", due_at=NOON - n * MINUTE) for n in range(10)]
    outbox.add(alerts)
    assert len(outbox.told(each.alert.story for each in alerts)) == 10
    assert [one.alert.id for one in outbox.deliveries(limit=8)] == [each.alert.id for each in alerts[:1:-1]]
    claims = [claim(outbox, lanes=4), claim(outbox, "other", lanes=4), claim(outbox)]
    longest_due_first = [[each.alert.id] for each in alerts[::-1]]
    assert [*map(ids, claims)] == [longest_due_first[:4], longest_due_first[4:8], longest_due_first[8:]]
    outbox.settle(all_sent(claims[0]) + all_sent(claims[2]), worker="one", now=NOON)
    outbox.settle([Sent(batch=one, error="HTTP 500") for one in claims[1]], worker="other", now=NOON)
    assert [len(outbox.lanes()), len(outbox.lanes(failing=True))] == [10, 4]
    assert outbox.redeliver(since=NOON, now=NOON) == 10
    assert len(claim(outbox)) == 10
    subscriptions.put([make_subscription(id=f"desk-{n}") for n in range(10)])
    assert [one.id for one in subscriptions.all()] == [f"desk-{n}" for n in range(10)]
    assert len(subscriptions.changes(NOON).changed) == 10


def test_only_the_last_of_a_history_is_kept(outbox: ElasticOutbox) -> None:
    outbox.add([addressed(1)])
    for n in range(HISTORY + 5):
        assert outbox.redeliver(alerts=["a0001"], now=NOON + n * MINUTE) == 1
    (found,) = outbox.deliveries()
    assert [event.at for event in found.history] == [NOON + n * MINUTE for n in range(5, HISTORY + 5)]


# Moments: the servers' own dates end at milliseconds


def test_moments_count_to_the_microsecond(outbox: ElasticOutbox, subscriptions: ElasticSubscriptions) -> None:
    tick = timedelta(microseconds=1)
    alerts = [
        Addressed(alert=make_alert(id=f"a{9 - n}", made_at=NOON + n * tick), channels=(HOOK,), due_at=NOON + n * tick)
        for n in range(3)
    ]
    outbox.add(alerts[::-1])
    assert ids(claim(outbox, now=NOON + tick)) == [["a9", "a8"]]
    assert outbox.status(NOON + tick).oldest_due_at == NOON
    assert outbox.redeliver(since=NOON + 2 * tick, now=NOON) == 1
    subscriptions.put([make_subscription(id=f"s{n}", changed_at=NOON + n * tick) for n in range(3)])
    assert subscriptions.remove("s0", now=NOON + tick)
    assert subscriptions.remove("s1", now=NOON + 2 * tick)
    found = subscriptions.changes(NOON + 2 * tick)
    assert ([one.id for one in found.changed], found.removed) == (["s2"], ("s1",))


# Subscriptions


def test_changes_that_several_make_at_once_are_all_made(opened: Opened, spec: ElasticsearchSpec) -> None:
    several = [ElasticSubscriptions(client_of(opened()), spec.prefix) for _ in range(3)]
    several[0].put([make_subscription()])

    def adding(number: int) -> Callable[[Subscription], Subscription]:
        return lambda one: replace(one, topics=(*one.topics, f"t{number}"))

    at_once(*[partial(one.change, ["desk"], adding(n)) for n, one in enumerate(several)])
    assert sorted(several[0].get(["desk"])["desk"].topics) == ["t0", "t1", "t2"]


def test_a_subscription_that_two_put_at_once_is_new_once(opened: Opened, spec: ElasticsearchSpec) -> None:
    several = [ElasticSubscriptions(client_of(opened()), spec.prefix) for _ in range(2)]
    said = [make_subscription(id=f"desk-{n}") for n in range(50)]
    assert sum(at_once(*[partial(one.put, said) for one in several])) == 50


def test_lost_answers_do_not_count_twice(subscriptions: ElasticSubscriptions, monkeypatch: pytest.MonkeyPatch) -> None:
    intervene(monkeypatch, 1, twice)
    assert subscriptions.put([make_subscription()]) == 1
    intervene(monkeypatch, 1, twice)
    (after,) = subscriptions.change(["desk"], lambda one: replace(one, topics=(*one.topics, "t")))
    assert after.topics == ("t",)
    intervene(monkeypatch, 1, twice)
    assert subscriptions.remove("desk", now=NOON)
    assert not subscriptions.remove("desk", now=NOON)


def test_putting_and_changing_is_a_read_and_a_write_and_what_is_unchanged_is_not_written(
    outbox: ElasticOutbox, subscriptions: ElasticSubscriptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [make_subscription(id=f"desk-{n}") for n in range(50)]
    pause = partial(paused, now=NOON, pause=True)
    names = [one.id for one in said]
    for job, expected in (
        (lambda: subscriptions.put(said), ["_mget", "_bulk"]),
        (lambda: subscriptions.put(said), ["_mget"]),
        (lambda: subscriptions.change(names, pause), ["_mget", "_bulk"]),
        (lambda: subscriptions.change(names, pause), ["_mget"]),
        (lambda: subscriptions.changes(NOON), ["_refresh", "_search"]),
    ):
        assert asked(client_of(outbox), monkeypatch, job) == expected


# Stores that an earlier newswire made, servers in trouble


def test_a_store_from_before_alerts_gets_what_is_missing_and_keeps_the_rest(
    shared_server: str, prefix: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = ElasticsearchSpec(urls=(shared_server,), prefix=prefix(), patience_s=20)
    new = {"subscriptions", "outbox", "lanes"}
    with monkeypatch.context() as earlier:
        earlier.setattr(schema, "_SINGLE", {kind: made for kind, made in schema._SINGLE.items() if kind not in new})
        init_store(spec)
    article = make_article()
    with open_client(spec) as client:
        ElasticFeeds(client, spec.prefix).add([make_feed()])
        with closing(ElasticArticles(client, spec.prefix)) as articles:
            articles.put([article], now=NOON)
        before = client.indices.get(index=f"{spec.prefix}-*").body
    missing = ", ".join(f"{spec.prefix}-{kind}" for kind in ("subscriptions", "outbox", "lanes"))
    with pytest.raises(ConfigError, match=f"^the store has no {missing}: run `newswire store init`$"), open_store(spec):
        pass
    names = sorted(f"{spec.prefix}-{kind}" for kind in new)
    done = init_store(spec)
    assert sorted(done) == sorted([f"index template {name}" for name in names] + [f"index {name}" for name in names])
    assert init_store(spec) == []
    with open_client(spec) as client:
        after = client.indices.get(index=f"{spec.prefix}-*").body
    assert sorted(after.keys() - before.keys()) == names
    assert {name: after[name] for name in before} == before
    with open_store(spec) as store:
        assert [feed.id for feed in store.feeds.all()] == ["wire"]
        assert store.articles.get([article.id])[article.id].title == article.title
        store.subscriptions.put([make_subscription()])
        assert store.outbox.add([addressed(1)]) == [True]
        assert ids(claim(store.outbox)) == [["a0001"]]


def test_what_a_server_cannot_read_now_is_not_taken_for_new(outbox: ElasticOutbox) -> None:
    outbox.add([addressed(1)])
    client_of(outbox).indices.close(index=outbox._outbox)
    with pytest.raises(Busy):
        outbox.add([addressed(1)])
    client_of(outbox).indices.open(index=outbox._outbox, wait_for_active_shards="1")
    assert outbox.add([addressed(1)]) == [False]


def test_a_read_only_outbox_stops_the_worker_and_the_next_one_goes_on(outbox: ElasticOutbox) -> None:
    outbox.add([addressed(1)])
    batches = claim(outbox)
    client = client_of(outbox)
    for index in (outbox._outbox, outbox._lanes):
        client.indices.put_settings(index=index, settings={"index.blocks.write": True})
    jobs: list[Callable[[], Any]] = [
        lambda: outbox.add([addressed(2)]),
        lambda: outbox.settle(all_sent(batches), worker="one", now=NOON),
        lambda: claim(outbox, "other", NOON + LEASE),
    ]
    for job in jobs:
        with pytest.raises(StoreFailed):
            job()
    for index in (outbox._outbox, outbox._lanes):
        client.indices.put_settings(index=index, settings={"index.blocks.write": None})
    outbox.settle(all_sent(batches), worker="one", now=NOON)
    assert outbox.status(NOON).deliveries == {"delivered": 1}


# The embedded store as the measure


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_subscriptions_are_what_the_embedded_ones_are(
    subscriptions: ElasticSubscriptions, tmp_path: Path, seed: int
) -> None:
    """The same calls in any order give the same answers, and leave the same subscriptions."""
    dice = random.Random(seed)
    names = [f"desk-{n}" for n in range(4)]
    with open_store(SqliteSpec(path=str(tmp_path / "store.db"))) as store:
        for number in range(40):
            now, some = NOON + number * MINUTE, dice.sample(names, 2)
            said = [
                make_subscription(id=name, query=dice.choice(["war", "peace"]), since=now, changed_at=now)
                for name in some
            ]
            pause = partial(paused, now=now, pause=dice.random() < 0.5)
            call: Callable[[Subscriptions], Any] = dice.choice(
                [
                    lambda port, said=said: port.put(said),
                    lambda port, some=some, pause=pause: port.change(some, pause),
                    lambda port, some=some, now=now: port.remove(some[0], now=now),
                ]
            )
            assert call(subscriptions) == call(store.subscriptions), f"call {number}"
            assert subscriptions.get(names) == store.subscriptions.get(names)
            assert list(subscriptions.all()) == list(store.subscriptions.all())
            for since in (NOON, now - 3 * MINUTE, now):
                assert subscriptions.changes(since) == store.subscriptions.changes(since)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_it_says_what_the_embedded_one_says(outbox: ElasticOutbox, tmp_path: Path, seed: int) -> None:
    """The same calls in any order give the same answers, and leave the same deliveries and lanes."""
    dice = random.Random(seed)
    with open_store(SqliteSpec(path=str(tmp_path / "store.db"))) as store:
        batches: list[tuple[str, Batch]] = []
        for number in range(60):
            now = NOON + number * MINUTE
            name, call = any_call(dice, batches, now)
            said = [call(outbox), call(store.outbox)]
            assert said[0] == said[1], f"call {number}, {name}"
            if name == "claim":
                batches += [(f"w{number}", batch) for batch in said[0]]
            assert _all(outbox) == _all(store.outbox), f"after call {number}, {name}"
            assert outbox.lanes() == store.outbox.lanes(), f"after call {number}, {name}"
            assert outbox.status(now) == store.outbox.status(now), f"after call {number}, {name}"
        stories = [f"s{number}" for number in range(5)]
        assert outbox.told(stories) == store.outbox.told(stories)


def _all(outbox: Outbox) -> list[Delivery]:
    return outbox.deliveries(limit=MANY)


def any_call(
    dice: random.Random, batches: list[tuple[str, Batch]], now: datetime
) -> tuple[str, Callable[[Outbox], Any]]:
    """A call that makes sense, with arguments by chance; and its name."""
    subscription = dice.choice(["desk", "night"])
    channels = tuple(dice.sample([HOOK, LOG, "mailto:desk@example.org"], dice.randrange(0, 4)))
    later = now + dice.randrange(-1, 4) * MINUTE
    name = dice.choice(["add"] * 4 + ["claim"] * 4 + ["settle"] * 5 + ["readdress", "redeliver"])
    match name:
        case "add":
            made = [
                replace(
                    addressed(dice.randrange(40), *(channels or (HOOK,)), subscription=subscription, due_at=later),
                    channels=channels,
                )
                for _ in range(dice.randrange(1, 4))
            ]
            renamed = [
                replace(
                    one, alert=replace(one.alert, id=f"{subscription}-{one.alert.id}", article_id=dice.choice("xyz"))
                )
                for one in made
            ]
            return name, lambda outbox: outbox.add(renamed)
        case "claim":
            worker, alerts = f"w{(now - NOON) // MINUTE}", dice.randrange(1, 4)
            return name, lambda outbox: sorted(
                claim(outbox, worker, now, alerts=alerts), key=lambda one: (one.lane.subscription, one.lane.channel)
            )
        case "settle" if batches:
            worker, batch = dice.choice(batches[-4:])
            fate = [dice.choice(["delivered", "delivered", "dead", "waits"]) for _ in batch.alerts]
            ends = {
                end: tuple(one.id for one, its in zip(batch.alerts, fate, strict=True) if its == end)
                for end in ("delivered", "dead")
            }
            error = dice.choice(["", "HTTP 500"])
            sent = [Sent(batch=batch, **ends, error=error, next_at=dice.choice([None, later]))]
            return name, lambda outbox: [outbox.settle(sent, worker=worker, now=now) for _ in range(2)]
        case "redeliver":
            asked_for: dict[str, Any] = dice.choice(
                [{"state": "dead"}, {"subscription": subscription}, {"since": NOON + 20 * timedelta(seconds=1)}]
            )
            return name, lambda outbox: [outbox.redeliver(**asked_for, now=now) for _ in range(2)]
        case _:
            return "readdress", lambda outbox: outbox.readdress(subscription, channels, due_at=later)
