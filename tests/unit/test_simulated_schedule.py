"""Some simulated days of polling, through the real decisions: a short form of tests.benchmarks.schedule."""

import random

import pytest

from tests.benchmarks.schedule import (
    HOURLY,
    MEDIA_CLOUD,
    OFTEN,
    OURS,
    Fixed,
    Ours,
    Score,
    Site,
    compare,
    in_all,
    outages,
    poll,
    sites,
)

DAYS = 10


@pytest.fixture(scope="module")
def scores() -> dict[str, dict[str, Score]]:
    return compare(sites(share=0.05, days=DAYS), days=DAYS)


def test_a_fixed_interval_scores_what_can_be_counted_by_hand() -> None:
    """An item a quarter past each hour, two listed, looked at every two hours: nothing lost, all within 1:45."""
    site = Site("by hand", [hour + 0.25 for hour in range(24)], window=2, period=0.5)
    score = poll(site, Fixed(2.0), days=1, first=0.0)
    assert (score.polls, score.items, score.lost, score.in_time) == (13, 24, 0, 12)
    narrow = Site("by hand", site.items, window=1, period=1.0)
    assert poll(narrow, Fixed(2.0), days=1, first=0.0).lost == 12


def test_all_in_all_it_is_earlier_than_every_15_minutes_at_half_the_polls(scores: dict[str, dict[str, Score]]) -> None:
    ours, often = in_all(scores[OURS]).data(DAYS), in_all(scores[OFTEN]).data(DAYS)
    assert ours["in_time"] > often["in_time"]
    assert ours["polls_a_day"] <= often["polls_a_day"] / 2


@pytest.mark.parametrize("other", [HOURLY, MEDIA_CLOUD])
def test_it_is_earlier_than_the_others_and_loses_no_more(scores: dict[str, dict[str, Score]], other: str) -> None:
    ours, theirs = in_all(scores[OURS]), in_all(scores[other])
    assert ours.data(DAYS)["in_time_by_feed"] > theirs.data(DAYS)["in_time_by_feed"] + 0.05
    assert ours.lost <= theirs.lost


def test_every_pattern_is_seen_in_time(scores: dict[str, dict[str, Score]]) -> None:
    shares = {pattern: score.data(DAYS)["in_time"] for pattern, score in scores[OURS].items() if score.items}
    assert {pattern for pattern, share in shares.items() if share < 0.95} <= {"dormant, then 1 h"}
    assert shares["dormant, then 1 h"] > 0.5


def test_no_item_is_lost_once_a_feeds_habits_are_known(scores: dict[str, dict[str, Score]]) -> None:
    assert {pattern for pattern, score in scores[OURS].items() if score.lost} <= {"dormant, then 1 h"}


def test_a_quiet_feed_costs_a_poll_or_two_a_day(scores: dict[str, dict[str, Score]]) -> None:
    """The first day, when its habits are not known, included."""
    assert scores[OURS]["weekly"].data(DAYS)["polls_a_day"] < 4


def test_a_host_that_was_away_is_found_again() -> None:
    waits = outages(seeds=5)
    assert waits["6 h"]["0.25 h"][1] <= 1.5
    assert max(longest for _, longest in waits["5 days"].values()) <= 25


def test_the_same_seed_is_the_same_month() -> None:
    one, other = (poll(sites(0.01, 5)[2], Ours(random.Random(1)), days=5, first=0.1) for _ in range(2))
    assert one == other
