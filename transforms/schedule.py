"""When a feed is polled next, and what a poll teaches. Decisions only: clock and dice are arguments.

A feed is polled about as often as it publishes. Its pace follows the time between news over its last polls; its own
and its server's wishes can only make polls rarer, and each is capped: without a cap one hint put an hourly feed to
sleep for a week (shared REFERENCES.md, items 1 and 2). A failing feed is asked ever more rarely, and never given up:
feeds come back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from transforms.habits import Hints
from transforms.records import Feed, Poll

#: A cron job that starts a few seconds early still finds its feeds due.
GRACE = timedelta(minutes=1)
#: Each poll counts for this much less than the one after it.
MEMORY = 0.95
#: Of the time between two pieces of news: somewhat more often than it publishes.
SHARE = 0.7
#: A poll counts for no more news than this: ten items at once are one occasion, not ten.
OCCASION = 3
#: From one poll to the next, a pace slows down by no more than this: one quiet night is no habit.
SLOWER = 1.25
#: With a larger share of new items in an answer, older ones may have dropped out of it unseen.
OVERFLOW, AFTER_OVERFLOW = 2 / 3, timedelta(hours=6)
#: What a feed and its server may ask for at most.
LONGEST_HINT = timedelta(hours=1)
#: How long its skipHours and skipDays may put off a poll: a long weekend.
LONGEST_SKIP = timedelta(days=3)
#: What they may ask for at most after a refusal (Retry-After).
LONGEST_WISH = timedelta(hours=24)
#: However a feed has failed, it is asked once a day; after so much weight of failures in a row, once a month.
LONGEST_GAP, LONGEST_GAP_OF_LOST = timedelta(hours=24), timedelta(days=30)
LOST = 30.0
#: A server that said 429 is left alone for up to so much longer, so that its feeds do not all come back at once.
SPREAD_OF_LIMITED = timedelta(minutes=60)
#: Two feeds of one interval drift apart by up to this share of it, so that one source does not clump.
JITTER = 0.1
#: An answer in full at least this often: some servers say "unchanged" of a feed that has changed.
FULL_EVERY = timedelta(hours=24)
#: A permanent redirect is believed once it was met in so many polls in a row.
MOVES = 3

#: How much each kind of failure weighs; what is not named here weighs `SOFT`.
HARD, SOFT, TEMPORARY = 1.0, 0.5, 0.25
WEIGHTS: Mapping[str, float] = {
    "denied": HARD,
    "redirects": HARD,
    "forbidden": HARD,
    "robots": HARD,
    "too-large": HARD,
    "busy": TEMPORARY,
    "dropped": TEMPORARY,
    "resting": 0.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The operator's side of the schedule."""

    #: Of a feed whose habits are not known yet.
    interval: timedelta = timedelta(minutes=15)
    shortest: timedelta = timedelta(minutes=10)
    #: Half a day, not a whole one: a feed that wakes up must not have dropped its first items by then.
    longest: timedelta = timedelta(hours=12)


def asks_conditionally(feed: Feed, now: datetime) -> bool:
    """Whether to send the validators of the last answer."""
    trusted = feed.conditional and not feed.distrusted
    return trusted and feed.last_full_at is not None and now - feed.last_full_at < FULL_EVERY


def after_poll(feed: Feed, poll: Poll, *, new: int, bounds: Bounds, jitter: float) -> Feed:
    """The feed after an answer with `new` items that nobody had seen; `jitter` in [0, 1)."""
    at = poll.polled_at
    pace, news, seconds = _pace(feed, poll, new, bounds)
    hints = poll.hints if poll.status == "ok" else feed.hints
    interval = feed.interval or _no_rarer_than_wished(pace, hints, poll.fresh_for)
    moving_to, moves = _moving(feed, poll)
    return replace(
        feed,
        name=feed.name or poll.title,
        # An answer that broke off must not be taken for the whole next time.
        etag=poll.etag if poll.complete else None,
        last_modified=poll.last_modified if poll.complete else None,
        body_hash=poll.body_hash if poll.complete else None,
        last_polled_at=at,
        last_status=poll.status,
        last_error="" if poll.complete else "the answer broke off; what could be read was kept",
        last_full_at=at if poll.full and poll.complete else feed.last_full_at,
        last_new_at=at if new else feed.last_new_at,
        failures=0,
        failure_weight=0.0,
        pace=pace,
        recent_news=news,
        recent_seconds=seconds,
        muted=False,
        distrusted=feed.distrusted or _was_lied_to(feed, poll, new),
        hints=hints,
        moving_to="" if moves >= MOVES else moving_to,
        moves=0 if moves >= MOVES else moves,
        moved_to=moving_to if moves >= MOVES else feed.moved_to,
        item_rule=poll.item_rule if poll.status == "ok" else feed.item_rule,
        next_poll_at=outside_of_skipped(at + _jittered(interval, jitter), hints),
    )


def after_failure(
    feed: Feed,
    *,
    kind: str,
    reason: str,
    at: datetime,
    bounds: Bounds,
    jitter: float,
    retry_after: timedelta | None = None,
) -> Feed:
    """The feed after a poll that failed (`transforms.errors.KINDS`); its validators stay. `jitter` in [0, 1)."""
    wish = min(retry_after or timedelta(0), LONGEST_WISH)
    if kind == "resting":  # not the feed's fault: as soon as its host may be asked again
        return replace(feed, next_poll_at=max(at + wish, feed.next_poll_at or at))
    weight = feed.failure_weight + WEIGHTS.get(kind, SOFT)
    # Its wishes count here, too: a failure must not make a feed come round sooner than an answer would.
    interval = feed.interval or _no_rarer_than_wished(feed.pace or bounds.interval, feed.hints, None)
    gap = _gap_after(weight, interval)
    if kind == "rate-limited":
        gap += SPREAD_OF_LIMITED * jitter
    muted = feed.muted or kind == "gone"
    if muted:
        gap = LONGEST_GAP_OF_LOST
    failures = feed.failures + 1
    return replace(
        feed,
        last_polled_at=at,
        last_status="failed",
        last_error=reason,
        failures=failures,
        failure_weight=weight,
        muted=muted,
        moving_to="",
        moves=0,
        # Where the new address does not answer, either, the old one may again.
        moved_to="" if failures >= MOVES else feed.moved_to,
        next_poll_at=outside_of_skipped(at + max(_jittered(gap, jitter), wish), feed.hints),
    )


def as_said_now(known: Feed, said: Feed) -> Feed:
    """A known feed with what its operator says now. At another address, polling has taught nothing yet."""
    learnt = known if said.url == known.url else Feed(id=known.id, url=said.url, name=known.name, paused=known.paused)
    return replace(
        learnt,
        name=said.name or known.name,
        language=said.language,
        origin=said.origin,
        interval=said.interval,
        headers=said.headers,
        conditional=said.conditional,
        robots=said.robots,
        follow_moves=said.follow_moves,
    )


def resumed(feed: Feed) -> Feed:
    """The feed as an operator wants it who says `resume`: due at once, and trusted again."""
    return replace(
        feed,
        paused=False,
        muted=False,
        distrusted=False,
        failures=0,
        failure_weight=0.0,
        next_poll_at=None,
    )


def outside_of_skipped(moment: datetime, hints: Hints) -> datetime:
    """`moment`, or the first full hour after it that the feed does not ask to skip (RSS 2.0, in UTC), at most
    `LONGEST_SKIP` later. A feed that asks to skip everything is not believed."""
    if len(hints.skip_hours) >= 24 or len(hints.skip_days) >= 7:
        return moment
    latest = moment + LONGEST_SKIP
    while moment < latest and (moment.hour in hints.skip_hours or moment.weekday() in hints.skip_days):
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return moment


#: How old an article is at each look for changes.
CHECKS = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))


#: A page that was gone at the last look is looked at once more, so much later: some come back.
LAST_LOOK = timedelta(hours=24)


def next_check(
    *, first_seen_at: datetime, now: datetime, ages: tuple[timedelta, ...] = CHECKS, gone: bool = False
) -> datetime | None:
    """When to look for changes of an article next; None once it has passed the last of `ages`. `gone` says that its
    page was not there just now."""
    again = next((first_seen_at + age for age in sorted(ages) if first_seen_at + age > now), None)
    if again is None and gone and ages and now - first_seen_at < max(ages) + LAST_LOOK:
        return now + LAST_LOOK
    return again


def _pace(feed: Feed, poll: Poll, new: int, bounds: Bounds) -> tuple[timedelta, float, float]:
    """The pace that a feed's habits suggest now, and the news and seconds it is derived from. A poll at the wrong time
    does no harm: what counts is news per time, so that an early one makes no feed slower, and a late one none faster.
    """
    shortest = min(bounds.shortest, bounds.interval)
    if feed.last_polled_at is None or feed.pace is None:  # everything is new: that says nothing
        return bounds.interval, feed.recent_news, feed.recent_seconds
    # No more time than news are counted: a late poll (our own absence, hours it skips) makes no feed slow for days.
    elapsed = max((poll.polled_at - feed.last_polled_at).total_seconds(), 1.0)
    elapsed = min(elapsed, OCCASION * feed.pace.total_seconds())
    counted = min(new, OCCASION)
    news, seconds = feed.recent_news * MEMORY + counted, feed.recent_seconds * MEMORY + elapsed
    suggested = timedelta(seconds=SHARE * seconds / max(news, 0.05))
    if counted > 1 and not feed.failures:  # after a failure, nobody knows since when they wait
        suggested = min(suggested, timedelta(seconds=2 * elapsed / counted))
    if new > OVERFLOW * max(len(poll.entries), 1):
        suggested = min(suggested, AFTER_OVERFLOW)
    pace = max(shortest, min(suggested, feed.pace * SLOWER, bounds.longest))
    return pace, news, seconds


def _no_rarer_than_wished(pace: timedelta, hints: Hints, fresh_for: timedelta | None) -> timedelta:
    wished = max(hints.ttl or timedelta(0), hints.period or timedelta(0), fresh_for or timedelta(0))
    return max(pace, min(wished, LONGEST_HINT))


def _moving(feed: Feed, poll: Poll) -> tuple[str, int]:
    if not feed.follow_moves or not poll.moved_to or poll.moved_to == feed.address:
        return "", 0
    return poll.moved_to, feed.moves + 1 if poll.moved_to == feed.moving_to else 1


def _was_lied_to(feed: Feed, poll: Poll, new: int) -> bool:
    """Whether news came under the validators of an earlier answer: then "unchanged" means nothing here."""
    if not (new and poll.complete and poll.status == "ok"):
        return False
    if poll.etag or feed.etag:
        return poll.etag == feed.etag
    return poll.last_modified is not None and poll.last_modified == feed.last_modified


def _gap_after(weight: float, interval: timedelta) -> timedelta:
    """Linear in the weight of the failures in a row."""
    longest = LONGEST_GAP if weight <= LOST else LONGEST_GAP_OF_LOST
    return min(interval * (1 + weight), max(longest, interval))


def _jittered(gap: timedelta, jitter: float) -> timedelta:
    return gap * (1 + JITTER * (jitter - 0.5))
