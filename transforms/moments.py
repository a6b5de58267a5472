"""When something happened, out of what a page claims in several places: moments in UTC, the likeliest first.

Four things are known of such claims. Most carry their zone, and are right. Some carry none: then another claim of the
same page often shows by how much its clock is ahead, and else the outlet's country does. A midnight is mostly a day
that a program wrote as a moment. And a claim from the future is wrong, or local time that says it is UTC.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from transforms.dates import Written, parse
from transforms.records import Origin, Precision
from transforms.zones import is_real, outlet_zone, require_utc

#: Where a statement was found, and its words.
Claim = tuple[Origin, str]
#: A clock may be a little ahead of ours before a date counts as one from the future.
CLOCK_SKEW = timedelta(minutes=5)
#: Two claims further apart are about two things: the story, and one that the page links to.
_SAME_EVENT = timedelta(hours=36)
#: A page's offset is good for dates so near that daylight saving has mostly not changed between.
_SAME_SEASON = timedelta(days=30)
_UTC_OFFSET = timedelta(0)
#: How sure a reading is, best first: the zone is stated or shown by the page; it is the outlet's; nobody says, so it is
#: UTC; the clock time is a midnight or missing.
_STATED, _OUTLET, _UNKNOWN, _DAY = range(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A date as a page gives it. `precision` says whether its clock time means anything; a day is at midnight UTC."""

    at: datetime
    precision: Precision
    source: Origin
    #: Whether the zone of the clock time was neither stated nor shown by the page: it may be hours off.
    assumed: bool = False

    def __post_init__(self) -> None:
        require_utc(at=self.at)


@dataclass(frozen=True, slots=True)
class _Reading:
    moment: Moment
    written: Written
    rank: int


class _Face(NamedTuple):
    """A clock that says its zone: who shows it, what it shows, and how far it is ahead of UTC."""

    voice: Origin
    wall: datetime
    ahead: timedelta


def settle(
    claims: Sequence[Claim],
    *,
    hints: Sequence[Claim] = (),
    language: str = "",
    domain: str = "",
    fetched_at: datetime,
) -> tuple[Moment, ...]:
    """The moments that `claims` about one event (the publication, the last change) name, best first, none twice.

    `claims` come in order of trust; `hints` are claims of the same page about other events, which only show its clock.
    `language` (a BCP 47 tag) and `domain` are the outlet's. Nothing later than `fetched_at` is named.

    To the minute comes before to the day, a known zone before an assumed one, trust decides the rest. But claims that
    are not about the same day as the most trusted one come last, however exact: they are about another story.
    """
    said = [(source, written) for source, text in claims if (written := parse(text, language=language, domain=domain))]
    shown = [(source, written) for source, text in hints if (written := parse(text, language=language, domain=domain))]
    clocks = _Clocks(said, shown, outlet_zone(domain, language))
    latest = fetched_at + CLOCK_SKEW
    readings = [reading for source, written in said if (reading := clocks.read(source, written, latest))]
    if not readings:
        return ()
    best = sorted(
        (clocks.weigh(reading, readings) for reading in readings),
        key=lambda reading: (not clocks.same_event(readings[0], reading), reading.rank),
    )
    found: dict[tuple[datetime, Precision], Moment] = {}
    for reading in best:
        found.setdefault((_minute(reading.moment.at), reading.moment.precision), reading.moment)
    return tuple(found.values())


class _Clocks:
    """What a page shows of the clocks its claims are told by."""

    def __init__(
        self, said: list[tuple[Origin, Written]], shown: list[tuple[Origin, Written]], zone: ZoneInfo | None
    ) -> None:
        self._zone = zone
        #: Clock faces with their zones: of the event itself, and of any.
        self._exact = self._faces(said)
        self._any = self._faces([*said, *shown])

    def read(self, source: Origin, written: Written, latest: datetime) -> _Reading | None:
        """The moment that is meant; None for one after `latest`."""
        if written.clock is None:
            return self._day(source, written, latest)
        if written.offset is not None:
            at = written.at(written.offset)
            if at <= latest:
                if not self._is_midnight(written):
                    return _Reading(Moment(at=at, precision="minute", source=source), written, _STATED)
                if written.offset == _UTC_OFFSET and written.clock == time():
                    return self._day(source, written, latest)
                return _Reading(Moment(at=at, precision="minute", source=source), written, _DAY)
            if written.offset != _UTC_OFFSET:
                return None
            # From the future, in UTC: many a system writes its local time and a Z behind it.
            written = replace(written, offset=None)
        if written.clock == time():
            return self._day(source, written, latest)
        for rank, ahead in self._offsets(source, written):
            at = written.at(ahead)
            if at <= latest:
                moment = Moment(at=at, precision="minute", source=source, assumed=rank != _STATED)
                return _Reading(moment, written, rank)
        return None

    def same_event(self, first: _Reading, other: _Reading) -> bool:
        """Whether `other` may be about what `first`, the most trusted claim, is about."""
        if other is first:
            return True
        if first.rank != _DAY:
            return abs(first.moment.at - other.moment.at) <= _SAME_EVENT
        if other.rank == _DAY:
            return self._day_of(first) == self._day_of(other)
        day = self._day_of(first)
        if self._zone:
            local = other.moment.at.astimezone(self._zone).date()
            return day in (local, other.written.day, other.moment.at.date())
        # Somewhere on earth it is, or was, that day.
        start = datetime.combine(day, time(), tzinfo=UTC)
        return start - timedelta(hours=14) <= other.moment.at < start + timedelta(hours=36)

    def weigh(self, reading: _Reading, readings: list[_Reading]) -> _Reading:
        """`reading`, or a lesser one where the page shows that its zone is wrong. Seen in the wild:

        - 04:31-06:00 in JSON-LD, 04:31+00:00 in a meta tag, and "10:31 pm CST" in the byline: one clock face with two
          zones. A third claim, told by another clock, says which of the two is meant.
        - 11:00:04+00:00 in a meta tag, 10:00:04+00:00 in JSON-LD, an hour apart as the outlet is from UTC: the former
          is its local time.
        """
        stated = [other for other in readings if other.rank == _STATED and other.written.offset is not None]
        if reading not in stated:
            return reading
        votes = Counter(_minute(other.moment.at) for other in stated)
        at, face = _minute(reading.moment.at), _minute(reading.written.wall)
        twins = {_minute(other.moment.at) for other in stated if _minute(other.written.wall) == face}
        wrong = any(votes[twin] > votes[at] for twin in twins)
        if self._zone and reading.written.offset == _UTC_OFFSET:
            meant = reading.written.wall.replace(tzinfo=self._zone).astimezone(UTC)
            wrong = wrong or (meant != reading.moment.at and any(other.moment.at == meant for other in stated))
        return replace(reading, rank=_OUTLET) if wrong else reading

    def _offsets(self, source: Origin, written: Written) -> Iterator[tuple[int, timedelta]]:
        """How far the clock of a claim without a zone may be ahead of UTC, the likeliest first."""
        wall = written.wall
        local = wall.replace(tzinfo=self._zone).utcoffset() if self._zone else None
        for other in self._any:  # the same clock face, with its zone
            if _minute(other.wall) == _minute(wall):
                yield _STATED, other.ahead
        for other in self._exact:  # a face that whole hours would turn into it: the same event, told elsewhere
            gap = _apart(wall, other.wall - other.ahead)
            # Two events on the hour are whole hours apart, too.
            if is_real(gap) and (local in (None, gap) or wall.minute % 5):
                yield _STATED, gap
        for other in self._any:
            # One voice keeps one clock. Of another voice, UTC is what its program prefers, and says nothing of a place.
            told = other.voice == source or other.ahead != _UTC_OFFSET
            if told and abs(other.wall - wall) <= _SAME_SEASON:
                then = other.wall.replace(tzinfo=self._zone).utcoffset() if self._zone else None
                yield _STATED, local if local is not None and then == other.ahead else other.ahead
        if local is not None:
            yield _OUTLET, local
        yield from ((_OUTLET, other.ahead) for other in self._any if other.ahead != _UTC_OFFSET)
        yield _UNKNOWN, _UTC_OFFSET

    def _day(self, source: Origin, written: Written, latest: datetime) -> _Reading | None:
        at = datetime.combine(written.day, time(), tzinfo=UTC)
        return _Reading(Moment(at=at, precision="day", source=source), written, _DAY) if at <= latest else None

    def _faces(self, claims: list[tuple[Origin, Written]]) -> list[_Face]:
        return [
            _Face(source, written.wall, written.offset)
            for source, written in claims
            if written.clock is not None and written.offset is not None and not self._is_midnight(written)
        ]

    def _is_midnight(self, written: Written) -> bool:
        """Whether it is midnight on the clock that is written, or on the outlet's."""
        if written.clock == time():
            return True
        if not self._zone or written.offset is None:
            return False
        return written.at(written.offset).astimezone(self._zone).time() == time()

    def _day_of(self, reading: _Reading) -> date:
        written = reading.written
        if written.clock in (None, time()) or written.offset is None or not self._zone:
            return written.day
        return written.at(written.offset).astimezone(self._zone).date()


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0)


def _apart(one: datetime, other: datetime) -> timedelta:
    """`one` less `other`; to the minute where either may have lost its seconds."""
    return one - other if one.second and other.second else _minute(one) - _minute(other)
