"""When a feed is polled next, and what a poll teaches: tables, since nobody sleeps here."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import FEED_URL, NOON, make_entry, make_feed
from transforms.errors import KINDS
from transforms.habits import Hints
from transforms.records import Feed, Poll
from transforms.schedule import (
    CHECKS,
    FULL_EVERY,
    JITTER,
    LONGEST_GAP,
    LONGEST_GAP_OF_LOST,
    LONGEST_HINT,
    LONGEST_SKIP,
    LONGEST_WISH,
    MOVES,
    SPREAD_OF_LIMITED,
    WEIGHTS,
    Bounds,
    after_failure,
    after_poll,
    as_said_now,
    asks_conditionally,
    next_check,
    outside_of_skipped,
    resumed,
)

BOUNDS = Bounds()
#: A jitter that changes nothing.
EVEN = 0.5
NEW_ADDRESS = "https://new.example/feed.xml"


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def habitual(**overrides: Any) -> Feed:
    """A feed that has brought something every hour for long, last polled at noon."""
    habits = {
        "last_polled_at": NOON,
        "last_status": "ok",
        "last_new_at": NOON,
        "last_full_at": NOON,
        "pace": minutes(42),
        "recent_news": 14.0,
        "recent_seconds": 14 * 3600.0,
    }
    return make_feed(**{**habits, **overrides})


def polled(
    feed: Feed, *, at: datetime = NOON, new: int = 0, jitter: float = EVEN, bounds: Bounds = BOUNDS, **poll: Any
) -> Feed:
    """The feed after an answer with 20 items."""
    answer = {"status": "ok", "entries": (make_entry(),) * 20, **poll}
    return after_poll(feed, Poll(feed=feed, polled_at=at, **answer), new=new, bounds=bounds, jitter=jitter)


def failed(feed: Feed, kind: str = "timeout", *, at: datetime = NOON, jitter: float = EVEN, **more: Any) -> Feed:
    return after_failure(feed, kind=kind, reason="why", at=at, bounds=BOUNDS, jitter=jitter, **more)


def gap(feed: Feed) -> timedelta:
    """From the poll at noon to the next."""
    assert feed.next_poll_at is not None
    return feed.next_poll_at - NOON


# When it is due, and how it is asked


@pytest.mark.parametrize(
    ("feed", "asks"),
    [
        pytest.param({"last_full_at": NOON - hours(1)}, True, id="the usual case"),
        pytest.param({}, False, id="never answered in full"),
        pytest.param({"last_full_at": NOON - FULL_EVERY}, False, id="once a day in full, since some servers lie"),
        pytest.param({"last_full_at": NOON - FULL_EVERY + timedelta(seconds=1)}, True, id="not before"),
        pytest.param({"last_full_at": NOON, "distrusted": True}, False, id="distrusted"),
        pytest.param({"last_full_at": NOON, "conditional": False}, False, id="switched off by the operator"),
    ],
)
def test_asks_conditionally(feed: dict[str, Any], asks: bool) -> None:
    assert asks_conditionally(make_feed(**feed), NOON) is asks


# The pace


def test_a_first_answer_says_nothing_of_habits() -> None:
    feed = polled(make_feed(), new=20)
    assert (feed.pace, gap(feed), feed.recent_news) == (BOUNDS.interval, BOUNDS.interval, 0.0)


@pytest.mark.parametrize(
    ("new", "low", "high"),
    [
        pytest.param([1, 1, 0, 1, 1, 0, 1], 35, 50, id="an item an hour: somewhat more often than that"),
        pytest.param([0] * 60, 24 * 60, 24 * 60, id="nothing for days: the ceiling"),
        pytest.param([3] * 5, 10, 28, id="more than polled for: sooner at once"),
        pytest.param([9] * 40, 10, 10, id="a flood: the floor"),
    ],
)
def test_the_pace_follows_the_news(new: list[int], low: float, high: float) -> None:
    bounds, feed, at = Bounds(longest=hours(24)), habitual(), NOON
    for count in new:
        at += feed.pace or BOUNDS.interval
        feed = polled(feed, at=at, new=count, bounds=bounds)
    assert feed.pace is not None
    assert minutes(low) <= feed.pace <= minutes(high)


def test_a_quiet_night_is_no_habit() -> None:
    feed = polled(habitual(), at=NOON + timedelta(days=3))
    assert feed.pace is not None
    assert feed.pace <= 1.5 * minutes(42)


def test_many_at_once_are_one_occasion() -> None:
    three, thirty = (polled(habitual(), at=NOON + minutes(42), new=new).pace for new in (3, 13))
    assert three == thirty


@pytest.mark.parametrize(("new", "most"), [(13, hours(18)), (14, hours(6))])
def test_an_answer_that_may_have_overflowed_is_soon_asked_for_again(new: int, most: timedelta) -> None:
    slow = habitual(pace=hours(12), recent_news=1.0, recent_seconds=40 * 86_400.0)
    feed = polled(slow, at=NOON + hours(12), new=new, bounds=Bounds(longest=hours(24)))
    assert feed.pace is not None
    assert hours(5) < feed.pace <= most
    assert (feed.pace == hours(6)) is (new == 14)


@pytest.mark.parametrize("early", [1, 60, 600])
def test_an_early_poll_slows_no_feed_down(early: int) -> None:
    """Not beyond what those seconds without news say: a percent or so."""
    feed = polled(habitual(), at=NOON + timedelta(seconds=early), status="unchanged", entries=())
    assert feed.pace is not None
    assert feed.pace <= minutes(42) * 1.02


@pytest.mark.parametrize("new", [0, 1, 2, 3, 20])
@pytest.mark.parametrize("late", [3, 24, 24 * 30])
def test_a_late_poll_speeds_no_feed_up(late: int, new: int) -> None:
    feed = polled(habitual(), at=NOON + hours(late), new=new)
    assert feed.pace is not None
    assert feed.pace >= minutes(42) * 0.9


def test_a_late_poll_makes_no_feed_slow_for_days() -> None:
    """Ten days without us: as much time is counted as news."""
    feed = polled(habitual(), at=NOON + timedelta(days=10), new=20)
    assert feed.pace is not None
    assert feed.pace <= minutes(42) * 1.1


def test_what_came_while_a_feed_failed_makes_it_no_faster() -> None:
    down = habitual(failures=3, failure_weight=1.5, last_polled_at=NOON)
    feed = polled(down, at=NOON + minutes(1), new=20)
    assert feed.pace is not None
    assert feed.pace >= minutes(30)


def test_a_failure_makes_no_feed_come_round_sooner_than_its_wishes() -> None:
    assert gap(failed(make_feed(hints=Hints(ttl=hours(1))))) == hours(1.5)
    assert gap(failed(make_feed(hints=Hints(skip_hours=frozenset({12, 13}))))) == hours(2)


def test_hours_and_days_to_skip_are_capped() -> None:
    hints = Hints(skip_days=frozenset({1, 2, 3, 4, 5, 6}))
    assert NOON + LONGEST_SKIP <= outside_of_skipped(NOON, hints) < NOON + LONGEST_SKIP + hours(1)


def test_a_pinned_interval_is_all_that_counts() -> None:
    pinned = habitual(interval=hours(5), hints=Hints(ttl=hours(9)))
    assert gap(polled(pinned, new=20, hints=Hints(ttl=hours(9)), fresh_for=hours(9))) == hours(5)
    assert gap(polled(make_feed(interval=minutes(1)))) == minutes(1)


@pytest.mark.parametrize(
    ("bounds", "pace"),
    [
        pytest.param(Bounds(shortest=minutes(20), interval=minutes(30)), 30, id="first the interval"),
        pytest.param(Bounds(shortest=minutes(20), interval=minutes(5)), 5, id="which may be below the floor"),
    ],
)
def test_the_operators_bounds(bounds: Bounds, pace: float) -> None:
    assert polled(make_feed(), bounds=bounds).pace == minutes(pace)


# Wishes


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        pytest.param({}, 15, id="none"),
        pytest.param({"hints": Hints(ttl=minutes(30))}, 30, id="ttl"),
        pytest.param({"hints": Hints(period=minutes(40))}, 40, id="sy:updatePeriod"),
        pytest.param({"fresh_for": minutes(50)}, 50, id="Cache-Control or Expires"),
        pytest.param(
            {"hints": Hints(ttl=minutes(20), period=minutes(25)), "fresh_for": minutes(5)}, 25, id="the longest"
        ),
        pytest.param({"hints": Hints(ttl=minutes(1)), "fresh_for": timedelta(0)}, 15, id="never sooner"),
        pytest.param({"hints": Hints(ttl=timedelta(days=7))}, 60, id="a week is not believed"),
        pytest.param({"fresh_for": timedelta(days=365)}, 60, id="nor a year"),
    ],
)
def test_wishes_make_polls_rarer_up_to_an_hour(wishes: dict[str, Any], expected: float) -> None:
    assert gap(polled(make_feed(), **wishes)) == minutes(expected)
    assert hours(1) == LONGEST_HINT


def test_an_unchanged_feed_keeps_its_wishes() -> None:
    """A 304 carries no feed to read them from."""
    feed = polled(make_feed(), hints=Hints(ttl=minutes(45)), item_rule="link+date")
    feed = polled(feed, status="unchanged", entries=())
    assert (feed.hints.ttl, feed.item_rule) == (minutes(45), "link+date")
    assert polled(feed).hints == Hints()


@pytest.mark.parametrize(
    ("hours_skipped", "days_skipped", "moment", "expected"),
    [
        pytest.param([], [], "2026-11-18 12:34", "2026-11-18 12:34", id="nothing"),
        pytest.param([12], [], "2026-11-18 12:34", "2026-11-18 13:00", id="the next full hour"),
        pytest.param([12, 13, 14], [], "2026-11-18 12:34", "2026-11-18 15:00", id="several"),
        pytest.param([3], [], "2026-11-18 12:34", "2026-11-18 12:34", id="another hour"),
        pytest.param([22, 23, 0, 1], [], "2026-11-18 22:10", "2026-11-19 02:00", id="over midnight"),
        pytest.param([], [5, 6], "2026-11-21 09:30", "2026-11-23 00:00", id="a weekend"),
        pytest.param([0, 1, 2], [5, 6], "2026-11-21 09:30", "2026-11-23 03:00", id="and the night after"),
        pytest.param(
            [h for h in range(24) if h != 7], [], "2026-11-18 07:59", "2026-11-18 07:59", id="one hour is left"
        ),
        pytest.param([h for h in range(24) if h != 7], [], "2026-11-18 08:00", "2026-11-19 07:00", id="the next day's"),
        pytest.param(range(24), [], "2026-11-18 12:34", "2026-11-18 12:34", id="all hours: not believed"),
        pytest.param([], range(7), "2026-11-18 12:34", "2026-11-18 12:34", id="all days: not believed"),
        pytest.param([12], range(7), "2026-11-18 12:34", "2026-11-18 12:34", id="nor its hours then"),
    ],
)
def test_outside_of_skipped(hours_skipped: list[int], days_skipped: list[int], moment: str, expected: str) -> None:
    hints = Hints(skip_hours=frozenset(hours_skipped), skip_days=frozenset(days_skipped))
    at, then = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (moment, expected))
    assert outside_of_skipped(at, hints) == then


def test_a_poll_is_planned_outside_of_skipped_hours() -> None:
    assert gap(polled(make_feed(), hints=Hints(skip_hours=frozenset({12, 13})))) == hours(2)


# What an answer changes


def test_an_answer_ends_all_failures() -> None:
    bad = habitual(failures=9, failure_weight=4.5, muted=True, last_status="failed", last_error="no")
    well = polled(bad, at=NOON + hours(5), etag='"2"', last_modified="Wed", body_hash="h", title="Wire", new=1)
    assert (well.failures, well.failure_weight, well.muted, well.last_status, well.last_error) == (
        0,
        0.0,
        False,
        "ok",
        "",
    )
    assert (well.etag, well.last_modified, well.body_hash, well.name) == ('"2"', "Wed", "h", "Wire")
    assert (well.last_polled_at, well.last_new_at, well.last_full_at) == (NOON + hours(5),) * 3


def test_the_absence_of_validators_is_stored_too() -> None:
    feed = polled(habitual(etag='"1"', last_modified="Tue", body_hash="h", name="Ours"), title="Theirs")
    assert (feed.etag, feed.last_modified, feed.body_hash, feed.name) == (None, None, None, "Ours")


def test_an_answer_that_broke_off_is_not_taken_for_the_whole() -> None:
    feed = polled(habitual(), at=NOON + hours(1), complete=False, etag='"2"', last_modified="Wed", body_hash="h", new=1)
    assert (feed.etag, feed.last_modified, feed.body_hash) == (None, None, None)
    assert (feed.last_full_at, feed.failures) == (NOON, 0)
    assert "broke off" in feed.last_error


def test_only_an_answer_in_full_counts_as_one() -> None:
    assert polled(habitual(), at=NOON + hours(1), full=False).last_full_at == NOON
    assert polled(habitual(), at=NOON + hours(1), full=True).last_full_at == NOON + hours(1)


@pytest.mark.parametrize(
    ("before", "answer", "new", "distrusted"),
    [
        pytest.param({"etag": '"1"'}, {"etag": '"1"'}, 1, True, id="news under the same ETag"),
        pytest.param({"etag": '"1"'}, {"etag": '"1"'}, 0, False, id="no news"),
        pytest.param({"etag": '"1"'}, {"etag": '"2"'}, 1, False, id="news under another"),
        pytest.param({"etag": '"1"'}, {}, 1, False, id="no ETag any more"),
        pytest.param({"last_modified": "Tue"}, {"last_modified": "Tue"}, 1, True, id="news under the same date"),
        pytest.param({"last_modified": "Tue"}, {"last_modified": "Wed"}, 1, False, id="news under another date"),
        pytest.param(
            {"etag": '"1"', "last_modified": "Tue"}, {"etag": '"2"', "last_modified": "Tue"}, 1, False, id="ETag counts"
        ),
        pytest.param({}, {}, 1, False, id="no validators at all"),
        pytest.param({"etag": '"1"'}, {"etag": '"1"', "complete": False}, 1, False, id="an answer that broke off"),
        pytest.param({"etag": '"1"'}, {"etag": '"1"', "status": "unchanged"}, 0, False, id="unchanged"),
        pytest.param({"distrusted": True}, {"etag": '"2"'}, 1, True, id="until the operator says so"),
    ],
)
def test_validators_that_hide_news_are_distrusted(
    before: dict[str, Any], answer: dict[str, Any], new: int, distrusted: bool
) -> None:
    assert polled(habitual(**before), new=new, **answer).distrusted is distrusted


# Moves


@pytest.mark.parametrize(
    ("targets", "address"),
    [
        pytest.param([NEW_ADDRESS] * (MOVES - 1), FEED_URL, id="not yet"),
        pytest.param([NEW_ADDRESS] * MOVES, NEW_ADDRESS, id="the third time"),
        pytest.param([NEW_ADDRESS, NEW_ADDRESS, ""], FEED_URL, id="not any more"),
        pytest.param([NEW_ADDRESS, NEW_ADDRESS, "", NEW_ADDRESS], FEED_URL, id="in a row"),
        pytest.param([NEW_ADDRESS, NEW_ADDRESS, "https://other.example/", NEW_ADDRESS], FEED_URL, id="to one place"),
        pytest.param([FEED_URL] * 9, FEED_URL, id="to itself"),
    ],
)
def test_a_move_is_believed_at_the_third_poll_in_a_row(targets: list[str], address: str) -> None:
    feed = habitual()
    for target in targets:
        feed = polled(feed, moved_to=target)
    assert feed.address == address


def test_a_move_counts_from_the_new_address_on() -> None:
    feed = habitual(moving_to=NEW_ADDRESS, moves=MOVES - 1)
    feed = polled(feed, moved_to=NEW_ADDRESS)
    assert (feed.moved_to, feed.moving_to, feed.moves, feed.url) == (NEW_ADDRESS, "", 0, FEED_URL)
    assert polled(feed, moved_to=NEW_ADDRESS).moves == 0


def test_moves_are_not_followed_where_the_operator_says_so() -> None:
    feed = habitual(follow_moves=False)
    for _ in range(MOVES):
        feed = polled(feed, moved_to=NEW_ADDRESS)
    assert (feed.address, feed.moves) == (FEED_URL, 0)


def test_a_failure_ends_the_row_and_three_lead_back_to_the_old_address() -> None:
    assert failed(habitual(moving_to=NEW_ADDRESS, moves=2)).moves == 0
    feed = habitual(moved_to=NEW_ADDRESS)
    addresses = []
    for _ in range(MOVES):
        feed = failed(feed)
        addresses.append(feed.address)
    assert addresses == [NEW_ADDRESS] * (MOVES - 1) + [FEED_URL]


# Failures


@pytest.mark.parametrize(
    ("interval", "weight", "after"),
    [
        pytest.param(minutes(15), 0.0, minutes(22.5), id="one soft failure"),
        pytest.param(minutes(15), 0.5, minutes(30), id="two double it"),
        pytest.param(minutes(15), 2.5, hours(1), id="linear, not exponential"),
        pytest.param(hours(2), 20.0, hours(24), id="a day at last"),
        pytest.param(hours(2), 29.5, hours(24), id="never more than a day"),
        pytest.param(hours(2), 30.0, hours(63), id="until it is lost"),
        pytest.param(hours(2), 10_000.0, timedelta(days=30), id="once a month for ever"),
        pytest.param(timedelta(days=2), 0.0, timedelta(days=2), id="the operator may ask for more"),
        pytest.param(timedelta(days=2), 5.0, timedelta(days=2), id="and failures then add nothing"),
        pytest.param(timedelta(days=60), 99.0, timedelta(days=60), id="nor a lost one"),
    ],
)
def test_failures_make_polls_rarer(interval: timedelta, weight: float, after: timedelta) -> None:
    feed = failed(make_feed(interval=interval, failure_weight=weight))
    assert gap(feed) == after
    assert (feed.failures, feed.last_status, feed.last_error) == (1, "failed", "why")


@pytest.mark.parametrize(
    ("kind", "weight"),
    [
        ("denied", 1.0),
        ("robots", 1.0),
        ("forbidden", 1.0),
        ("not-found", 0.5),
        ("timeout", 0.5),
        ("dns", 0.5),
        ("not-a-feed", 0.5),
        ("server-error", 0.5),
        ("rate-limited", 0.5),
        ("busy", 0.25),
        ("dropped", 0.25),
        ("a kind of tomorrow", 0.5),
    ],
)
def test_failures_weigh(kind: str, weight: float) -> None:
    feed = failed(failed(make_feed(), kind), kind)
    assert (feed.failures, feed.failure_weight) == (2, 2 * weight)


def test_only_known_kinds_have_weights() -> None:
    assert set(WEIGHTS) <= set(KINDS)


def test_a_failure_keeps_what_is_known() -> None:
    feed = habitual(etag='"1"', last_modified="Tue", body_hash="h", distrusted=True, item_rule="link+date")
    after = failed(feed, at=NOON + hours(1))
    kept = (
        "etag",
        "last_modified",
        "body_hash",
        "pace",
        "recent_news",
        "hints",
        "distrusted",
        "item_rule",
        "last_new_at",
    )
    assert [getattr(after, name) for name in kept] == [getattr(feed, name) for name in kept]
    assert after.last_full_at == NOON


def test_a_feed_that_is_gone_is_muted_until_it_answers() -> None:
    gone = failed(habitual(), "gone")
    assert (gone.muted, gap(gone)) == (True, LONGEST_GAP_OF_LOST)
    again = failed(gone, "timeout")
    assert (again.muted, gap(again)) == (True, LONGEST_GAP_OF_LOST)
    assert not polled(again).muted


def test_a_server_that_limits_is_left_alone_for_longer_and_its_feeds_are_spread() -> None:
    plain, first, last = failed(make_feed()), failed(make_feed(), "rate-limited", jitter=0.0), None
    last = failed(make_feed(), "rate-limited", jitter=0.999)
    assert abs(gap(first) - gap(plain)) < minutes(2)
    assert gap(last) - gap(first) > SPREAD_OF_LIMITED * 0.95


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        pytest.param(None, minutes(18.75), id="none"),
        pytest.param(minutes(1), minutes(18.75), id="never sooner"),
        pytest.param(hours(3), hours(3), id="longer"),
        pytest.param(timedelta(days=30), LONGEST_WISH, id="a day at most"),
        pytest.param(minutes(-5), minutes(18.75), id="a date that is past"),
    ],
)
def test_retry_after_only_lengthens(wish: timedelta | None, expected: timedelta) -> None:
    assert gap(failed(make_feed(), "busy", retry_after=wish)) == expected


@pytest.mark.parametrize(
    ("planned", "wish", "expected"),
    [
        pytest.param(None, minutes(10), minutes(10), id="as soon as its host may be asked"),
        pytest.param(NOON + hours(2), minutes(10), hours(2), id="no sooner than planned"),
        pytest.param(NOON - hours(2), minutes(10), minutes(10), id="overdue"),
        pytest.param(None, None, timedelta(0), id="no wish"),
        pytest.param(None, timedelta(days=9), LONGEST_WISH, id="a day at most"),
    ],
)
def test_resting_costs_a_feed_nothing(planned: datetime | None, wish: timedelta | None, expected: timedelta) -> None:
    feed = habitual(failures=2, failure_weight=1.0, moves=2, moving_to=NEW_ADDRESS, next_poll_at=planned)
    after = failed(feed, "resting", retry_after=wish)
    assert replace(after, next_poll_at=planned) == feed
    assert gap(after) == expected


def test_a_resumed_feed_is_due_and_trusted() -> None:
    feed = habitual(
        paused=True, muted=True, distrusted=True, failures=9, failure_weight=9.0, next_poll_at=NOON, etag='"1"'
    )
    after = resumed(feed)
    assert (after.paused, after.muted, after.distrusted) == (False, False, False)
    assert (after.failures, after.failure_weight) == (0, 0.0)
    assert (after.next_poll_at, after.etag, after.pace) == (None, '"1"', feed.pace)


def test_what_the_operator_says_now_counts_and_what_was_learnt_stays() -> None:
    known = habitual(name="Wire", etag='"1"', language="en", paused=True)
    said = make_feed(interval=hours(2), headers=(("X-Key", "${KEY}"),), conditional=False, origin="settings")
    after = as_said_now(known, said)
    assert (after.interval, after.headers, after.conditional, after.origin) == (
        hours(2),
        said.headers,
        False,
        "settings",
    )
    assert (after.name, after.language, after.etag, after.pace, after.paused) == ("Wire", "", '"1"', known.pace, True)


def test_at_another_address_nothing_is_known() -> None:
    known = habitual(name="Wire", etag='"1"', moved_to=NEW_ADDRESS, failures=3, item_rule="link+date", paused=True)
    after = as_said_now(known, make_feed(url="https://wire.example/all.xml"))
    assert after == make_feed(url="https://wire.example/all.xml", name="Wire", paused=True)


# Young articles


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        pytest.param(0.0, 1, id="an hour after it was seen"),
        pytest.param(1.0, 6, id="then six"),
        pytest.param(5.9, 6, id="whenever that is asked"),
        pytest.param(6.0, 24, id="then a day"),
        pytest.param(24.0, None, id="then no more"),
        pytest.param(9_999.0, None, id="ever"),
    ],
)
def test_next_check(age: float, expected: float | None) -> None:
    at = next_check(first_seen_at=NOON, now=NOON + hours(age))
    assert at == (None if expected is None else NOON + hours(expected))
    assert [hours(1), hours(6), hours(24)] == list(CHECKS)


def test_the_operators_ages_need_no_order() -> None:
    assert next_check(first_seen_at=NOON, now=NOON, ages=(hours(9), hours(2))) == NOON + hours(2)
    assert next_check(first_seen_at=NOON, now=NOON, ages=()) is None


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        pytest.param(1.5, 6, id="there is a look to come anyway"),
        pytest.param(24.1, 48.1, id="gone at the last look: once more a day later"),
        pytest.param(48.1, None, id="and no more after that"),
    ],
)
def test_a_page_that_is_gone_is_looked_at_once_more(age: float, expected: float | None) -> None:
    at = next_check(first_seen_at=NOON, now=NOON + hours(age), gone=True)
    assert at == (None if expected is None else NOON + hours(expected))
    assert next_check(first_seen_at=NOON, now=NOON, ages=(), gone=True) is None


# What holds of everything

JITTERS = st.floats(0, 1, exclude_max=True)
LENGTHS = st.timedeltas(timedelta(seconds=1), timedelta(days=400))
WISHES = st.none() | LENGTHS
HINTS = st.builds(
    Hints,
    ttl=WISHES,
    period=WISHES,
    skip_hours=st.frozensets(st.integers(0, 23)),
    skip_days=st.frozensets(st.integers(0, 6)),
)
FEEDS = st.builds(
    habitual,
    interval=st.none() | st.timedeltas(minutes(1), timedelta(days=40)),
    pace=st.none() | st.timedeltas(minutes(10), timedelta(days=1)),
    recent_news=st.floats(0, 60),
    recent_seconds=st.floats(0, 1e8),
    failures=st.integers(0, 99),
    failure_weight=st.floats(0, 999),
    hints=HINTS,
    muted=st.booleans(),
)
#: The longest that skipped hours and days can add, to the next full hour.
SKIPPED = LONGEST_SKIP + hours(1)


@given(FEEDS, LENGTHS, st.integers(0, 40), HINTS, WISHES, JITTERS)
def test_after_an_answer_the_next_poll_is_within_bounds(
    feed: Feed, elapsed: timedelta, new: int, hints: Hints, fresh_for: timedelta | None, jitter: float
) -> None:
    at = NOON + elapsed
    after = polled(feed, at=at, new=new, hints=hints, fresh_for=fresh_for, jitter=jitter)
    assert after.next_poll_at is not None
    assert after.pace is not None
    assert BOUNDS.shortest <= after.pace <= max(BOUNDS.longest, BOUNDS.interval)
    shortest = feed.interval or after.pace
    longest = feed.interval or max(after.pace, LONGEST_HINT)
    assert after.next_poll_at - at >= shortest * (1 - JITTER / 2)
    assert after.next_poll_at - at <= longest * (1 + JITTER / 2) + SKIPPED


@given(FEEDS, LENGTHS, st.integers(0, 20), st.integers(0, 20), JITTERS)
def test_more_news_never_make_a_feed_slower(feed: Feed, elapsed: timedelta, a: int, b: int, jitter: float) -> None:
    fewer, more = (polled(feed, at=NOON + elapsed, new=new, jitter=jitter).pace for new in sorted((a, b)))
    assert fewer is not None
    assert more is not None
    assert more <= fewer


@given(FEEDS, st.sampled_from(sorted(KINDS)), WISHES, JITTERS)
def test_after_a_failure_the_next_poll_is_within_bounds(
    feed: Feed, kind: str, wish: timedelta | None, jitter: float
) -> None:
    feed = replace(feed, next_poll_at=NOON)
    after = failed(feed, kind, jitter=jitter, retry_after=wish)
    longest = max(LONGEST_GAP_OF_LOST, feed.interval or LONGEST_GAP) + SPREAD_OF_LIMITED
    assert timedelta(0) <= gap(after) <= longest * (1 + JITTER / 2) + SKIPPED
    assert after.failure_weight >= feed.failure_weight
    assert after.muted >= feed.muted


@given(FEEDS, JITTERS)
def test_each_failure_waits_at_least_as_long_as_the_last(feed: Feed, jitter: float) -> None:
    feed = replace(feed, hints=Hints())
    once = failed(feed, jitter=jitter)
    twice = failed(once, jitter=jitter)
    assert gap(twice) >= gap(once)


@given(st.timedeltas(minutes(10), timedelta(days=1)), JITTERS)
def test_jitter_spreads_by_a_tenth(pace: timedelta, jitter: float) -> None:
    feed = polled(make_feed(interval=pace), jitter=jitter)
    assert pace * (1 - JITTER / 2) <= gap(feed) < pace * (1 + JITTER / 2) + timedelta(microseconds=2)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)), HINTS)
def test_skipping_only_postpones_and_ends_outside(moment: datetime, hints: Hints) -> None:
    then = outside_of_skipped(moment, hints)
    assert moment <= then <= moment + SKIPPED
    assert outside_of_skipped(then, Hints()) == then
