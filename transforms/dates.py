"""Dates as news pages write them, in the languages of `months`: what is written, before any zone is assumed.

Nothing is relative here: without a day, a month and a year ("two hours ago", "Monday 5:30 PM") there is no date.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from transforms.months import day_of, fold, month_of
from transforms.zones import ABBREVIATIONS, is_real, month_first, offset, offset_of, outlet_zone

#: Before the first there was no news on the web, and counters that were never set say 0001 or 1970.
YEARS = range(1995, 2100)
#: A byline is shorter; what comes later in a long text is another date.
MAX_TEXT = 300
#: A clock time further from its date than a weekday and a few words belongs to something else.
MAX_GAP = 30
#: How far from a month's name its day and its year may be, in words and numbers: "18 de noviembre, miércoles, de 2026".
MAX_WORDS = 5
#: No ISO 8601 moment is longer.
_MAX_ISO = len("2026-11-18T10:00:00.000000000+00:00[America/Argentina/Buenos_Aires]")

#: What words are made of, in scripts that Python's \w knows by half (the vowel signs of India are no letters to it).
_WORD = r"[^\s\d.,;:!/|()\[\]'\"’·•‧–—_@+،؛।、・-]"
_TOKEN = re.compile(rf"\d+|{_WORD}+")
#: Elements without a blank between them: "Nov 20 20194:29 AM", "Carrie ArnoldNovember 15, 2019".
_GLUED = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=\D(?:19|20)\d\d)(?=\d{1,2}:\d\d)")
_REIWA = re.compile(r"令和\s?(\d{1,2}|元)\s?年")
_YEAR_FIRST = re.compile(
    r"(?<!\d)(?P<y>\d{4})\s?(?:[-/.年년]|оны?\s)\s?(?P<m>\d{1,2})\s?(?:[-/.月월]|-?(?:р\s)?сар\w*\s)\s?(?P<d>\d{1,2})(?!\d)"
)
_YEAR_LAST = re.compile(
    r"(?<!\d)(?<!\d[./:-])(?P<a>\d{1,2})\s?(?P<s>[./-])\s?(?P<b>\d{1,2})\s?(?P=s)\s?"
    r"(?P<y>\d{4}(?!\d)|(?<![-])\d{2}(?![\d:]|[./-]\d))"
)
#: Where two digits of a year come first: "26.11.18".
_SHORT_YEAR_FIRST = frozenset(["ko", "ja", "zh", "hu"])
#: Words for the halves of a day, before and behind the time.
_AM = r"[ap]\.?\s?m\b\.?|[πμ]\.?\s?μ\b\.?"
_BEFORE_NOON = re.compile(r"a|π|午前|上午|凌晨|早上|清晨|오전|ص|sa|قبل|ق|सुबह|पूर्वाह्न|সকাল|এএম|ভোর|pg|p\.d", re.IGNORECASE)
_CLOCK = re.compile(
    rf"""(?<![\d.,:+])(?<!\d-)
    (?:(?P<half>{_AM}|午前|上午|凌晨|早上|清晨|午後|下午|晚上|傍晚|中午|오전|오후|सुबह|दोपहर|शाम|সকাল|ভোর|দুপুর|বিকাল|বিকেল|সন্ধ্যা)\s?)?
    (?P<h>\d{{1,2}})
    (?:\s?:\s?(?P<m>[0-5]\d)(?!\d)(?::(?P<s>[0-5]\d)(?!\d)(?:[.,]\d{{1,9}})?)?
     |\.(?P<dm>[0-5]\d)(?![\d%])(?:[.:](?P<ds>[0-5]\d)(?!\d))?
     |\s?(?:h|g[iì]o|u|時|时|點|点|시)\s?(?P<hm>[0-5]\d)(?!\d)(?:\s?(?:min|分|분)\b)?(?:\s?(?P<hs>[0-5]\d)\s?[秒초])?
     |(?:h|時|点|點|时|시)(?!{_WORD})|(?=\s?(?:{_AM}|uhr\b)))
    (?:\s?(?P<after>{_AM}|صباحا|مساء|ص|م|sa|ch|pg|ptg|[pm]\.d\.?|ق\.ظ|ب\.ظ|قبل\sاز\sظهر|بعد\sاز\sظهر|पूर्वाह्न|अपराह्न|এএম|পিএম)(?!{_WORD}))?
    (?:\s?(?:h|hs|hrs|uhr|часов|час|ч|น|klo)\b\.?)?
    (?:\s?[,(\[]?\s?(?:
      (?P<utc>utc|gmt|(?:بتوقیت\s)?[غج]رینتش)\s?(?P<ahead>[+-]\s?\d{{1,2}}(?::?\d{{2}})?(?!\d))?
      |(?P<number>[+-]\d{{2}}:?\d{{2}})(?!\d)
      |(?P<letters>(?-i:{ABBREVIATIONS})|z)(?![A-Za-z])))?""",
    re.IGNORECASE | re.VERBOSE,
)
#: "ET" after a time is "and" in a French headline; the short American names count in these languages only.
_SHORT_NAMES_IN = frozenset(["", "en", "es", "fil", "tl"])
#: 20261118, 2026/11/18, 2026-11/18, 2026/1118, 2026/nov/18.
_IN_URL = re.compile(
    r"(?<!\d)(199[5-9]|20\d\d)[-/_.]?(0[1-9]|1[0-2]|(?<=/)[a-z]{3}(?=/))[-/_.]?(0[1-9]|[12]\d|3[01])(?!\d)",
    re.IGNORECASE,
)
_LOOSE_IN_URL = re.compile(r"/(199[5-9]|20\d\d)/(\d{1,2})/(\d{1,2})(?=/|$)")
#: Unix seconds and milliseconds, by their number of digits.
_UNIX = {10: 1, 13: 1000}
_RUN_TOGETHER = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A date as written. Without a `clock` it names a day; without an `offset` nobody said whose clock it is."""

    day: date
    #: To the second.
    clock: time | None = None
    #: How far that clock is ahead of UTC.
    offset: timedelta | None = None

    @property
    def wall(self) -> datetime:
        """What calendar and clock on the wall show: a naive datetime, at midnight where there is no clock time."""
        return datetime.combine(self.day, self.clock or time())

    def at(self, ahead: timedelta) -> datetime:
        """The moment in UTC, if that clock is `ahead` of it."""
        return (self.wall - ahead).replace(tzinfo=UTC)


class _Found(NamedTuple):
    start: int
    end: int
    day: date


def parse(text: str, *, language: str = "", domain: str = "") -> Written | None:
    """The first date in `text`, with the clock time and the zone beside it; None where there is no whole date.

    `language` (a BCP 47 tag) and `domain` decide what is ambiguous: 11/12/2026 is in December, save for the American
    press; "IST" is the clock of India, of Israel or of Ireland. Never raises.
    """
    text = text.strip()
    if (text[:4].isdecimal() and text.isascii() and len(text) < _MAX_ISO) and (found := _by_machine(text)):
        return found
    return _by_hand(text[:MAX_TEXT], language.lower().replace("_", "-").partition("-")[0], language, domain.lower())


def day_in_url(url: str) -> date | None:
    """The day in the path of an address (/2026/11/18/, -20261118, /2026/nov/18/); None when there is none."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    for found in (*_IN_URL.finditer(path), *_LOOSE_IN_URL.finditer(path)):
        year, month, day = found.groups()
        number = int(month) if month.isdecimal() else month_of(month, "en")
        try:
            return date(int(year), number, int(day))
        except ValueError:
            continue
    return None


def _by_machine(text: str) -> Written | None:
    """ISO 8601, and digits alone: Unix time, or a date run together."""
    try:
        if text.isdecimal():
            if per_second := _UNIX.get(len(text)):
                return _written(datetime.fromtimestamp(int(text) // per_second, tz=UTC), clock=True)
            if form := _RUN_TOGETHER.get(len(text)):
                return _written(datetime.strptime(text, form), clock=len(text) > 8)  # noqa: DTZ007
            return None
        if "W" in text[:6]:  # 2026-W47 is a week, which Python takes for its Monday
            return None
        return _written(datetime.fromisoformat(text), clock=len(text) > len("2026-11-18"))
    except (ValueError, OverflowError, OSError):
        return None


def _written(moment: datetime, *, clock: bool) -> Written | None:
    if moment.year not in YEARS:
        return None
    ahead = moment.utcoffset()
    return Written(
        day=moment.date(),
        clock=moment.time().replace(microsecond=0) if clock else None,
        offset=ahead if clock and ahead is not None and is_real(ahead) else None,
    )


@lru_cache(maxsize=512)  # a page's dates are asked for twice: as claims, and as hints for other claims
def _by_hand(text: str, primary: str, tag: str, domain: str) -> Written | None:
    text = fold(_GLUED.sub(" ", text))
    if "令和" in text:
        text = _REIWA.sub(lambda era: f"{2018 + (1 if era[1] == '元' else int(era[1]))}年", text)
    numeric = [*_numeric_dates(text, primary, tag, domain)]
    text = _without(text, numeric)
    clocks = [*_clocks(text)]
    days = sorted([*numeric, *_named_dates(_without(text, clocks), primary, domain)])
    if not days:
        return None
    first = days[0]
    near = [clock for clock in clocks if min(days, key=lambda day: _gap(day, clock)) is first]
    best = min(near, key=lambda clock: _gap(first, clock), default=None)
    if best is None or _gap(first, best) > MAX_GAP:
        return Written(day=first.day)
    wall = datetime.combine(first.day, best.clock)
    return Written(day=first.day, clock=best.clock, offset=_offset(best.zone, wall, primary, tag, domain))


def _numeric_dates(text: str, primary: str, tag: str, domain: str) -> Iterator[_Found]:
    for found in _YEAR_FIRST.finditer(text):
        day = day_of(int(found["y"]), int(found["m"]), int(found["d"]), language=primary, domain=domain)
        if day and day.year in YEARS:
            yield _Found(found.start(), found.end(), day)
    for found in _YEAR_LAST.finditer(text):
        first, second, last = int(found["a"]), int(found["b"]), int(found["y"])
        if len(found["y"]) == 2:
            if found["s"] == "-":
                continue
            if primary in _SHORT_YEAR_FIRST:
                first, last = last, first
            last += 2000
        turned = second > 12 or (first <= 12 and month_first(domain, tag))
        month, number = (first, second) if turned else (second, first)
        day = day_of(last, month, number, language=primary, domain=domain)
        if day and day.year in YEARS:
            yield _Found(found.start(), found.end(), day)


def _named_dates(text: str, primary: str, domain: str) -> Iterator[_Found]:
    """Dates with a month's name; a few words may stand between the parts, but no other month ("mar. 18 nov. 2026")."""
    tokens = [*_TOKEN.finditer(text)]
    months = [0 if token[0].isdecimal() else month_of(token[0], primary) for token in tokens]
    start = 0
    for i, month in enumerate(months):
        if not month or i < start:
            continue
        # The two numbers next to the name, on either side.
        before = [n for n in range(i - 1, max(i - MAX_WORDS, start) - 1, -1) if tokens[n][0].isdecimal()]
        after = [n for n in range(i + 1, min(i + MAX_WORDS, len(tokens) - 1) + 1) if tokens[n][0].isdecimal()]
        orders = (
            (before[:1], after[:1]),  # day month year
            (after[:1], after[1:2]),  # month day year
            (after[:1], before[:1]),  # year month day
            (before[:1], before[1:2]),  # year day month
        )
        for days, years in orders:
            if not days or not years or len(tokens[days[0]][0]) > 2 or len(tokens[years[0]][0]) != 4:
                continue
            first, last = min(i, *days, *years), max(i, *days, *years)
            year, number = int(tokens[years[0]][0]), int(tokens[days[0]][0])
            day = day_of(year, month, number, language=primary, domain=domain)
            if day and day.year in YEARS and not set(months[first : last + 1]) - {0, month}:
                yield _Found(tokens[first].start(), tokens[last].end(), day)
                start = last + 1
                break


class _Clock(NamedTuple):
    start: int
    end: int
    clock: time
    #: The match, for what it says about the zone.
    zone: re.Match[str]


def _clocks(text: str) -> Iterator[_Clock]:
    for found in _CLOCK.finditer(text):
        hour = int(found["h"])
        minute = int(found["m"] or found["dm"] or found["hm"] or 0)
        second = int(found["s"] or found["ds"] or found["hs"] or 0)
        if (half := found["half"] or found["after"]) and 1 <= hour <= 12:
            hour = hour % 12 + (0 if _BEFORE_NOON.match(half) else 12)
        if hour < 24:
            yield _Clock(found.start(), found.end(), time(hour, minute, second), found)


def _offset(zone: re.Match[str], wall: datetime, primary: str, tag: str, domain: str) -> timedelta | None:
    if zone["number"]:
        return offset(zone["number"])
    if zone["utc"]:
        return offset(zone["ahead"].replace(" ", "")) if zone["ahead"] else timedelta(0)
    letters = zone["letters"]
    if not letters or (len(letters) == 2 and letters.isascii() and primary not in _SHORT_NAMES_IN):
        return None
    return offset_of(letters.upper() if letters == "z" else letters, wall, outlet_zone(domain, tag))


def _without(text: str, spans: "list[_Found] | list[_Clock]") -> str:
    """`text` with blanks where `spans` were: what is left keeps its place."""
    for span in spans:
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text


def _gap(day: _Found, clock: _Clock) -> int:
    """The number of characters between them; 0 where the time stands within the date, as in C's asctime."""
    return max(clock.start - day.end, day.start - clock.end, 0)
