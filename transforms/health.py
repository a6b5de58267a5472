"""How a feed is doing, in one word, and what about it is unusual. Decisions only: the clock is an argument.

A feed that dies mostly does so silently: it answers as ever and brings nothing, or less. What is usual is learnt from
its own last weeks (shared REFERENCES.md, item 9).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import sqrt
from statistics import fmean, variance
from types import MappingProxyType
from typing import Final, Literal

from transforms.errors import KINDS
from transforms.habits import FeedHistory, PollNote
from transforms.records import Feed
from transforms.schedule import MOVES
from transforms.urls import redact

State = Literal["only-failing", "silent", "muted", "failing", "well", "new", "paused"]
#: The states, those first that an operator should look at first.
STATES: Final[Mapping[State, str]] = MappingProxyType(
    {
        "only-failing": "at least five polls in a row have failed, or all of three days",
        "silent": "it answers, but has brought nothing new for much longer than it used to",
        "muted": "it answered 410 Gone, and is asked once a month",
        "failing": "the last poll has failed",
        "well": "it answers, and brings news as it used to",
        "new": "it was not polled yet",
        "paused": "the operator has paused it",
    }
)
#: The states that an operator should hear of without asking. A single failure is no news.
TROUBLE: Final = ("only-failing", "silent", "muted")
AlarmKind = Literal["volume-low", "volume-high", "flood", "overflow", "moving", "moved", "distrusted", "identity"]

#: Failures in a row, or time without an answer, after which a feed is only failing.
ONLY_FAILING, ONLY_FAILING_FOR = 5, timedelta(days=3)
#: No feed is silent before, and every feed is after.
QUIET, SILENT = timedelta(days=2), timedelta(days=35)
#: A feed is silent after so many of its mean gaps and of its longest one: weekends and holidays are no silence.
MEAN_GAPS, LONGEST_GAPS = 10, 2
#: The habits of a feed are known after so long; before, its silence must last as long.
HABIT = timedelta(days=14)
#: Days that are compared: the last week with up to three before. Whole weeks, each with its weekend.
WEEK, DAYS = 7, 28
#: The reference's bounds, in standard deviations of a day.
LOW, HIGH = 1.5, 2.0
#: So many new items in one answer are a flood, for a day: their pages, each after a pause, take a quarter of an hour.
FLOOD, FLOOD_FOR = 200, timedelta(days=1)

#: What to do about a failure that lasts.
_LOOK = "`newswire feeds check {id}` looks for a new address"
_ASK = "ask the outlet to let us in"
_ADVICE: Mapping[str, str] = {
    "dns": _LOOK,
    "not-found": _LOOK,
    "gone": _LOOK,
    "redirects": _LOOK,
    "not-a-feed": _LOOK,
    "denied": _ASK,
    "robots": _ASK,
    "rate-limited": f"{_ASK}, or set a longer interval",
    "forbidden": "see whether the address is right",
    "too-large": "raise [fetch] max_bytes if it is worth it",
}
_WAIT = "it is asked again by itself: write to the outlet if it lasts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something unusual about a feed."""

    kind: AlarmKind
    #: What happened, and what to do.
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a feed is doing."""

    state: State
    #: What happened, and what to do; empty when there is nothing to say.
    words: str = ""
    alarms: tuple[Alarm, ...] = ()
    #: New entries a day over the last week's whole days; None before there is one.
    new_a_day: float | None = None
    #: The mean time between two new entries, over the weeks that are remembered.
    news_gap: timedelta | None = None
    #: Of its last polls, at most 30, that were asked at all.
    failed_share: float = 0.0
    last_answer_at: datetime | None = None

    @property
    def in_trouble(self) -> bool:
        """Whether an operator should hear of it without asking."""
        return self.state in TROUBLE or bool(self.alarms)


def health(feed: Feed, history: FeedHistory, now: datetime) -> Health:
    """How `feed` is doing at `now`, by its history."""
    asked = [note for note in history.polls if note.outcome != "resting"]
    answered_at = _last_answer_at(feed, asked)
    days = _Days(feed, history, now)
    state, words = _state(feed, asked, answered_at, days)
    return Health(
        state=state,
        words=words,
        alarms=_alarms(feed, asked, days, now, well=state == "well") if state not in ("new", "paused") else (),
        new_a_day=round(fmean(days.whole[-WEEK:]), 2) if days.whole else None,
        news_gap=days.mean_gap,
        failed_share=round(sum(map(_failed, asked)) / len(asked), 2) if asked else 0.0,
        last_answer_at=answered_at,
    )


class _Days:
    """New entries by day, zero-filled."""

    def __init__(self, feed: Feed, history: FeedHistory, now: datetime) -> None:
        counts = dict(history.days)
        today = now.date()
        self.with_news: list[date] = sorted(day for day, new in counts.items() if new)
        moments = (feed.last_new_at, *(note.at for note in history.polls[:1]))
        known = [*self.with_news[:1], *(moment.date() for moment in moments if moment)]
        self.first: date = min(known, default=today)
        self.known_for = today - self.first
        # The first day has what the feed had listed for weeks; today is not over.
        later = (today - self.first).days - 1
        days = (today - timedelta(days=back) for back in range(min(later, DAYS), 0, -1))
        #: The last whole days, oldest first.
        self.whole: list[int] = [counts.get(day, 0) for day in days]
        self._news = sum(counts[day] for day in self.with_news[1:])

    @property
    def mean_gap(self) -> timedelta | None:
        """From the first day with news to the last, by the news in between."""
        return (self.with_news[-1] - self.with_news[0]) / self._news if self._news else None

    @property
    def silent_after(self) -> timedelta:
        """How long it may bring nothing."""
        gaps = [later - earlier for earlier, later in pairwise(self.with_news)]
        if self.known_for < HABIT:
            return HABIT
        if self.mean_gap is None:
            return SILENT
        return min(max(QUIET, MEAN_GAPS * self.mean_gap, LONGEST_GAPS * max(gaps)), SILENT)


def _state(feed: Feed, asked: Sequence[PollNote], answered_at: datetime | None, days: _Days) -> tuple[State, str]:
    if feed.paused:
        return "paused", ""
    if feed.muted:
        return "muted", f"it said 410 Gone, and is asked once a month: {_LOOK.format(id=feed.id)}"
    if feed.last_polled_at is None:
        return "new", ""
    if feed.failures:
        return _failing(feed, asked, answered_at, feed.last_polled_at)
    if feed.last_new_at is None:
        begun = asked[0].at if asked else feed.last_polled_at
        if feed.last_polled_at - begun > QUIET:
            return "silent", "it has never brought anything that was not known: see whether it is the right feed"
        return "well", ""
    # Not until now: nobody may have asked for a while.
    if feed.last_polled_at - feed.last_new_at > days.silent_after:
        habit = f", and used to bring something every {spell(days.mean_gap)}" if days.mean_gap else ""
        since = f"nothing new since {feed.last_new_at:%Y-%m-%d}, though it answers{habit}"
        return "silent", f"{since}: {_LOOK.format(id=feed.id)}"
    return "well", ""


def _failing(feed: Feed, asked: Sequence[PollNote], answered_at: datetime | None, last: datetime) -> tuple[State, str]:
    kind = next((note.outcome for note in reversed(asked) if _failed(note)), "failed")
    begun = answered_at or (asked[0].at if asked else last)
    reason = f": {feed.last_error}" if feed.last_error else ""
    if feed.failures < ONLY_FAILING and last - begun < ONLY_FAILING_FOR:
        return "failing", f"the last poll failed ({kind}){reason}; it is asked again by itself"
    since = f"since {answered_at:%Y-%m-%d %H:%M} UTC" if answered_at else "and it has never answered"
    said = f"{feed.failures} polls in a row have failed {since} ({kind}){reason}"
    return "only-failing", f"{said}; {_ADVICE.get(kind, _WAIT).format(id=feed.id)}"


def _alarms(feed: Feed, asked: Sequence[PollNote], days: _Days, now: datetime, *, well: bool) -> tuple[Alarm, ...]:
    found: list[Alarm] = []
    if well and (volume := _volume(days.whole)):
        found.append(volume)
    if flood := _flood(asked, now):
        words = (
            f"{flood.new} new items in one answer, {flood.at:%Y-%m-%d %H:%M} UTC: their pages are read one by one, and"
        )
        words += f" hold up no other host; if they are no news, `newswire feeds pause {feed.id}`"
        found.append(Alarm(kind="flood", words=words))
    if _overflown(asked):
        words = (
            "all items of two answers in a row were new or changed: others may have dropped out unseen (set a shorter"
        )
        words += " interval), or it rewrites its items at every poll"
        found.append(Alarm(kind="overflow", words=words))
    if feed.moves:
        words = f"it redirects to {redact(feed.moving_to)} for good; believed after {MOVES} polls in a row"
        found.append(Alarm(kind="moving", words=words))
    if feed.moved_to and feed.moved_to != feed.url:
        words = f"it has moved to {redact(feed.moved_to)} and is polled there: enter that address in your list"
        found.append(Alarm(kind="moved", words=words))
    if feed.distrusted:
        words = "it said 'unchanged' of what had changed: fetched in full until `newswire feeds resume` trusts it again"
        found.append(Alarm(kind="distrusted", words=words))
    if feed.item_rule != "guid":
        rule = feed.item_rule.replace("+", " and ")
        words = f"its items have no ids to rely on, and are told apart by {rule}: tell its webmaster"
        found.append(Alarm(kind="identity", words=words))
    return tuple(found)


def _volume(whole: Sequence[int]) -> Alarm | None:
    """The last week against the one to three before (at least 14 whole days in all). The deviation is that of a day
    from its own weekday's mean, so that weekends do not hide a feed that dries up, and at least that of pure chance
    (Poisson's, and one item), so that small feeds do not cry wolf."""
    weeks = len(whole) // WEEK
    if weeks < 2:
        return None
    now, before = fmean(whole[-WEEK:]), whole[-WEEK * weeks : -WEEK]
    usual = fmean(before)
    if weeks == 2:
        spread = variance(before)
    else:
        means = [fmean(before[weekday::WEEK]) for weekday in range(WEEK)]
        spread = sum((new - means[i % WEEK]) ** 2 for i, new in enumerate(before)) / (len(before) - WEEK)
    deviation = sqrt(max(spread, usual, 1.0))
    figures = f"{now:.1f} new a day in the last week, {usual:.1f} before"
    if now < usual - LOW * deviation:
        return Alarm(kind="volume-low", words=f"{figures}: see whether the site has a fuller feed")
    if now > usual + HIGH * deviation:
        return Alarm(kind="volume-high", words=f"{figures}: see whether it repeats itself, or has taken in other feeds")
    return None


def _flood(asked: Sequence[PollNote], now: datetime) -> PollNote | None:
    """The largest of a day's floods. A feed's first answer, as far as is known, has what it had listed for weeks."""
    later = [note for note in asked if not _failed(note)][1:]
    floods = [note for note in later if note.new >= FLOOD and now - note.at < FLOOD_FOR]
    return max(floods, key=lambda note: note.new, default=None)


def _overflown(asked: Sequence[PollNote]) -> bool:
    """Two answers in a row: one alone may be an issue that replaces the one before."""
    return any(_all_new(a) and _all_new(b) for a, b in pairwise(asked))


def _all_new(note: PollNote) -> bool:
    return note.entries > 1 and note.new >= note.entries


def _failed(note: PollNote) -> bool:
    return note.outcome in KINDS


def _last_answer_at(feed: Feed, asked: Sequence[PollNote]) -> datetime | None:
    if not feed.failures:
        return feed.last_polled_at
    notes = (note.at for note in asked if not _failed(note))
    return max((at for at in (*notes, feed.last_full_at, feed.last_new_at) if at), default=None)


def spell(length: timedelta) -> str:
    """A length of time in the unit that fits: `40 s`, `15 min`, `3 h`, `2 d`."""
    seconds = length.total_seconds()
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size or (unit != "d" and seconds >= size):
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.0f} s"
