"""The FeedRegistry port: the contract in `connectors.ports`, on every adapter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from connectors.elasticsearch import feeds as module
from connectors.elasticsearch import schema
from connectors.elasticsearch.bulk import Operation, Written, write
from connectors.elasticsearch.client import ElasticsearchSpec, open_client
from connectors.elasticsearch.feeds import ElasticFeeds
from connectors.feed_ports import FeedRegistry, Polled
from connectors.opening import Store
from tests.contract.together import at_once, twin
from tests.factories import NOON, make_feed
from transforms.habits import FeedHistory, PollNote
from transforms.records import Feed

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
LEASE = timedelta(minutes=10)
VALIDATORS = {"etag": '"7"', "last_modified": "Tue, 06 May 2025 08:00:00 GMT", "body_hash": "b7"}


@pytest.fixture
def feeds(store: Store) -> FeedRegistry:
    return store.feeds


def make_polled(feed: Feed | None = None, at: datetime = NOON, new: int = 0, **learned: Any) -> Polled:
    """A poll after which the feed has the values of `learned`."""
    taught = {"last_polled_at": at, "last_status": "ok", "next_poll_at": at + HOUR, **VALIDATORS, **learned}
    outcome = "new" if new else "known"
    return Polled(
        feed=feed or make_feed(),
        note=PollNote(at=at, outcome=outcome, entries=9, new=new, seconds=0.25),
        change=lambda stored: replace(stored, **taught),
    )


def polled(feeds: FeedRegistry, *names: str, at: datetime = NOON, new: int = 0, **learned: Any) -> None:
    feeds.polled([make_polled(make_feed(id=name), at, new, **learned) for name in names])


def one(feeds: FeedRegistry, name: str = "wire") -> Feed:
    return next(feed for feed in feeds.all() if feed.id == name)


def validators(feed: Feed) -> dict[str, str | None]:
    return {name: getattr(feed, name) for name in VALIDATORS}


NO_VALIDATORS = dict.fromkeys(VALIDATORS)


def claim(feeds: FeedRegistry, by: datetime = NOON) -> list[str]:
    return [feed.id for feed in feeds.claim(by=by, until=by + LEASE)]


# add, retire, all


def test_add(feeds: FeedRegistry) -> None:
    feed = make_feed(name="The Wire", language="en", origin="settings")
    assert feeds.add([feed]) == 1
    assert feeds.all() == [feed]


def test_adding_counts_the_new_ones(feeds: FeedRegistry) -> None:
    assert feeds.add([make_feed(id="a"), make_feed(id="b")]) == 2
    assert feeds.add([make_feed(id="b"), make_feed(id="c"), make_feed(id="c")]) == 1
    assert feeds.add([]) == 0


def test_all_by_id(feeds: FeedRegistry) -> None:
    feeds.add([make_feed(id=name) for name in ("c", "a", "b")])
    assert [feed.id for feed in feeds.all()] == ["a", "b", "c"]


def test_adding_again_changes_what_the_operator_says_and_keeps_what_polls_taught(feeds: FeedRegistry) -> None:
    feeds.add([make_feed(name="Wire", language="en")])
    polled(feeds, "wire")
    feeds.pause("wire", paused=True)
    before = one(feeds)
    assert feeds.add([make_feed(name="The Wire", language="fr", origin="settings")]) == 0
    assert one(feeds) == replace(before, name="The Wire", language="fr", origin="settings")
    assert validators(one(feeds)) == VALIDATORS


def test_a_name_that_a_poll_taught_is_not_taken_away(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    polled(feeds, "wire", name="The Wire")
    feeds.add([make_feed()])
    assert one(feeds).name == "The Wire"


def test_whatever_the_operator_says_is_kept(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    said = make_feed(interval=HOUR, headers=(("X-Key", "${KEY}"),), conditional=False, robots=False, follow_moves=False)
    feeds.add([said])
    assert one(feeds) == said
    feeds.add([make_feed()])
    assert one(feeds) == make_feed(), "what is no longer said holds no longer"


def test_a_changed_address_forgets_what_polls_taught_and_is_due_at_once(feeds: FeedRegistry) -> None:
    feeds.add([make_feed(name="Wire")])
    polled(feeds, "wire", pace=9 * HOUR, moved_to="https://moved.example/feed.xml", muted=True)
    feeds.add([make_feed(name="Wire", url="https://wire.example/other.xml")])
    assert one(feeds) == make_feed(name="Wire", url="https://wire.example/other.xml")
    assert claim(feeds) == ["wire"]


def test_adding_twice_has_one_effect(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    polled(feeds, "wire")
    once = feeds.all()
    feeds.add([make_feed()])
    assert feeds.all() == once


def test_retire(feeds: FeedRegistry) -> None:
    feeds.add([make_feed(id=name, origin="settings") for name in ("a", "b", "c")])
    feeds.add([make_feed(id="by-hand")])
    assert feeds.retire(origin="settings", keep=["b", "unknown"]) == 2
    assert [feed.id for feed in feeds.all()] == ["b", "by-hand"]
    assert feeds.retire(origin="settings", keep=iter(["b"])) == 0
    assert feeds.retire(origin="settings", keep=[]) == 1
    assert [feed.id for feed in feeds.all()] == ["by-hand"]
    assert feeds.retire(origin="command", keep=[]) == 1


def test_a_feed_that_changed_its_origin_is_retired_with_its_new_kind(feeds: FeedRegistry) -> None:
    feeds.add([make_feed(origin="command")])
    feeds.add([make_feed(origin="settings")])
    assert feeds.retire(origin="command", keep=[]) == 0
    assert feeds.retire(origin="settings", keep=[]) == 1


def test_a_retired_feed_that_comes_back_is_new(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    polled(feeds, "wire")
    feeds.retire(origin="command", keep=[])
    assert feeds.add([make_feed()]) == 1
    assert one(feeds) == make_feed()


# claim, next_due, pause


def test_a_feed_never_polled_is_due(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    assert feeds.claim(by=NOON, until=NOON + LEASE) == [make_feed()]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(timedelta(0), [], id="just polled"),
        pytest.param(HOUR - SECOND, [], id="early"),
        pytest.param(HOUR, ["wire"], id="on time"),
        pytest.param(9 * HOUR, ["wire"], id="late"),
    ],
)
def test_due_when_its_next_poll_is(feeds: FeedRegistry, after: timedelta, expected: list[str]) -> None:
    feeds.add([make_feed()])
    polled(feeds, "wire")
    assert claim(feeds, NOON + after) == expected


def test_longest_overdue_first(feeds: FeedRegistry) -> None:
    feeds.add([make_feed(id=name) for name in ("a", "b", "c", "late", "never")])
    for name, hours in (("a", 2), ("b", 0), ("c", 1), ("late", 9)):
        polled(feeds, name, at=NOON + hours * HOUR)
    assert claim(feeds, NOON + 9 * HOUR) == ["never", "b", "c", "a"]


def test_a_claimed_feed_is_nobody_else_s_until_its_lease_ends(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    polled(feeds, "wire")
    before = one(feeds)
    assert feeds.claim(by=NOON + HOUR, until=NOON + HOUR + LEASE) == [before]
    assert one(feeds) == replace(before, next_poll_at=NOON + HOUR + LEASE)
    assert claim(feeds, NOON + HOUR + LEASE - SECOND) == []
    assert claim(feeds, NOON + HOUR + LEASE) == ["wire"]
    assert claim(feeds, NOON + HOUR + LEASE) == []


def test_a_poll_ends_the_lease(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    (claimed,) = feeds.claim(by=NOON, until=NOON + 9 * HOUR)
    feeds.polled([make_polled(claimed, name="The Wire")])
    assert one(feeds).name == "The Wire"
    assert claim(feeds, NOON + HOUR - SECOND) == []
    assert claim(feeds, NOON + HOUR) == ["wire"]


def test_what_is_said_of_a_claimed_feed_counts(feeds: FeedRegistry) -> None:
    feeds.add([make_feed(id=name) for name in ("a", "b", "c")])
    assert claim(feeds) == ["a", "b", "c"]
    feeds.add([make_feed(id="a", name="A", language="fr", headers=(("X-Key", "é «k»"),))])
    feeds.pause("b", paused=True)
    feeds.add([make_feed(id="c", url="https://wire.example/other.xml")])
    assert claim(feeds) == ["c"], "its new address was not polled yet"
    assert (one(feeds, "a").name, one(feeds, "a").headers) == ("A", (("X-Key", "é «k»"),))
    assert claim(feeds, NOON + LEASE) == ["a", "c"]


def test_a_claim_keeps_all_that_is_known_of_a_feed(feeds: FeedRegistry) -> None:
    feed = make_feed(name='Añ «四» \\ "', interval=timedelta(minutes=7, microseconds=5), headers=(("X", "1"),))
    feeds.add([feed])
    polled(feeds, "wire", new=3, recent_seconds=1e-7, recent_news=0.1, pace=HOUR)
    before, history = one(feeds), feeds.history(["wire"])
    until = NOON + HOUR + timedelta(microseconds=123_456)
    assert feeds.claim(by=NOON + HOUR, until=until) == [before]
    assert one(feeds) == replace(before, next_poll_at=until)
    assert feeds.history(["wire"]) == history


def test_workers_that_claim_at_once_never_get_the_same_feed(store: Store, tmp_path: Path) -> None:
    names = [f"feed-{i:03}" for i in range(300)]
    store.feeds.add([make_feed(id=name, url=f"https://wire.example/{name}.xml") for name in names])
    polled(store.feeds, *names[:3], at=NOON - 2 * HOUR)
    with twin(store, tmp_path) as other:
        one, two = at_once(lambda: claim(store.feeds), lambda: claim(other.feeds))
    assert sorted([*one, *two]) == names


def test_many_feeds_are_claimed_at_once(feeds: FeedRegistry) -> None:
    names = [f"feed-{i:04}" for i in range(2_500)]
    feeds.add([make_feed(id=name, url=f"https://wire.example/{name}.xml") for name in names])
    assert claim(feeds) == names
    assert claim(feeds) == []


@pytest.mark.servers
@pytest.mark.parametrize("what", ["polled", "paused", "removed", "claimed"])
def test_a_feed_that_somebody_else_changes_meanwhile_is_theirs(
    shared_server: str, prefix: Callable[[], str], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    spec = ElasticsearchSpec(urls=(shared_server,), prefix=prefix(), patience_s=0)
    with open_client(spec) as client:
        name = schema.single(spec.prefix, "feeds")
        client.indices.create(index=name, **schema.index_templates(spec.prefix, lifecycle=False)[name]["template"])
        feeds, other = ElasticFeeds(client, spec.prefix), ElasticFeeds(client, spec.prefix)
        feeds.add([make_feed(id="a"), make_feed(id="b")])

        def after_them(client: Elasticsearch, operations: list[Operation]) -> list[Written]:
            monkeypatch.undo()
            match what:
                case "polled":
                    polled(other, "a")
                case "paused":
                    other.pause("a", paused=True)
                case "removed":
                    other.remove("a")
                case _:
                    assert other.claim(by=NOON, until=NOON + HOUR) == [make_feed(id="a"), make_feed(id="b")]
            return write(client, operations)

        monkeypatch.setattr(module, "write", after_them)
        assert claim(feeds) == ([] if what == "claimed" else ["b"])
        until = {"polled": NOON + HOUR, "claimed": NOON + HOUR, "paused": None}
        assert [feed.next_poll_at for feed in feeds.all() if feed.id == "a"] == ([until[what]] if what in until else [])


ALWAYS = datetime.min.replace(tzinfo=UTC)


def next_due(feeds: FeedRegistry) -> datetime | None:
    """As it is once it no longer lags: `all` sees what was written."""
    feeds.all()
    return feeds.next_due()


def test_when_the_next_poll_is_due(feeds: FeedRegistry) -> None:
    assert next_due(feeds) is None
    feeds.add([make_feed(id="a"), make_feed(id="b")])
    polled(feeds, "a")
    assert next_due(feeds) == ALWAYS, "never polled"
    polled(feeds, "b", at=NOON + SECOND / 8)
    assert next_due(feeds) == NOON + HOUR
    feeds.pause("a", paused=True)
    assert next_due(feeds) == NOON + SECOND / 8 + HOUR
    claim(feeds, NOON + 2 * HOUR)
    assert next_due(feeds) == NOON + 2 * HOUR + LEASE
    feeds.pause("b", paused=True)
    assert next_due(feeds) is None
    feeds.pause("a", paused=False)
    assert next_due(feeds) == ALWAYS, "resumed"


def test_paused_feeds_are_never_due(feeds: FeedRegistry) -> None:
    feeds.add([make_feed(id="a"), make_feed(id="b")])
    assert feeds.pause("a", paused=True) is True
    assert claim(feeds, NOON + 999 * HOUR) == ["b"]
    assert [feed.paused for feed in feeds.all()] == [True, False]
    assert feeds.pause("a", paused=True) is True
    assert feeds.pause("a", paused=False) is True
    assert claim(feeds) == ["a"]


def test_pausing_an_unknown_feed(feeds: FeedRegistry) -> None:
    assert feeds.pause("nobody", paused=True) is False
    assert feeds.all() == []


def test_a_paused_feed_stays_paused_through_a_poll(feeds: FeedRegistry) -> None:
    """Paused while its last poll was under way."""
    feeds.add([make_feed()])
    feeds.pause("wire", paused=True)
    polled(feeds, "wire")
    assert one(feeds).paused is True


# polled, history


def test_a_poll_changes_the_feed(feeds: FeedRegistry) -> None:
    feeds.add([make_feed(id="a"), make_feed(id="b")])
    polled(feeds, "a", name="The Wire", pace=2 * HOUR)
    learned = {"last_polled_at": NOON, "last_status": "ok", "next_poll_at": NOON + HOUR, **VALIDATORS}
    assert one(feeds, "a") == make_feed(id="a", name="The Wire", pace=2 * HOUR, **learned)
    assert one(feeds, "b") == make_feed(id="b")


def test_the_change_is_made_to_the_feed_as_it_is_now(feeds: FeedRegistry) -> None:
    """An operator's change during a poll is kept; the poll carries the feed as it was when the poll began."""
    asked = make_feed(name="Old name", language="en")
    feeds.add([asked])
    feeds.add([replace(asked, name="New name", language="fr")])
    feeds.pause("wire", paused=True)
    feeds.polled([make_polled(asked)])
    found = one(feeds)
    assert (found.name, found.language, found.paused) == ("New name", "fr", True)
    assert validators(found) == VALIDATORS


def test_a_poll_that_is_told_twice_counts_once(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    poll = replace(make_polled(new=3), change=lambda feed: replace(feed, failures=feed.failures + 1))
    feeds.polled([poll])
    once = feeds.all(), feeds.history(["wire"])
    feeds.polled([poll])
    assert (feeds.all(), feeds.history(["wire"])) == once
    assert one(feeds).failures == 1


def test_a_feed_retired_while_it_was_polled_stays_away(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    feeds.retire(origin="command", keep=[])
    polled(feeds, "wire")
    assert feeds.all() == []
    assert feeds.history(["wire"])["wire"] == FeedHistory()


def test_what_polling_another_address_taught_is_not_kept(feeds: FeedRegistry) -> None:
    """Validators of the old address would hide the new one's entries."""
    asked = make_feed()
    feeds.add([asked])
    feeds.add([replace(asked, url="https://wire.example/other.xml")])
    feeds.polled([make_polled(asked)])
    assert one(feeds) == make_feed(url="https://wire.example/other.xml")
    assert claim(feeds) == ["wire"], "the new address was not polled yet"


def test_a_feed_that_has_moved_is_polled_at_its_new_address(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    polled(feeds, "wire", moved_to="https://moved.example/feed.xml")
    feeds.polled([make_polled(make_feed(), NOON + HOUR, etag="of the old address")])
    assert one(feeds).etag == VALIDATORS["etag"]
    feeds.polled([make_polled(one(feeds), NOON + HOUR, etag="of the new address")])
    assert one(feeds).etag == "of the new address"


def test_resuming_makes_due_and_trusts_again(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    polled(feeds, "wire", failures=7, failure_weight=3.5, muted=True, distrusted=True)
    assert claim(feeds) == []
    assert feeds.pause("wire", paused=False) is True
    found = one(feeds)
    assert (found.failures, found.failure_weight, found.muted, found.distrusted) == (0, 0.0, False, False)
    assert claim(feeds) == ["wire"]


def test_history(feeds: FeedRegistry) -> None:
    feeds.add([make_feed(id="a"), make_feed(id="b")])
    polled(feeds, "a", new=2)
    failure = PollNote(at=NOON + HOUR, outcome="timeout", reason="no complete answer within 3 s")
    feeds.polled([Polled(feed=make_feed(id="a"), note=failure, change=lambda feed: feed)])
    polled(feeds, "a", at=NOON + 20 * HOUR, new=5)
    polled(feeds, "a", at=NOON + 21 * HOUR, new=1)
    found = feeds.history(["a", "b", "nobody"])
    assert found["a"].polls == (
        PollNote(at=NOON, outcome="new", entries=9, new=2, seconds=0.25),
        failure,
        PollNote(at=NOON + 20 * HOUR, outcome="new", entries=9, new=5, seconds=0.25),
        PollNote(at=NOON + 21 * HOUR, outcome="new", entries=9, new=1, seconds=0.25),
    )
    assert found["a"].days == ((NOON.date(), 2), ((NOON + 20 * HOUR).date(), 6))
    assert found["b"] == found["nobody"] == FeedHistory()


def test_the_last_thirty_polls_and_five_weeks_are_kept(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    for day in range(50):
        polled(feeds, "wire", at=NOON + day * 24 * HOUR, new=1)
    found = feeds.history(["wire"])["wire"]
    assert [note.at for note in found.polls] == [NOON + day * 24 * HOUR for day in range(20, 50)]
    assert len(found.days) == 36
    assert found.days[-1] == ((NOON + 49 * 24 * HOUR).date(), 1)


def test_a_feed_that_is_removed_leaves_no_history(feeds: FeedRegistry) -> None:
    feeds.add([make_feed(id="a"), make_feed(id="b")])
    polled(feeds, "a", "b", new=1)
    assert feeds.remove("a") is True
    assert feeds.remove("a") is False
    assert [feed.id for feed in feeds.all()] == ["b"]
    assert feeds.history(["a"])["a"] == FeedHistory()
    assert feeds.history(["b"])["b"] != FeedHistory()
