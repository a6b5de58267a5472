"""When a subscription tells, what is wrong with one, and what becomes of it when it is said anew."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.factories import NOON
from transforms.errors import QueryError
from transforms.monitor import Asked
from transforms.query import Words
from transforms.subscriptions import (
    Subscription,
    active,
    after_quiet,
    as_said_now,
    asked,
    described,
    due_at,
    every,
    named,
    paused,
    problems,
)

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def make(**overrides: Any) -> Subscription:
    return Subscription(**{"id": "idlib", "query": "idlib", "since": NOON, "changed_at": NOON, **overrides})


def utc(*at: int) -> datetime:
    return datetime(*at, tzinfo=UTC)  # type: ignore[misc,arg-type]


# Modes


@pytest.mark.parametrize(
    ("mode", "zone", "now", "due"),
    [
        pytest.param("immediate", "UTC", NOON, NOON, id="at once"),
        pytest.param("every 15m", "UTC", utc(2026, 11, 18, 12, 7), utc(2026, 11, 18, 12, 15), id="next quarter"),
        pytest.param("every 15m", "UTC", NOON, utc(2026, 11, 18, 12, 15), id="after, never at once"),
        pytest.param("every 15m", "UTC", NOON - timedelta(microseconds=1), NOON, id="just before"),
        pytest.param("every  90s", "UTC", NOON, utc(2026, 11, 18, 12, 1, 30), id="seconds"),
        pytest.param("every 1d", "Asia/Tokyo", NOON, utc(2026, 11, 19), id="a day is one of UTC"),
        pytest.param("every 7d", "UTC", NOON, utc(2026, 11, 23), id="weeks begin on Mondays"),
        pytest.param("every 1d", "UTC", utc(2025, 12, 31, 23), utc(2026, 1, 1), id="before they are counted from"),
        pytest.param("cron 0 7 * * 1-5", "UTC", utc(2026, 11, 20, 7), utc(2026, 11, 23, 7), id="not on a Saturday"),
        pytest.param("cron 0 7 * * *", "Europe/Berlin", utc(2026, 1, 1), utc(2026, 1, 1, 6), id="winter"),
        pytest.param("cron 0 7 * * *", "Europe/Berlin", utc(2026, 7, 1), utc(2026, 7, 1, 5), id="summer"),
        pytest.param("cron 0 7 * * *", "Europe/Berlin", utc(2026, 3, 28, 7), utc(2026, 3, 29, 5), id="into summer"),
        pytest.param("cron 0 7 * * *", "Europe/Berlin", utc(2026, 10, 24, 7), utc(2026, 10, 25, 6), id="out of it"),
        pytest.param("cron 0 7 * * *", "Asia/Kolkata", utc(2026, 1, 1), utc(2026, 1, 1, 1, 30), id="half an hour"),
        pytest.param("cron 0 0 29 2 *", "UTC", NOON, utc(2028, 2, 29), id="leap day"),
    ],
)
def test_due(mode: str, zone: str, now: datetime, due: datetime) -> None:
    assert due_at(make(mode=mode, timezone=zone), now) == due


def test_a_digest_in_a_night_of_an_hour_that_is_not_there_comes_once() -> None:
    digest = make(mode="cron 30 2 * * *", timezone="Europe/Berlin")
    due, told = utc(2026, 3, 27, 12), []
    for _ in range(3):
        due = due_at(digest, due)
        told.append(due.astimezone(BERLIN).date().isoformat())
    assert told == ["2026-03-28", "2026-03-29", "2026-03-30"]


@pytest.mark.parametrize("mode", ["immediate", "cron 0 7 * * *", "every", "every m"])
def test_no_interval(mode: str) -> None:
    assert every(mode) is None


@pytest.mark.parametrize("mode", ["every 0m", "every 59s", "every 8d", "every 9999999999999999d"])
def test_intervals_that_are_too_short_or_long(mode: str) -> None:
    with pytest.raises(ValueError, match=r"every|too long"):
        every(mode)
    assert problems(make(mode=mode))


def test_intervals() -> None:
    assert (every("every 1m"), every("every 7d"), every("every 36h")) == (MINUTE, 7 * DAY, 36 * HOUR)


# Quiet hours


@pytest.mark.parametrize(
    ("quiet", "zone", "moment", "told"),
    [
        pytest.param("22:00-06:30", "UTC", utc(2026, 1, 1, 21, 59), None, id="before"),
        pytest.param("22:00-06:30", "UTC", utc(2026, 1, 1, 22), utc(2026, 1, 2, 6, 30), id="from the first minute"),
        pytest.param("22:00-06:30", "UTC", utc(2026, 1, 2, 0), utc(2026, 1, 2, 6, 30), id="midnight"),
        pytest.param("22:00-06:30", "UTC", utc(2026, 1, 2, 6, 29, 59), utc(2026, 1, 2, 6, 30), id="to the last second"),
        pytest.param("22:00-06:30", "UTC", utc(2026, 1, 2, 6, 30), None, id="after"),
        pytest.param(" 12:00 - 14:00 ", "UTC", utc(2026, 1, 1, 13), utc(2026, 1, 1, 14), id="at noon"),
        pytest.param("12:00-14:00", "UTC", utc(2026, 1, 1, 23), None, id="not at night"),
        pytest.param("22:00-06:30", "Europe/Berlin", utc(2026, 1, 1, 21), utc(2026, 1, 2, 5, 30), id="its own clock"),
        pytest.param("22:00-06:30", "Europe/Berlin", utc(2026, 3, 28, 22), utc(2026, 3, 29, 4, 30), id="into summer"),
        pytest.param("22:00-06:30", "Europe/Berlin", utc(2026, 10, 24, 21), utc(2026, 10, 25, 5, 30), id="out of it"),
        pytest.param("00:00-06:00", "Asia/Kolkata", utc(2026, 1, 1, 19), utc(2026, 1, 2, 0, 30), id="from midnight on"),
        pytest.param("18:00-00:00", "UTC", utc(2026, 12, 31, 18), utc(2027, 1, 1), id="to midnight"),
    ],
)
def test_quiet_hours(quiet: str, zone: str, moment: datetime, told: datetime | None) -> None:
    assert after_quiet(make(quiet=quiet, timezone=zone), moment) == (told or moment)


def test_what_comes_at_night_waits_for_the_morning_and_a_digest_too() -> None:
    night = utc(2026, 11, 18, 23)
    assert due_at(make(quiet="22:00-06:30"), night) == utc(2026, 11, 19, 6, 30)
    assert due_at(make(quiet="22:00-06:30", mode="every 1h"), night) == utc(2026, 11, 19, 6, 30)
    assert due_at(make(quiet="22:00-06:30", mode="cron 0 7 * * *"), night) == utc(2026, 11, 19, 7)


CLOCKS = st.times().map(lambda at: f"{at:%H:%M}")
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"])


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    st.tuples(CLOCKS, CLOCKS).filter(lambda both: both[0] != both[1]).map("-".join),
    ZONES,
)
@example(utc(2026, 10, 25, 1, 15), "22:00-02:30", "Europe/Berlin")  # the second 02:15 of that night
@example(utc(2026, 3, 29, 0, 59), "22:00-02:30", "Europe/Berlin")  # there is no 02:30
def test_quiet_hours_end(moment: datetime, quiet: str, zone: str) -> None:
    """Whatever the clocks do: never told before, and told in the end."""
    subscription = make(quiet=quiet, timezone=zone)
    told = after_quiet(subscription, moment)
    assert moment <= told <= moment + 26 * HOUR
    assert after_quiet(subscription, told) == told


# What is said anew


@pytest.mark.parametrize("name", ["query", "topics", "sources", "languages"])
def test_what_asks_something_else_asks_from_now_on(name: str) -> None:
    said = make(**{name: "aleppo" if name == "query" else ("x",)}, since=NOON + HOUR, changed_at=NOON + HOUR)
    assert as_said_now(make(), said) == said


def test_what_asks_the_same_keeps_its_beginning() -> None:
    said = make(channels=("log:",), since=NOON + HOUR, changed_at=NOON + HOUR)
    assert as_said_now(make(), said) == replace(said, since=NOON)


def test_what_is_the_same_is_not_changed() -> None:
    known = make()
    assert as_said_now(known, make(since=NOON + HOUR, changed_at=NOON + HOUR)) is known
    assert as_said_now(None, known) is known


@pytest.mark.parametrize("silent", [{"paused": True}, {"expires_at": NOON + MINUTE}])
def test_what_was_silent_asks_from_now_on(silent: dict[str, Any]) -> None:
    said = make(since=NOON + HOUR, changed_at=NOON + HOUR)
    assert as_said_now(make(**silent), said).since == NOON + HOUR


def test_pausing_and_resuming() -> None:
    later = NOON + HOUR
    asleep = paused(make(), now=later, pause=True)
    assert asleep == make(paused=True, changed_at=later)
    assert paused(asleep, now=later + HOUR, pause=True) is asleep
    awake = paused(asleep, now=later + HOUR, pause=False)
    assert awake == make(since=later + HOUR, changed_at=later + HOUR)  # what came in between does not fire
    assert paused(awake, now=later + DAY, pause=False) is awake


def test_active() -> None:
    assert active(make(), NOON)
    assert not active(make(paused=True), NOON)
    ends = make(expires_at=NOON)
    assert [active(ends, NOON - MINUTE), active(ends, NOON)] == [True, False]


# Problems


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        pytest.param({"id": "Idlib"}, "id", id="capital"),
        pytest.param({"id": ""}, "id", id="no id"),
        pytest.param({"id": "-a"}, "id", id="hyphen first"),
        pytest.param({"id": "a/b"}, "id", id="slash"),
        pytest.param({"id": "a" * 64}, "id", id="long id"),
        pytest.param({"id": "a\n"}, "id", id="line break"),
        pytest.param({"query": " "}, "query", id="asks for nothing"),
        pytest.param({"query": "a AND"}, "query", id="query"),
        pytest.param({"timezone": "Berlin"}, "timezone", id="no zone"),
        pytest.param({"timezone": "../etc/passwd"}, "timezone", id="a path"),
        pytest.param({"timezone": ""}, "timezone", id="no name"),
        pytest.param({"mode": "hourly"}, "mode", id="no mode"),
        pytest.param({"mode": "cron 61 * * * *"}, "mode", id="no minute"),
        pytest.param({"mode": "cron 0 7"}, "mode", id="half a cron"),
        pytest.param({"mode": "cron 0 0 30 2 *"}, "mode", id="never"),
        pytest.param({"quiet": "22-6"}, "quiet", id="no clock"),
        pytest.param({"quiet": "24:00-06:00"}, "quiet", id="no hour"),
        pytest.param({"quiet": "06:00-06:00"}, "quiet", id="all day"),
        pytest.param({"cool_down": -MINUTE}, "cool_down", id="negative"),
        pytest.param({"cool_down": timedelta(days=9_999_999)}, "cool_down", id="for ever"),
    ],
)
def test_problems(wrong: dict[str, Any], name: str) -> None:
    (found,) = problems(make(**wrong))
    assert found.startswith(f"{name}: ")


def test_all_problems_at_once() -> None:
    wrong = make(id="X", query="a AND", mode="x", quiet="x", timezone="x", cool_down=-MINUTE)
    assert [one.partition(":")[0] for one in problems(wrong)] == [
        "id", "query", "timezone", "mode", "quiet", "cool_down",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "right",
    [
        {},
        {"query": "", "topics": ("airstrikes:denied",)},
        {"query": "", "sources": ("wire",)},
        {"query": "", "languages": ("ar",)},
        {"id": "a.b_c-9", "mode": "cron 0 7 * * MON-FRI", "timezone": "Europe/Berlin", "quiet": "22:00-06:30"},
    ],
)
def test_no_problems(right: dict[str, Any]) -> None:
    assert problems(make(**right)) == []


def test_moments_are_utc() -> None:
    for name in ("since", "changed_at", "expires_at"):
        with pytest.raises(ValueError, match=name):
            make(**{name: NOON.astimezone(timezone(HOUR))})


def test_what_it_asks() -> None:
    filters: dict[str, Any] = {"topics": ("syria",), "sources": ("wire",), "languages": ("en", "ar")}
    assert asked(make(**filters)) == Asked(query=Words("idlib"), **filters)
    assert asked(make(query=" ", topics=("syria",))).query is None
    with pytest.raises(QueryError):
        asked(make(query="("))


def test_keys_are_not_shown() -> None:
    assert "KEY" not in repr(make(signing=("${KEY}",)))


def test_words_for_people() -> None:
    assert (make().title, make(name="Idlib today").title) == ("idlib", "Idlib today")
    assert described(make()) == "at once"
    assert described(make(mode="every 15m")) == "every 15m"
    assert described(make(mode="cron 0 7 * * *", timezone="Europe/Berlin")) == "cron 0 7 * * *, Europe/Berlin"
    rarely = make(quiet="22:00-06:30", cool_down=HOUR)
    assert described(rarely) == "at once, UTC, quiet 22:00-06:30, at most every 1h"


def test_together() -> None:
    assert [make().together, make(mode="every 1h").together, make(cool_down=MINUTE).together] == [False, True, True]


def test_named() -> None:
    assert named([make(), make(id="b"), make(name="later")]) == {"idlib": make(name="later"), "b": make(id="b")}
