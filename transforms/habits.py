"""What polling teaches: how a feed says that it changes, what its polls brought, what its host is like."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from transforms.zones import require_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """How often a feed says that it changes. Wishes, not orders: `transforms.schedule` caps each."""

    #: RSS 2.0 <ttl>.
    ttl: timedelta | None = None
    #: <sy:updatePeriod> divided by <sy:updateFrequency> (RSS 1.0, module Syndication).
    period: timedelta | None = None
    #: RSS 2.0 <skipHours>, 0 to 23, and <skipDays>, 0 (Monday) to 6; both in UTC.
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


#: What tells the items of a feed apart, best first (shared REFERENCES.md, item 5).
ItemRule = Literal["guid", "link+date", "link+date+title", "link+date+title+text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PollNote:
    """One poll, as the history of its feed keeps it."""

    at: datetime
    #: `new`, `known` (an answer with nothing new), `unchanged` (304, or the same bytes), or the kind of the failure
    #: (`transforms.errors.KINDS`).
    outcome: str
    #: Items in the answer, and those of them that were new or changed.
    entries: int = 0
    new: int = 0
    #: Until the last byte had come, and was read.
    seconds: float = 0.0
    reason: str = ""

    def __post_init__(self) -> None:
        require_utc(at=self.at)


#: What is kept of a feed's past: enough for a month's habits and a week to compare with them.
POLLS, DAYS = 30, 36


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHistory:
    """What is kept of a feed's past."""

    #: The last 30, oldest first.
    polls: tuple[PollNote, ...] = ()
    #: New entries by day (UTC), for up to 36 days back; days without a poll and days without news are missing.
    days: tuple[tuple[date, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What is known of a host: its robots.txt, and whether it wants to be left alone. Politeness is a host's matter,
    and outlives the run."""

    #: `scheme://host` or `scheme://host:port`, as `transforms.urls.origin_of` gives it: what a robots.txt is for.
    origin: str
    #: The text; empty where there is none; None while nobody has got an answer.
    robots: str | None = None
    #: When it was answered; without an answer, since when it was asked for in vain.
    robots_at: datetime | None = None
    #: Nothing is asked of it before.
    rests_until: datetime | None = None
    #: Why it rests, and rests in a row.
    reason: str = ""
    rests: int = 0

    def __post_init__(self) -> None:
        require_utc(robots_at=self.robots_at, rests_until=self.rests_until)
