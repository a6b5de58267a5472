"""What an answer's headers say of time and change; whatever a server writes there, nothing is raised."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from multidict import MultiMapping

#: A directive of Cache-Control; its value may be quoted (RFC 9111, 5.2).
_DIRECTIVE = re.compile(r"""([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]*))?""")
_SECONDS = re.compile("[0-9]+")
#: Three years: what is longer is no wait, and breaks calendars.
LONGEST_WAIT = timedelta(seconds=10**8)


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """The wait a server asks for, given as seconds or as a date (RFC 9110, 10.2.3); None when it is neither."""
    if not value:
        return None
    if (seconds := _seconds(value)) is not None:
        return min(seconds, LONGEST_WAIT)
    moment = _moment(value)
    return None if moment is None else max(moment - now, timedelta(0))


def freshness(headers: MultiMapping[str], now: datetime) -> timedelta | None:
    """How much longer an answer that came at `now` is fresh by its own words (RFC 9111, 4.2); None where it does not
    say, or says that it is not. What is meant for shared caches (s-maxage) is not for us."""
    cache_control, expires = headers.get("Cache-Control"), headers.get("Expires")
    if cache_control is None and expires is None:
        return None
    directives: dict[str, str] = {}
    for name, value in _DIRECTIVE.findall(", ".join(headers.getall("Cache-Control", ()))):
        directives.setdefault(name.lower(), value.strip('"'))
    # With a value, no-cache is about the headers that it names, not about the answer.
    if "no-store" in directives or directives.get("no-cache") == "":
        return None
    if "max-age" in directives:
        fresh = _seconds(directives["max-age"])
    else:
        until, since = _moment(expires or ""), _moment(headers.get("Date", "")) or now
        fresh = None if until is None else until - since
    age = _seconds(headers.get("Age", "")) or timedelta(0)
    return None if fresh is None or fresh < age else fresh - age


def validator(headers: Mapping[str, str], name: str) -> str | None:
    """A validator that can be sent back and stored; one with other characters is as good as none (RFC 9110, 8.8.3)."""
    value = headers.get(name)
    return value if value and value.isascii() and value.isprintable() else None


def _seconds(digits: str) -> timedelta | None:
    """A number of seconds as headers write it, at most what a timedelta holds."""
    if not _SECONDS.fullmatch(digits.strip()):
        return None
    return timedelta(seconds=min(float(digits), timedelta.max.days * 86_400.0))


def _moment(value: str) -> datetime | None:
    """A date of a header in UTC; None where it is none, or names no zone."""
    try:
        moment = parsedate_to_datetime(value)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
