"""How a feed is doing: a state, alarms and words."""

import random
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from math import exp
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.factories import FEED_URL, NOON, make_feed
from transforms.errors import KINDS
from transforms.habits import FeedHistory, PollNote
from transforms.health import STATES, AlarmKind, Health, State, health, spell
from transforms.records import Feed
from transforms.schedule import WEIGHTS

GUIDE = (Path(__file__).resolve().parents[2] / "docs/feeds.md").read_text("utf-8")
TODAY = NOON.date()
DAY = timedelta(days=1)


def make_history(outcomes: Sequence[str] = (), daily: Sequence[int] = (), until: datetime = NOON) -> FeedHistory:
    """Polls every 15 minutes, the last at `until`, and new entries on the days up to yesterday."""
    polls = tuple(
        PollNote(at=until - timedelta(minutes=15 * back), outcome=outcome)
        for back, outcome in zip(range(len(outcomes) - 1, -1, -1), outcomes, strict=True)
    )
    days = ((TODAY - DAY * back, new) for back, new in zip(range(len(daily), 0, -1), daily, strict=True))
    return FeedHistory(polls=polls, days=tuple((day, new) for day, new in days if new))


def answering(**overrides: Any) -> Feed:
    return make_feed(**{"last_polled_at": NOON, "last_status": "ok", "last_new_at": NOON, **overrides})


def failing(failures: int, **overrides: Any) -> Feed:
    return answering(failures=failures, last_status="failed", last_error="no answer", **overrides)


STEADY = [5, 3, 6, 4, 5, 7, 4] * 5


@pytest.mark.parametrize(
    ("feed", "history", "state", "words"),
    [
        pytest.param(make_feed(), make_history(), "new", "", id="never polled"),
        pytest.param(make_feed(), make_history(["resting"] * 4), "new", "", id="never even asked"),
        pytest.param(answering(), make_history(["new"] * 3), "well", "", id="well"),
        pytest.param(answering(paused=True, failures=9, muted=True), make_history(), "paused", "", id="paused"),
        pytest.param(failing(1, muted=True), make_history(["gone"]), "muted", "410", id="gone"),
        pytest.param(failing(1), make_history(["new", "timeout"]), "failing", "timeout", id="the last one failed"),
        pytest.param(failing(4), make_history(["new"] + ["dns"] * 4), "failing", "again by itself", id="four in a row"),
        pytest.param(
            failing(5), make_history(["new"] + ["dns"] * 5), "only-failing", "new address", id="five in a row"
        ),
        pytest.param(
            failing(5, last_new_at=None),
            make_history(["denied"] * 5),
            "only-failing",
            "never answered (denied)",
            id="never answered",
        ),
        pytest.param(
            failing(2, last_new_at=NOON - 3 * DAY),
            make_history(["timeout"] * 2),
            "only-failing",
            "2 polls",
            id="three days",
        ),
        pytest.param(
            failing(2, last_new_at=NOON - 9 * DAY, last_full_at=NOON - 2 * DAY),
            make_history(["timeout"] * 2),
            "failing",
            "",
            id="two days since its last answer, which brought nothing",
        ),
        pytest.param(
            failing(5, last_new_at=NOON - DAY),
            make_history(["new"] + ["dns"] * 5 + ["resting"]),
            "only-failing",
            "dns",
            id="resting is no failure, and no end to them",
        ),
        pytest.param(
            answering(last_new_at=NOON - 1.9 * DAY), make_history(daily=STEADY[:-1]), "well", "", id="a quiet day"
        ),
        pytest.param(
            answering(last_new_at=NOON - 2.5 * DAY),
            make_history(daily=[*STEADY[:-2], 0, 0]),
            "silent",
            "2026-11-16",
            id="silent",
        ),
        pytest.param(
            answering(last_new_at=NOON - 2.5 * DAY),
            make_history(daily=[9, 5, 5, 0, 0]),
            "well",
            "",
            id="habits unknown",
        ),
        pytest.param(
            answering(last_new_at=NOON - 15 * DAY),
            make_history(daily=[9, 5] + [0] * 15),
            "silent",
            "nothing new",
            id="dried up before its habits were known",
        ),
        pytest.param(
            answering(last_new_at=NOON - 5 * DAY),
            make_history(daily=[20, 20, 0, 0, 0, 20, 20] * 4 + [0] * 4),
            "well",
            "",
            id="free days are no silence",
        ),
        pytest.param(
            answering(last_new_at=NOON - 8.5 * DAY),
            make_history(daily=[1, 0, 0] * 9 + [0] * 6),
            "well",
            "",
            id="two a week",
        ),
        pytest.param(
            answering(last_new_at=NOON - 12 * DAY),
            make_history(daily=[10, 0, 0, 0, 0, 0, 0] * 4 + [0] * 6),
            "well",
            "",
            id="ten at once every week",
        ),
        pytest.param(
            answering(last_new_at=NOON - 15.5 * DAY),
            make_history(daily=[10, 0, 0, 0, 0, 0, 0] * 3 + [10] + [0] * 15),
            "silent",
            "",
            id="and not the second week",
        ),
        pytest.param(
            answering(last_new_at=NOON - 36 * DAY),
            make_history(["unchanged"]),
            "silent",
            "",
            id="five weeks without anything",
        ),
        pytest.param(
            answering(last_new_at=NOON - 30 * DAY),
            make_history(["unchanged"]),
            "well",
            "",
            id="four weeks, habits forgotten",
        ),
        pytest.param(
            answering(last_polled_at=NOON - 3 * DAY, last_new_at=NOON - 3 * DAY),
            make_history(daily=[*STEADY[:-3], 0, 0, 0]),
            "well",
            "",
            id="nobody has asked for days",
        ),
        pytest.param(answering(last_new_at=None), make_history(["known"] * 9), "well", "", id="nothing new, at first"),
        pytest.param(
            answering(last_new_at=None, last_polled_at=NOON + 3 * DAY),
            make_history(["known"] * 9),
            "silent",
            "never",
            id="never anything new",
        ),
    ],
)
def test_states(feed: Feed, history: FeedHistory, state: str, words: str) -> None:
    found = health(feed, history, NOON)
    assert found.state == state
    assert words in found.words
    assert bool(found.words) is (state not in ("new", "well", "paused"))


WEEKDAYS = [20, 22, 18, 21, 19, 2, 1]


@pytest.mark.parametrize(
    ("daily", "alarm"),
    [
        pytest.param([10] * 29, "", id="steady"),
        pytest.param([300] + [10] * 28, "", id="the first day has what the feed had listed for weeks"),
        pytest.param([10] * 22 + [5] * 7, "volume-low", id="half"),
        pytest.param([10] * 22 + [6] * 7, "", id="a little less"),
        pytest.param([10] * 22 + [18] * 7, "volume-high", id="nearly twice as many"),
        pytest.param([10] * 22 + [15] * 7, "", id="a little more"),
        pytest.param([10] * 8 + [4] * 7, "volume-low", id="15 days"),
        pytest.param([10] * 7 + [4] * 7, "", id="14 days, the first of which counts for nothing"),
        pytest.param([9, *(WEEKDAYS * 4)], "", id="weekends"),
        pytest.param([9, *(WEEKDAYS * 3), *(new // 2 for new in WEEKDAYS)], "volume-low", id="half, with weekends"),
        pytest.param([9, 2, 1, 0, 3, 1, 2, 1, *([1, 2, 0] * 5), 1, 0, 0, 0, 0, 0, 1], "", id="a small feed"),
        pytest.param([9, *[0] * 20, 1, *[0] * 3, 2, 1, 1, 1], "", id="a small feed wakes up"),
        pytest.param([9, *([0, 60, 0, 30, 0, 0, 90] * 4)], "", id="by fits and starts"),
    ],
)
def test_volume(daily: list[int], alarm: str) -> None:
    found = health(answering(), make_history(daily=daily), NOON)
    assert [one.kind for one in found.alarms] == ([alarm] if alarm else [])


def test_today_is_not_over() -> None:
    history = make_history(daily=[10] * 30)
    busy = FeedHistory(days=(*history.days, (TODAY, 500)))
    usual, found = health(answering(), history, NOON), health(answering(), busy, NOON)
    assert (found.alarms, found.new_a_day) == (usual.alarms, usual.new_a_day) == ((), 10.0)


@pytest.mark.parametrize("feed", [failing(1), failing(9), answering(paused=True), answering(muted=True)])
def test_a_feed_that_does_not_answer_has_no_volume(feed: Feed) -> None:
    found = health(feed, make_history(daily=[10] * 22 + [1] * 7), NOON)
    assert found.state != "well"
    assert found.alarms == ()


def note(new: int, entries: int, outcome: str = "new") -> PollNote:
    return PollNote(at=NOON, outcome=outcome, new=new, entries=entries)


@pytest.mark.parametrize(
    ("polls", "overflow"),
    [
        pytest.param([note(20, 20), note(20, 20)], True, id="two in a row"),
        pytest.param([note(20, 20), note(19, 20)], False, id="one was known: none is missing"),
        pytest.param([note(20, 20), note(0, 20, "known"), note(20, 20)], False, id="issues that replace each other"),
        pytest.param([note(20, 20), note(0, 0, "timeout"), note(20, 20)], False, id="a gap of our own"),
        pytest.param([note(20, 20), note(0, 0, "resting"), note(20, 20)], True, id="not asked in between"),
        pytest.param([note(1, 1), note(1, 1)], False, id="the latest item alone"),
        pytest.param([note(0, 0, "unchanged")] * 2, False, id="nothing"),
    ],
)
def test_overflow(polls: list[PollNote], overflow: bool) -> None:
    found = health(answering(), FeedHistory(polls=tuple(polls)), NOON)
    assert [one.kind for one in found.alarms] == (["overflow"] if overflow else [])


@pytest.mark.parametrize(
    ("answers", "flood"),
    [
        pytest.param([(0, 5), (1, 400)], False, id="its first answer"),
        pytest.param([(0, 200), (1, 5)], True, id="just so many"),
        pytest.param([(0, 199), (1, 5)], False, id="one less"),
        pytest.param([(0, 1), (23, 300), (40, 5)], True, id="today"),
        pytest.param([(0, 1), (24, 300), (40, 5)], False, id="a day ago"),
    ],
)
def test_flood(answers: list[tuple[int, int]], flood: bool) -> None:
    """Answers as hours before now, and how many items were new."""
    polls = [
        PollNote(at=NOON - timedelta(hours=hours), outcome="new", entries=1_000, new=new)
        for hours, new in answers[::-1]
    ]
    found = health(answering(), FeedHistory(polls=tuple(polls)), NOON)
    assert [one.kind for one in found.alarms] == (["flood"] if flood else [])
    assert all("feeds pause" in one.words for one in found.alarms)


@pytest.mark.parametrize(
    ("feed", "alarm", "words"),
    [
        pytest.param(
            {"moves": 2, "moving_to": "https://u:p@new.example/f"}, "moving", "https://***@new.example/f", id="moving"
        ),
        pytest.param({"moved_to": "https://u:p@new.example/f"}, "moved", "https://***@new.example/f", id="moved"),
        pytest.param({"moved_to": FEED_URL}, "", "", id="moved back"),
        pytest.param({"distrusted": True}, "distrusted", "resume", id="distrusted"),
        pytest.param({"item_rule": "link+date"}, "identity", "link and date", id="identity"),
    ],
)
def test_alarms(feed: dict[str, Any], alarm: str, words: str) -> None:
    found = health(answering(**feed), make_history(["new"]), NOON)
    assert [one.kind for one in found.alarms] == ([alarm] if alarm else [])
    assert all(words in one.words for one in found.alarms)
    assert found.in_trouble is bool(alarm)


def test_numbers() -> None:
    history = make_history(["new", "timeout", "resting", "known", "dns"], daily=[50, 4, 0, 4, 0, 4, 0, 4])
    found = health(failing(1, last_new_at=NOON - DAY), history, NOON)
    assert found.new_a_day == pytest.approx(16 / 7, abs=0.01)
    assert found.news_gap == 7 * DAY / 16
    assert found.failed_share == 0.5
    assert found.last_answer_at == NOON - timedelta(minutes=15)
    assert health(answering(), history, NOON).last_answer_at == NOON
    assert health(make_feed(), FeedHistory(), NOON) == Health(state="new")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (40, "40 s"), (60, "1 min"), (900, "15 min"), (5_400, "1.5 h"), (86_400, "24 h"), (2 * 86_400, "2 d")],
)
def test_spell(seconds: int, said: str) -> None:
    assert spell(timedelta(seconds=seconds)) == said


# Simulated feeds

FIRST = date(2026, 3, 2)


def by_chance(dice: random.Random, expected: float) -> int:
    """Poisson's number of items."""
    if expected > 50:
        return max(0, round(dice.gauss(expected, expected**0.5)))
    limit, count, product = exp(-expected), 0, dice.random()
    while product > limit:
        count, product = count + 1, product * dice.random()
    return count


def watch(expected: Callable[[random.Random, int], float], *, days: int, seed: int) -> list[list[str]]:
    """State and alarms of each morning, of a feed whose items come by chance."""
    dice = random.Random(seed)
    counts = [30, *(by_chance(dice, expected(dice, day)) for day in range(1, days))]
    seen = []
    for today in range(1, days):
        now = datetime.combine(FIRST, NOON.time(), NOON.tzinfo) + today * DAY
        past = range(max(0, today - 36), today)
        last = max(day for day in range(today) if counts[day])
        feed = answering(last_polled_at=now, last_new_at=now - (today - last) * DAY + timedelta(hours=3))
        history = FeedHistory(
            days=tuple((FIRST + day * DAY, counts[day]) for day in past if counts[day]),
            polls=(PollNote(at=now - min(today * DAY, timedelta(hours=7)), outcome="known"),),
        )
        found = health(feed, history, now)
        seen.append([one for one in (found.state, *(a.kind for a in found.alarms)) if one != "well"])
    return seen


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param(lambda dice, day: 0.3, id="two a week"),
        pytest.param(lambda dice, day: 1.0, id="one a day"),
        pytest.param(lambda dice, day: 5.0, id="five"),
        pytest.param(lambda dice, day: 100.0, id="a hundred"),
        pytest.param(lambda dice, day: 20.0 if day % 7 < 5 else 1.0, id="weekdays"),
        pytest.param(lambda dice, day: 20.0 if day % 7 < 5 else 0.0, id="weekdays only"),
        pytest.param(lambda dice, day: 5.0 * dice.lognormvariate(0, 0.8), id="bursts"),
    ],
)
def test_steady_feeds_cry_wolf_on_less_than_two_days_in_a_hundred(
    expected: Callable[[random.Random, int], float],
) -> None:
    mornings = [found for seed in range(12) for found in watch(expected, days=80, seed=seed)]
    assert sum(map(bool, mornings)) < 0.02 * len(mornings)


@pytest.mark.parametrize(
    ("before", "after", "within", "share"),
    [
        pytest.param(5, 0, 4, 0.95, id="five a day dry up"),
        pytest.param(1, 0, 14, 0.95, id="one a day dries up"),
        pytest.param(100, 0, 2, 1.0, id="a hundred dry up"),
        pytest.param(20, 10, 9, 0.9, id="twenty are halved"),
        pytest.param(100, 50, 5, 1.0, id="a hundred are halved"),
        pytest.param(20, 60, 4, 0.95, id="twenty become sixty"),
    ],
)
def test_a_change_is_noticed_within_days(before: float, after: float, within: int, share: float) -> None:
    change, runs = 45, 20
    noticed = 0
    for seed in range(runs):
        mornings = watch(lambda _, day: before if day < change else after, days=change + within + 1, seed=seed)
        noticed += any(mornings[change:])
    assert noticed >= share * runs


# The guide


def test_the_vocabulary_is_the_type() -> None:
    assert set(STATES) == set(get_args(State))


@pytest.mark.parametrize("word", [*STATES, *get_args(AlarmKind)])
def test_the_guide_explains_every_state_and_alarm(word: str) -> None:
    assert f"| **{word}** |" in GUIDE


@pytest.mark.parametrize("kind", KINDS)
def test_the_guide_explains_every_kind_of_failure_with_its_weight(kind: str) -> None:
    row = next(line for line in GUIDE.splitlines() if line.startswith(f"| {kind} |"))
    weight = row.split("|")[-3].strip()
    assert weight == ("–" if kind in NOT_OF_FEEDS else f"{WEIGHTS.get(kind, 0.5):g}")


#: Kinds that only items and articles have.
NOT_OF_FEEDS = {"no-link", "not-an-article", "unindexable"}
