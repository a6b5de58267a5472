"""Thirty simulated days of polling: what our schedule sees in time, misses and costs, beside fixed intervals and the
rule of Media Cloud (shared REFERENCES.md, item 1), for feeds whose publishing is known.

`python -m tests.benchmarks.schedule` prints the tables of docs/feeds.md.
"""

import math
import random
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import mean, median
from typing import Any, Protocol

from tests.factories import make_entry, make_feed
from transforms.records import Poll
from transforms.schedule import GRACE, Bounds, after_failure, after_poll

#: A Monday; simulated moments are hours from here.
START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAYS, SEED = 30, 2026
#: Hours between two runs of the cron job.
CRON = 5 / 60
GRACE_H = GRACE / HOUR
BOUNDS = Bounds()
ENTRY = make_entry()
OURS, OFTEN, HOURLY, MEDIA_CLOUD = "newswire", "every 15 min", "every hour", "Media Cloud's rule"


@dataclass(frozen=True)
class Site:
    """A feed with a known future: when it publishes (hours from `START`), and how many items it lists."""

    pattern: str
    items: list[float]
    window: int
    #: Hours between two items, or between two batches: an item is seen in time within twice as long.
    period: float


class Rule(Protocol):
    """When to poll one feed again."""

    def wait(self, at: float, *, new: int, listed: int) -> float:
        """Hours from the poll at `at`, which gave `listed` items, `new` ones among them."""


@dataclass(frozen=True)
class Fixed:
    hours: float

    def wait(self, at: float, *, new: int, listed: int) -> float:
        return self.hours


class MediaCloud:
    """Of two successive polls, the share of items known before: from two thirds on longer, below one third shorter."""

    def __init__(self) -> None:
        self.hours, self.full = 0.25, 0

    def wait(self, at: float, *, new: int, listed: int) -> float:
        known = 1 - new / listed if listed else 1.0
        self.full = self.full + 1 if known >= 0.67 else 0
        if self.full == 2:
            self.hours, self.full = self.hours * 1.5, 0
        elif known < 0.33:
            self.hours = min(6.0, self.hours / 2)
        self.hours = min(max(self.hours, 1 / 6), 24.0)
        return self.hours


class Ours:
    """The real decisions, records and all."""

    def __init__(self, dice: random.Random, bounds: Bounds = BOUNDS) -> None:
        self.feed, self.dice, self.bounds = make_feed(), dice, bounds

    def wait(self, at: float, *, new: int, listed: int) -> float:
        moment = START + at * HOUR
        poll = Poll(
            feed=self.feed,
            polled_at=moment,
            status="ok" if new else "unchanged",
            entries=(ENTRY,) * listed if new else (),
        )
        self.feed = after_poll(self.feed, poll, new=new, bounds=self.bounds, jitter=self.dice.random())
        return self._until_next(moment)

    def wait_after_failure(self, at: float, kind: str) -> float:
        moment = START + at * HOUR
        self.feed = after_failure(
            self.feed, kind=kind, reason=kind, at=moment, bounds=self.bounds, jitter=self.dice.random()
        )
        return self._until_next(moment)

    def _until_next(self, moment: datetime) -> float:
        assert self.feed.next_poll_at is not None
        return (self.feed.next_poll_at - moment) / HOUR - GRACE_H


def rules(dice: random.Random) -> dict[str, Callable[[], Rule]]:
    """What is compared; one new rule for each feed."""
    return {
        OURS: lambda: Ours(dice),
        OFTEN: lambda: Fixed(0.25),
        HOURLY: lambda: Fixed(1.0),
        MEDIA_CLOUD: MediaCloud,
    }


def sites(share: float = 1.0, days: int = DAYS, seed: int = SEED) -> list[Site]:
    """Feeds of all patterns, 1,000 of them at `share` 1."""
    dice = random.Random(seed)
    end = days * 24.0
    half = end / 2

    def clock(gap: float) -> list[float]:
        first = dice.random() * gap
        return [first + k * gap for k in range(int((end - first) / gap) + 1)]

    def poisson(gap: float, likely: Callable[[float], float] = lambda _: 1.0) -> list[float]:
        items, at = [], dice.expovariate(1 / gap)
        while at < end:
            if dice.random() < likely(at):
                items.append(at)
            at += dice.expovariate(1 / gap)
        return items

    def batches(gap: float, size: int) -> list[float]:
        return sorted(at + dice.random() * 0.02 for at in clock(gap) for _ in range(size))

    made: list[Site] = []

    def some(
        count: int, pattern: str, make: Callable[[], list[float]], windows: Iterable[int], period: float = 0.0
    ) -> None:
        for _ in range(max(1, round(count * share))):
            items = make()
            if items:
                made.append(Site(pattern, items, dice.choice(list(windows)), period or end / len(items)))

    small = (10, 20, 50)
    for gap, said in ((1 / 6, "10 min"), (0.5, "30 min"), (1, "1 h"), (3, "3 h"), (12, "12 h"), (24, "24 h")):
        some(40, f"clockwork, {said}", lambda gap=gap: clock(gap), small)
    for gap, said in ((1 / 6, "10 min"), (0.5, "30 min"), (1, "1 h"), (3, "3 h"), (12, "12 h")):
        some(60, f"by chance, {said}", lambda gap=gap: poisson(gap), small)
    for gap, said in ((0.25, "15 min"), (1, "1 h"), (4, "4 h")):
        some(80, f"office hours, {said}", lambda gap=gap: poisson(gap, _office), (20,))
    some(60, "ten at once every 6 h", lambda: batches(6, 10), (30,), 6.0)
    some(40, "flood by day, 20 an hour", lambda: poisson(0.05, _office), (100,))
    some(30, "office hours that move", lambda: poisson(0.5, _moving), (20,))
    some(30, "dormant, then 1 h", lambda: [at for at in poisson(1) if at >= half], (20,), 1.0)
    some(30, "1 h, then dormant", lambda: [at for at in poisson(1) if at < half], (20,), 1.0)
    some(30, "weekly", lambda: clock(168), (10,))
    return made


def _office(at: float) -> float:
    """How likely a desk works at that hour: from 7 to 22, at weekends half."""
    return (1.0 if 7 <= at % 24 < 22 else 0.08) * (0.5 if at // 24 % 7 >= 5 else 1.0)


def _moving(at: float) -> float:
    """A desk of ten hours a day that begins six hours later each week."""
    return 1.0 if (at - at // 168 * 6) % 24 < 10 else 0.0


@dataclass
class Score:
    """What came of polling some feeds for some days."""

    feeds: int = 0
    items: int = 0
    in_time: int = 0
    lost: int = 0
    polls: int = 0
    #: Of each feed, the share of its items seen in time: a flood then counts no more than a weekly.
    shares: tuple[float, ...] = ()

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.feeds + other.feeds,
            self.items + other.items,
            self.in_time + other.in_time,
            self.lost + other.lost,
            self.polls + other.polls,
            self.shares + other.shares,
        )

    def data(self, days: int) -> dict[str, float]:
        """The figures that are compared."""
        return {
            "in_time": round(self.in_time / max(self.items, 1), 4),
            "in_time_by_feed": round(mean(self.shares), 4) if self.shares else 0.0,
            "lost": self.lost,
            "polls_a_day": round(self.polls / self.feeds / days, 1),
        }


def poll(site: Site, rule: Rule, *, days: int, first: float) -> Score:
    """Poll one feed for so many days, at the ticks of a cron job, from hour `first` on."""
    items, end = site.items, days * 24.0
    at = _tick(first)
    seen = bisect_right(items, at)
    score = Score(feeds=1, polls=1)
    wait = rule.wait(at, new=min(seen, site.window), listed=min(seen, site.window))
    while (at := _tick(at + wait)) <= end:
        out = bisect_right(items, at)
        listed = items[max(seen, out - site.window) : out]
        score.items += out - seen
        score.lost += out - seen - len(listed)
        score.in_time += sum(1 for published in listed if at - published <= 2 * site.period)
        score.polls += 1
        seen = out
        wait = rule.wait(at, new=len(listed), listed=min(out, site.window))
    score.shares = (score.in_time / score.items,) if score.items else ()
    return score


def _tick(at: float) -> float:
    return math.ceil(at / CRON - 1e-6) * CRON


def compare(polled: list[Site], *, days: int, seed: int = SEED) -> dict[str, dict[str, Score]]:
    """Scores by rule and pattern."""
    scores: dict[str, dict[str, Score]] = {}
    for name, new_rule in rules(random.Random(seed)).items():
        starts = random.Random(seed)
        by_pattern = scores.setdefault(name, {})
        for site in polled:
            score = poll(site, new_rule(), days=days, first=starts.random() * 0.25)
            by_pattern[site.pattern] = by_pattern.get(site.pattern, Score()) + score
    return scores


def in_all(by_pattern: Mapping[str, Score]) -> Score:
    """All patterns together."""
    return sum(by_pattern.values(), Score())


#: Hours between two items of the feeds whose host fails, and how long it fails.
GAPS, OUTAGES = (0.25, 1.0, 6.0, 24.0), {"6 h": 6.0, "5 days": 120.0}


def outages(seeds: int = 20) -> dict[str, dict[str, tuple[float, float]]]:
    """Hours from a host's return until its feed is polled, as (median, longest), by outage and the feed's own gap."""
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for outage, hours in OUTAGES.items():
        for gap in GAPS:
            waits = [_wait_after(gap, hours, random.Random(seed)) for seed in range(seeds)]
            found.setdefault(outage, {})[f"{gap:g} h"] = (round(median(waits), 2), round(max(waits), 2))
    return found


def _wait_after(gap: float, outage: float, dice: random.Random) -> float:
    down = 24.0 * 10 + dice.random() * 24
    back = down + outage
    rule, at, seen = Ours(dice), 0.0, 0
    wait = rule.wait(at, new=0, listed=0)
    while (at := _tick(at + wait)) < back:
        if at < down:
            out = int(at / gap)
            wait = rule.wait(at, new=out - seen, listed=20)
            seen = out
        else:
            wait = rule.wait_after_failure(at, "timeout")
    return at - back


def measure(share: float = 1.0, days: int = DAYS) -> dict[str, Any]:
    """Ours against the others: earlier than every 15 minutes at no more than half its polls, and nothing more lost."""
    scores = compare(sites(share, days), days=days)
    total = {name: in_all(by_pattern) for name, by_pattern in scores.items()}
    figures = {name: score.data(days) for name, score in total.items()}
    ours, often = total[OURS], total[OFTEN]
    return {
        "feeds": ours.feeds,
        "days": days,
        "items": ours.items,
        "rules": figures,
        "patterns": {
            pattern: {name: by_pattern[pattern].data(days) for name, by_pattern in scores.items()}
            for pattern in scores[OURS]
        },
        "hours_until_polled_after_outage": outages(),
        "reached": figures[OURS]["in_time"] > figures[OFTEN]["in_time"]
        and figures[OURS]["in_time_by_feed"] > figures[OFTEN]["in_time_by_feed"]
        and 2 * ours.polls <= often.polls
        and ours.lost <= often.lost,
    }


def tables(result: Mapping[str, Any]) -> str:
    """The tables of docs/feeds.md: of each rule the share in time, items lost if any, and polls a day."""
    names = list(result["rules"])
    lines = [f"| pattern | {' | '.join(names)} |", f"|---{'|---' * len(names)}|"]

    def cell(score: Mapping[str, float]) -> str:
        lost = f", {score['lost']} lost" if score["lost"] else ""
        return f"{score['in_time']:.1%}{lost}, {score['polls_a_day']:g}"

    for pattern, by_rule in result["patterns"].items():
        lines.append(f"| {pattern} | {' | '.join(cell(by_rule[name]) for name in names)} |")
    compared = [result["rules"][name] for name in names]
    lines.append(f"| **all items** | {' | '.join(f'**{cell(rule)}**' for rule in compared)} |")
    by_feed = (f"{rule['in_time_by_feed']:.1%}" for rule in compared)
    lines.append(f"| mean of the feeds | {' | '.join(by_feed)} |")
    lines += ["", f"| down for | {' | '.join(f'one item every {gap:g} h' for gap in GAPS)} |", "|---" * 5 + "|"]
    for outage, by_gap in result["hours_until_polled_after_outage"].items():
        lines.append(f"| {outage} | {' | '.join(f'{m:g} h (at most {x:g} h)' for m, x in by_gap.values())} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(tables(measure()))
