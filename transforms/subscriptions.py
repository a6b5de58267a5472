"""A subscription: what somebody wants to hear of, where, and when. Decisions only: the clock is an argument.

A moment it fires at is not always a moment at which it may be told: digests wait for their time, nights are quiet.
`due_at` says when; how often at most (`cool_down`) is for the delivery, which knows when it last told something.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from transforms.monitor import Asked
from transforms.query import parse
from transforms.zones import require_utc

#: What is told of a story after the first time: nothing; that it is corrected or withdrawn; every change of it. With
#: `never`, a story of which a later version is the first to match is not told either.
Revisions = Literal["never", "matching", "always"]
#: How ids are written: they stand in file names, in addresses and in mails.
ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
IMMEDIATE = "immediate"
SHORTEST_DIGEST, LONGEST_DIGEST = timedelta(minutes=1), timedelta(days=7)
LONGEST_COOL_DOWN = timedelta(days=365)
#: A cron expression that has no moment within so long has none.
_EVERY, _UNITS = re.compile(r"every\s+(\d+)\s*([smhd])"), {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_QUIET = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*-\s*([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscription as its owner gave it. `problems` says whether it can be used."""

    id: str
    #: For people; empty: the id.
    name: str = ""
    #: In the query language (`transforms.query`), as typed; empty where the filters say it all.
    query: str = ""
    #: Filters, as in `transforms.monitor.Asked`.
    topics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    #: Who answers for it: an address or a name; for people.
    owner: str = ""
    #: Where to, as addresses (`transforms.channels`).
    channels: tuple[str, ...] = ()
    #: Keys that webhooks are signed with, as references (`${NAME}`, `${file:/path}`): while they change, the new one
    #: and the old one. Empty: those of the settings.
    signing: tuple[str, ...] = field(default=(), repr=False)
    #: `immediate`; `every 15m`: what came in since, together; `cron 0 7 * * 1-5`: together, at these moments.
    mode: str = IMMEDIATE
    #: The clock that `mode` and `quiet` go by: a name of the tz database.
    timezone: str = "UTC"
    #: Hours in which nothing is told, such as `22:00-06:30`; what comes then waits for their end. Empty: none.
    quiet: str = ""
    revisions: Revisions = "matching"
    #: For so long after a message the next one waits, and then tells everything that came in, together.
    cool_down: timedelta = timedelta(0)
    paused: bool = False
    #: From then on nothing fires.
    expires_at: datetime | None = None
    #: Since when it asks what it asks: what was stored before does not fire.
    since: datetime
    #: When it was last changed in any way.
    changed_at: datetime

    def __post_init__(self) -> None:
        require_utc(since=self.since, changed_at=self.changed_at, expires_at=self.expires_at)

    @property
    def title(self) -> str:
        """What to call it."""
        return self.name or self.id

    @property
    def together(self) -> bool:
        """Whether what is due is told in one message, rather than each story in its own."""
        return self.mode != IMMEDIATE or self.cool_down > timedelta(0)


def asked(subscription: Subscription) -> Asked:
    """What it asks of an article. Raises: QueryError."""
    return Asked(
        query=parse(subscription.query) if subscription.query.strip() else None,
        topics=subscription.topics,
        sources=subscription.sources,
        languages=subscription.languages,
    )


def active(subscription: Subscription, now: datetime) -> bool:
    """Whether it fires at all."""
    return not subscription.paused and (subscription.expires_at is None or now < subscription.expires_at)


def as_said_now(known: Subscription | None, said: Subscription) -> Subscription:
    """What is said now of a subscription, which may be known already: it asks since now only where it asks something
    else than before, or was silent. `said.since` and `said.changed_at` are now."""
    if known is None:
        return said
    now = said.changed_at
    asks = ("query", "topics", "sources", "languages")
    fired = active(known, now) or not active(said, now)
    same = fired and all(getattr(known, name) == getattr(said, name) for name in asks)
    merged = replace(said, since=known.since if same else said.since)
    return known if replace(merged, changed_at=known.changed_at) == known else merged


def paused(subscription: Subscription, *, now: datetime, pause: bool) -> Subscription:
    """Paused or resumed at `now`; a resumed one fires for what comes from then on."""
    if subscription.paused == pause:
        return subscription
    return replace(subscription, paused=pause, changed_at=now, since=subscription.since if pause else now)


def due_at(subscription: Subscription, now: datetime) -> datetime:
    """When an alert that is made at `now` may be told: at once, with the next digest, after the quiet hours.

    Raises: ValueError for a mode, quiet hours or a zone that `problems` names.
    """
    return after_quiet(subscription, _next(subscription.mode, subscription.timezone, now))


def after_quiet(subscription: Subscription, moment: datetime) -> datetime:
    """The moment itself, or the end of the quiet hours it lies in. Raises: ValueError."""
    if not subscription.quiet:
        return moment
    start, end = _hours(subscription.quiet)
    zone = _zone(subscription.timezone)
    local = moment.astimezone(zone)
    at = local.time()
    within = start <= at < end if start <= end else at >= start or at < end
    if not within:
        return moment
    day = local.date() + timedelta(days=1 if at >= end else 0)
    # In the hour that autumn repeats, the end is in the same one of the two.
    return datetime.combine(day, end, zone).replace(fold=local.fold).astimezone(UTC)


def problems(subscription: Subscription) -> list[str]:
    """Why a subscription cannot be used, each with the field's name; empty if it can. Its channels are not looked at
    (`transforms.channels.channel` does)."""
    found = []
    if not ID.fullmatch(subscription.id):
        found.append("id: small letters, digits, `.`, `_` and `-`, at most 63, the first a letter or digit")
    if not (subscription.query.strip() or subscription.topics or subscription.sources or subscription.languages):
        found.append("query: it asks for nothing; give a query, topics, sources or languages")
    checks: dict[str, Callable[[], object]] = {
        "query": lambda: asked(subscription),
        "timezone": lambda: _zone(subscription.timezone),
        "mode": lambda: _next(subscription.mode, "UTC", subscription.changed_at),
        "quiet": lambda: _hours(subscription.quiet) if subscription.quiet else None,
    }
    for name, check in checks.items():
        try:
            check()
        except ValueError as e:  # a QueryError is one
            found.append(f"{name}: {e}")
    if subscription.cool_down < timedelta(0):
        found.append("cool_down: is negative")
    if subscription.cool_down > LONGEST_COOL_DOWN:
        found.append(f"cool_down: at most {LONGEST_COOL_DOWN.days} days; pause the subscription instead")
    return found


def every(mode: str) -> timedelta | None:
    """The interval of a mode `every 15m`; None of any other. Raises: ValueError for one that is too short or long."""
    if (found := _EVERY.fullmatch(mode)) is None:
        return None
    if len(found[1]) > 9:
        raise ValueError(f"{mode!r} is too long")
    interval = timedelta(seconds=int(found[1]) * _UNITS[found[2]])
    if not SHORTEST_DIGEST <= interval <= LONGEST_DIGEST:
        raise ValueError(f"between every 1m and every 7d, got {mode!r}")
    return interval


def _next(mode: str, timezone: str, now: datetime) -> datetime:
    """The first moment after `now` that a mode tells at. Raises: ValueError."""
    if mode == IMMEDIATE:
        return now
    if (interval := every(mode)) is not None:
        # Counted from a fixed moment, so that what comes in between falls together however many workers there are.
        epoch = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
        return epoch + ((now - epoch) // interval + 1) * interval
    expression = mode.removeprefix("cron ")
    if expression == mode:
        raise ValueError(f"must be `immediate`, `every 15m` or `cron 0 7 * * 1-5`, got {mode!r}")
    try:
        moments = CronSim(expression.strip(), now.astimezone(_zone(timezone)))
        return next(moments).astimezone(UTC)
    except CronSimError as e:
        raise ValueError(f"{expression!r} is no cron expression ({e}); 0 7 * * 1-5 is 7:00 on working days") from e
    except StopIteration as e:
        raise ValueError(f"{expression!r} never comes") from e


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as e:  # KeyError is what an unknown name raises
        raise ValueError(f"there is no time zone {name!r}; they are named as Europe/Berlin") from e


@lru_cache(maxsize=1024)
def _hours(quiet: str) -> tuple[time, time]:
    if (found := _QUIET.fullmatch(quiet.strip())) is None:
        raise ValueError(f"must be hours such as 22:00-06:30, got {quiet!r}")
    hour, minute, to_hour, to_minute = map(int, found.groups())
    if (hour, minute) == (to_hour, to_minute):
        raise ValueError(f"{quiet!r} is the whole day; pause the subscription instead")
    return time(hour, minute), time(to_hour, to_minute)


def described(subscription: Subscription) -> str:
    """When it tells, in words."""
    parts = [
        "at once" if subscription.mode == IMMEDIATE else subscription.mode,
        subscription.timezone if subscription.mode.startswith("cron ") or subscription.quiet else "",
        f"quiet {subscription.quiet}" if subscription.quiet else "",
        f"at most every {lasting(subscription.cool_down)}" if subscription.cool_down else "",
    ]
    return ", ".join(filter(None, parts))


def lasting(length: timedelta) -> str:
    """A length of time as the settings have it, no shorter, in whole seconds: `90s`, `15m`, `36h`, `7d`."""
    seconds = -(-length // timedelta(seconds=1))
    letter, unit = next(one for one in reversed(_UNITS.items()) if (seconds and seconds % one[1] == 0) or one[1] == 1)
    return f"{seconds // unit}{letter}"


def named(subscriptions: Sequence[Subscription]) -> dict[str, Subscription]:
    """By id; of two of one id the last."""
    return {one.id: one for one in subscriptions}
