"""The FeedRegistry port: the contract in `connectors.ports`, on every adapter."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.opening import Store
from connectors.ports import FeedRegistry
from tests.factories import NOON, make_entry, make_feed
from transforms.records import Feed, Poll
from transforms.schedule import GRACE

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
VALIDATORS = {"etag": '"7"', "last_modified": "Tue, 06 May 2025 08:00:00 GMT", "body_hash": "b7"}


@pytest.fixture
def feeds(store: Store) -> FeedRegistry:
    return store.feeds


def make_poll(feed: Feed | None = None, **overrides: Any) -> Poll:
    return Poll(**{"feed": feed or make_feed(), "polled_at": NOON, "status": "ok", **VALIDATORS, **overrides})


def polled(feeds: FeedRegistry, *names: str, at: datetime = NOON, **overrides: Any) -> None:
    feeds.polled([make_poll(make_feed(id=name), polled_at=at, **overrides) for name in names], interval=HOUR)


def one(feeds: FeedRegistry, name: str = "wire") -> Feed:
    return next(feed for feed in feeds.all() if feed.id == name)


def validators(feed: Feed) -> dict[str, str | None]:
    return {name: getattr(feed, name) for name in VALIDATORS}


NO_VALIDATORS = dict.fromkeys(VALIDATORS)


def due(feeds: FeedRegistry, at: datetime = NOON) -> list[str]:
    return [feed.id for feed in feeds.due(at)]


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
    polled(feeds, "wire", title="The Wire")
    feeds.add([make_feed()])
    assert one(feeds).name == "The Wire"


def test_a_changed_address_forgets_validators_and_is_due_at_once(feeds: FeedRegistry) -> None:
    feeds.add([make_feed(name="Wire")])
    polled(feeds, "wire")
    feeds.add([make_feed(name="Wire", url="https://wire.example/other.xml")])
    assert one(feeds).url == "https://wire.example/other.xml"
    assert validators(one(feeds)) == NO_VALIDATORS
    assert due(feeds) == ["wire"]


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


# due, pause


def test_a_feed_never_polled_is_due(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    assert feeds.due(NOON) == [make_feed()]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(timedelta(0), [], id="just polled"),
        pytest.param(HOUR - GRACE - SECOND, [], id="before the grace"),
        pytest.param(HOUR - GRACE, ["wire"], id="a cron job that starts a little early"),
        pytest.param(HOUR, ["wire"], id="on time"),
        pytest.param(9 * HOUR, ["wire"], id="late"),
    ],
)
def test_due_after_the_interval(feeds: FeedRegistry, after: timedelta, expected: list[str]) -> None:
    feeds.add([make_feed()])
    polled(feeds, "wire")
    assert due(feeds, NOON + after) == expected


def test_longest_overdue_first(feeds: FeedRegistry) -> None:
    feeds.add([make_feed(id=name) for name in ("a", "b", "c", "never")])
    for name, hours in (("a", 2), ("b", 0), ("c", 1)):
        polled(feeds, name, at=NOON + hours * HOUR)
    assert due(feeds, NOON + 9 * HOUR) == ["never", "b", "c", "a"]
    assert due(feeds, NOON + 2 * HOUR) == ["never", "b", "c"]


def test_paused_feeds_are_never_due(feeds: FeedRegistry) -> None:
    feeds.add([make_feed(id="a"), make_feed(id="b")])
    assert feeds.pause("a", paused=True) is True
    assert due(feeds, NOON + 999 * HOUR) == ["b"]
    assert [feed.paused for feed in feeds.all()] == [True, False]
    assert feeds.pause("a", paused=True) is True
    assert feeds.pause("a", paused=False) is True
    assert due(feeds) == ["a", "b"]


def test_pausing_an_unknown_feed(feeds: FeedRegistry) -> None:
    assert feeds.pause("nobody", paused=True) is False
    assert feeds.all() == []


def test_a_paused_feed_stays_paused_through_a_poll(feeds: FeedRegistry) -> None:
    """Paused while its last poll was under way."""
    feeds.add([make_feed()])
    feeds.pause("wire", paused=True)
    polled(feeds, "wire")
    feeds.failed([("wire", "HTTP 502")], at=NOON, interval=HOUR)
    assert one(feeds).paused is True


# polled, failed


def test_polled(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    feeds.polled([make_poll(title="The Wire", entries=(make_entry(),))], interval=HOUR)
    assert one(feeds) == make_feed(
        name="The Wire", last_polled_at=NOON, last_status="ok", next_poll_at=NOON + HOUR, **VALIDATORS
    )


def test_the_operator_s_name_is_not_overwritten(feeds: FeedRegistry) -> None:
    feeds.add([make_feed(name="Wire, as we call it")])
    polled(feeds, "wire", title="The Wire")
    assert one(feeds).name == "Wire, as we call it"


def test_an_unchanged_answer_is_a_poll(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    polled(feeds, "wire")
    polled(feeds, "wire", at=NOON + HOUR, status="unchanged")
    assert (one(feeds).last_status, one(feeds).next_poll_at) == ("unchanged", NOON + 2 * HOUR)
    assert validators(one(feeds)) == VALIDATORS


def test_an_incomplete_answer_drops_the_validators(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    polled(feeds, "wire")
    polled(feeds, "wire", complete=False)
    assert validators(one(feeds)) == NO_VALIDATORS
    assert one(feeds).last_status == "ok"
    assert one(feeds).last_error
    polled(feeds, "wire")
    assert validators(one(feeds)) == VALIDATORS
    assert one(feeds).last_error == ""


def test_validators_that_a_server_no_longer_sends_are_not_kept(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    polled(feeds, "wire")
    polled(feeds, "wire", etag=None)
    assert (one(feeds).etag, one(feeds).last_modified) == (None, VALIDATORS["last_modified"])


def test_a_failure_keeps_the_validators(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    polled(feeds, "wire")
    feeds.failed([("wire", "HTTP 502")], at=NOON + HOUR, interval=HOUR)
    found = one(feeds)
    assert validators(found) == VALIDATORS
    assert (found.last_status, found.last_error, found.failures) == ("failed", "HTTP 502", 1)
    assert found.last_polled_at == NOON + HOUR


def test_failures_in_a_row_make_the_gap_longer_up_to_a_day(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    gaps = []
    for count in range(1, 40):
        feeds.failed([("wire", "HTTP 502")], at=NOON, interval=HOUR)
        assert one(feeds).failures == count
        gaps.append((one(feeds).next_poll_at or NOON) - NOON)
    assert gaps == sorted(gaps)
    assert gaps[0] == 2 * HOUR
    assert gaps[-1] == timedelta(days=1)


def test_an_answer_ends_failures(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    feeds.failed([("wire", "HTTP 502")], at=NOON, interval=HOUR)
    feeds.failed([("wire", "HTTP 502")], at=NOON, interval=HOUR)
    polled(feeds, "wire")
    found = one(feeds)
    assert (found.failures, found.last_error, found.next_poll_at) == (0, "", NOON + HOUR)


def test_polling_twice_has_one_effect(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    polled(feeds, "wire")
    once = feeds.all()
    polled(feeds, "wire")
    assert feeds.all() == once


def test_many_at_once_each_for_itself(feeds: FeedRegistry) -> None:
    feeds.add([make_feed(id=name) for name in ("a", "b", "c", "d")])
    feeds.polled([make_poll(make_feed(id="a")), make_poll(make_feed(id="b"), etag='"b"')], interval=HOUR)
    feeds.failed([("c", "HTTP 500"), ("d", "HTTP 404")], at=NOON, interval=HOUR)
    assert [feed.last_status for feed in feeds.all()] == ["ok", "ok", "failed", "failed"]
    assert [feed.etag for feed in feeds.all()] == ['"7"', '"b"', None, None]
    assert [feed.last_error for feed in feeds.all()] == ["", "", "HTTP 500", "HTTP 404"]


def test_a_feed_retired_while_it_was_polled_stays_away(feeds: FeedRegistry) -> None:
    feeds.add([make_feed()])
    feeds.retire(origin="command", keep=[])
    polled(feeds, "wire")
    feeds.failed([("wire", "HTTP 502")], at=NOON, interval=HOUR)
    assert feeds.all() == []


def test_an_operator_s_change_during_a_poll_is_kept(feeds: FeedRegistry) -> None:
    """The poll carries the feed as it was when the poll began."""
    asked = make_feed(name="Old name", language="en")
    feeds.add([asked])
    feeds.add([replace(asked, name="New name", language="fr")])
    feeds.polled([make_poll(asked)], interval=HOUR)
    assert (one(feeds).name, one(feeds).language) == ("New name", "fr")


def test_validators_of_an_address_that_was_changed_during_the_poll_are_not_kept(feeds: FeedRegistry) -> None:
    """They belong to the old address; with the new one they would hide its entries."""
    asked = make_feed()
    feeds.add([asked])
    feeds.add([replace(asked, url="https://wire.example/other.xml")])
    feeds.polled([make_poll(asked)], interval=HOUR)
    assert validators(one(feeds)) == NO_VALIDATORS
    assert due(feeds) == ["wire"], "the new address was not polled yet"
