"""Dates of a query as the periods they name: `2026-01` is a month, from its first moment to the first of the next."""

import re
from datetime import UTC, datetime, timedelta

_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:[Tt](?P<hour>\d\d)(?::(?P<minute>\d\d)(?::(?P<second>\d\d))?)?[Zz]?)?)?)?",
    re.ASCII,
)
_LENGTHS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}


def period(text: str) -> tuple[datetime, datetime | None]:
    """The first moment of the year, month, day, hour, minute or second that `text` names, in UTC, and the first moment
    after it; None where the calendar ends.

    Raises:
        ValueError: it names none.
    """
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no date")
    given = {unit: int(value) for unit, value in found.groupdict().items() if value is not None}
    start = datetime(**{"month": 1, "day": 1, **given}, tzinfo=UTC)
    smallest = list(given)[-1]
    try:
        if smallest == "year":
            return start, start.replace(year=start.year + 1)
        if smallest == "month":
            return start, (start + timedelta(days=31)).replace(day=1)
        return start, start + _LENGTHS[smallest]
    except (ValueError, OverflowError):
        return start, None
